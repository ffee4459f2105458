"""The health of a worker's node, as a command of its owner sees it every minute.

The server is told each time what was found: an answer that is lost, a server that is another one, or a
person who has drained the node meanwhile need no thought here. What it makes of that is its own affair.
"""

import os
import time

from goq.adapters.jobs.checks import Check
from goq.adapters.machine import host_name
from goq.core.messages import Answer, Refused, SetLimit
from goq.core.values.job import By
from goq.core.values.limit_names import HEALTH, NODE
from goq.roles.client.calls import Call, Calls
from goq.roles.said import saying

EVERY_S = 60.0
RESEND_S = 20.0


class Checkup:
    """Runs the check, and tells the server of it."""

    def __init__(
        self, check: Check, calls: Calls, say: saying.Say, host: str, every_s: float = EVERY_S
    ) -> None:
        self.is_known = False  # the server knows how this node is
        self._check = check
        self._calls = calls
        self._say = say
        self._host = host  # what the server calls this node
        self._every_s = every_s
        self._start_at = 0.0
        self._problem = ""
        self._call: Call | None = None

    def filenos(self) -> list[int]:
        """Readable when `turn` is wanted."""
        return self._check.filenos()

    def next_deadline(self) -> float:
        """The monotonic second by which `turn` is wanted."""
        return self._check.next_deadline() if self._check.is_on else self._start_at

    def turn(self) -> None:
        """Begin the check when it is due, and see to it while it is on."""
        found = self._check.look()
        if not self._check.is_on and time.monotonic() >= self._start_at:
            self._start_at = time.monotonic() + self._every_s
            found = self._check.start() or found
        if found:
            self._tell(found.problem)

    def close(self) -> None:
        """Check no more."""
        self._check.close()

    def _tell(self, problem: str) -> None:
        if problem != self._problem:
            text = (
                f"this node is not well: {problem}; it is drained" if problem else "this node is well again"
            )
            self._say(text, "health trouble" if problem else "health recovered", problem=problem)
        self._problem = problem
        if self._call:
            self._calls.cancel(self._call)
        by = By(HEALTH, host_name()[:200], os.getpid())
        limit = SetLimit(f"{NODE}{self._host}", 0 if problem else None, problem, by)
        self._call = self._calls.ask(limit, self._on_answer, resend_s=RESEND_S)

    def _on_answer(self, answer: Answer) -> None:
        self._call = None
        if isinstance(answer, Refused):
            self._say(f"the server does not heed this node's health: {answer.reason}", "health trouble")
        self.is_known = True
