"""What goes wrong again and again is said, but not a thousand times."""

import time

from goq.roles.said.narration import Narrator

COMPLAIN_EVERY_S = 10.0


class Complaints:
    """Says what goes wrong: of each kind one line in ten seconds at most."""

    def __init__(self, narrator: Narrator) -> None:
        self._narrator = narrator
        self._made_at: dict[tuple[str, str], float] = {}

    def about(self, kind: str, text: str, place: str = "") -> None:
        """Something of this kind has gone wrong; elsewhere it is said apart."""
        now = time.monotonic()
        if now - self._made_at.get((kind, place), -COMPLAIN_EVERY_S) >= COMPLAIN_EVERY_S:
            self._made_at[kind, place] = now
            self._narrator.say(text, f"{kind} trouble")
