"""Looks a host up, again and again while it is wanted, on a thread of its own: DNS may take its time."""

import threading
from collections.abc import Callable

from goq.adapters.wire.places import Place, reachable_address

FIRST_S, LONGEST_S = 0.02, 1.0  # between tries that failed
AGAIN_S = 5.0  # after one that did not: the address may change while nobody answers there


class Lookout:
    """The address behind a name, as it is while there is no connection."""

    def __init__(self, place: Place, wake: Callable[[], None]) -> None:
        self._place = place
        self._wake = wake
        self._stop: threading.Event | None = None
        self._found: tuple[str, str] | None = None
        self.trouble = ""  # why there is no address

    @property
    def is_looking(self) -> bool:
        """It has been told to look, and not to stop."""
        return self._stop is not None

    def take(self) -> tuple[str, str] | None:
        """The address and its form for nng, if it was found, or is another one now; once."""
        found, self._found = self._found, None
        return found

    def start(self) -> None:
        """Look, and go on looking; `wake` is called when there is something to take."""
        if self._stop is None:
            self._stop = threading.Event()
            self._found = None
            self.trouble = ""
            threading.Thread(target=self._look, args=(self._stop,), daemon=True).start()

    def stop(self) -> None:
        """It is not wanted any more."""
        if self._stop is not None:
            self._stop.set()
            self._stop = None

    def _look(self, stop: threading.Event) -> None:
        pause_s, before = FIRST_S, ""
        while not stop.is_set():
            try:
                ip = reachable_address(self._place.host, self._place.port)
                found = ip, self._place.url(ip)
            except OSError as error:
                self.trouble = error.strerror or str(error)
                pause_s = min(2 * pause_s, LONGEST_S)
            else:
                self.trouble = ""
                pause_s = AGAIN_S
                if ip != before and not stop.is_set():
                    before, self._found = ip, found
                    self._wake()
            stop.wait(pause_s)
