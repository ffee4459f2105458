"""What must not be had by too many at once: GPUs, and what a limit bounds. From the jobs' own logs alone."""

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from faults.checker import Log, Token

LIMIT = 3  # of jobs with a tag


class Stays:
    """From when to when each attempt had what, as /proc/uptime counts."""

    def __init__(self) -> None:
        self._of: defaultdict[str, list[tuple[float, float, str]]] = defaultdict(list)

    def note(self, token: "Token", attempt: int, log: "Log") -> None:
        """The attempt was there for so long, if it has said when it ended."""
        if attempt not in log.end_up_s:
            return
        stay = (log.start_up_s[attempt], log.end_up_s[attempt], f"{token.name} (attempt {attempt})")
        for gpu in log.gpus[attempt]:
            self._of[f"GPU {gpu}"].append(stay)
        if token.tag:
            self._of[f"tag {token.tag}"].append(stay)

    def breaches(self) -> list[str]:
        """A sentence for each moment at which too many had it."""
        found = []
        for what, stays in self._of.items():
            most = LIMIT if what.startswith("tag ") else 1
            there: list[tuple[float, float, str]] = []
            for stay in sorted(stays):
                there = [each for each in there if each[1] > stay[0]]
                there.append(stay)
                if len(there) > most:
                    found.append(f"{what}: {len(there)} at once: {[name for _, _, name in there]}")
        return found
