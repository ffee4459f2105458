"""Prints what is read of jobs' outputs, and says beside it, on a terminal, which attempt it is of and how that ended."""

import sys
from typing import Self

import click

from goq.api.logs import Began, Over, Reading, Said, Wrote
from goq.commands.paper import paper_of
from goq.core.values.ids import JobId
from goq.core.values.logs import GIVEN_UP, TRIED_AGAIN, LogPart
from goq.core.values.result import Ending
from goq.core.values.text import printable, show_folder
from goq.roles.said.saying import NOTE
from goq.views.clocks import clock
from goq.views.harmless import Harmless
from goq.views.lines import Ink, Span, line, rendered
from goq.views.marks import RULE
from goq.views.numbers import duration
from goq.views.prefixed import Prefixed
from goq.views.signs import sign_of_failure

_SILENT, _FOUND = "server silent", "server found"


def where(part: LogPart, outputs: bytes) -> str:
    """Where the file is, for somebody who is at that host."""
    if part.is_elsewhere:
        return f"{printable(part.path)} at {part.at.host or 'the host that runs it'}"
    return f"{show_folder(outputs)}/{printable(part.path)}"


def ending(part: LogPart) -> str:
    """How an attempt ended, in a word or two: `exit 1`, `lost: its worker fell silent`."""
    at = part.at
    if at.ending == GIVEN_UP:
        return f"lost: {printable(at.problem)}" if at.problem else "lost"
    if at.ending not in (Ending.FINISHED.value, TRIED_AGAIN):
        return at.ending
    failed = at.exit_code or at.signal or at.cause
    return sign_of_failure(at.exit_code, at.signal, at.cause).word if failed else "done"


class Printer:
    """The standard output, with what is said beside it. Of several jobs each line has its job's name before it."""

    def __init__(self, raw: bool, server: str) -> None:
        self._server = server
        self._is_harmless = sys.stdout.isatty() and not raw
        self._is_talking = sys.stderr.isatty()
        self._over: LogPart | None = None  # an attempt whose end was not said yet
        self._is_line_open = self._is_many = self._is_array = False
        self._harmless: dict[JobId, Harmless] = {}
        self._prefixed: dict[JobId, Prefixed] = {}
        self._statuses: dict[JobId, int] = {}
        self.trouble = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        sys.stdout.flush()

    def expect(self, count: int, *, is_array: bool) -> None:
        """So many jobs will be told of, all of one array or not."""
        self._is_many, self._is_array = count > 1, is_array

    @property
    def status(self) -> int:
        """That of the job with the lowest number that did not end well, of those that have ended; 0 if all did."""
        return next((status for _, status in sorted(self._statuses.items()) if status), 0)

    def tell(self, reading: Reading, said: Said) -> None:
        """Print it."""
        match said:
            case Wrote(data):
                self._write(reading.job, data)
            case Began(part):
                self._begin(part)
            case Over(part):
                self._end(part)

    def rest(self) -> None:
        """There is no more for now."""
        if self._over is not None:
            self.note(self._how_it_ended(self._over))
            self._over = None
        sys.stdout.flush()

    def note(self, text: str) -> None:
        """One line beside the output, where somebody looks on."""
        if not self._is_talking:
            return
        sys.stdout.flush()
        opened = "\n" if self._is_line_open else ""
        self._is_line_open = False
        shown = rendered(line(Span(f"{RULE * 2} {text} {RULE * 2}", Ink.DIM)), paper_of(sys.stderr))
        click.echo(f"{opened}{shown}", err=True)

    def say(self, text: str, event: str = NOTE, /, **_about: int | str) -> None:
        """What the connection has to say."""
        if event == _SILENT:
            self.note(f"{self._server} is silent; the log goes on when it is back")
        elif event == _FOUND:
            self.note(f"{self._server} is back")
        else:
            self.rest()
            click.echo(f"goq: {text}", err=True)

    # --- the parts -------------------------------------------------------------------------

    def _begin(self, part: LogPart) -> None:
        at = part.at
        self._label(part)
        if not self._is_many:
            since = f"{clock(at.begun_ns, paper_of(sys.stderr), with_seconds=True)}" if at.begun_ns else ""
            attempt = ", ".join(filter(None, [f"attempt {at.number} on {at.host or 'a host'}", since]))
            if self._over is not None:
                self.note(f"{self._how_it_ended(self._over)}; {attempt}")
                self._over = None
            else:
                self.note(f"{_name(part)}, {attempt}")
        if part.is_elsewhere:
            self._complain(part, f"what it writes is in {where(part, b'')}")

    def _label(self, part: LogPart) -> None:
        if self._is_many and part.job not in self._prefixed:
            is_item = self._is_array and part.array
            self._prefixed[part.job] = Prefixed(str(part.item) if is_item else part.shown)

    def _end(self, part: LogPart) -> None:
        if part.job in self._prefixed:
            self._print(part.job, self._prefixed[part.job].end(), is_last=True)
        elif part.at.number:
            self._print(part.job, b"", is_last=True)
        if part.trouble and part.at.ending != GIVEN_UP:
            self._complain(part, part.trouble)
        if part.at.is_last:
            self._statuses[part.job] = part.at.status
        if not self._is_many:
            self._over = part

    def _write(self, job: JobId, data: bytes) -> None:
        self._print(job, self._prefixed[job].feed(data) if self._is_many else data)

    def _print(self, job: JobId, data: bytes, *, is_last: bool = False) -> None:
        if self._is_harmless:
            harmless = self._harmless.setdefault(job, Harmless())
            data = harmless.feed(data, is_last=is_last).encode("utf-8", "backslashreplace")
        if data:
            sys.stdout.buffer.write(data)
            self._is_line_open = not data.endswith(b"\n")

    def _complain(self, part: LogPart, text: str) -> None:
        sys.stdout.flush()
        self.trouble = 1
        click.echo(f"goq: job {part.shown}: {text}", err=True)

    def _how_it_ended(self, part: LogPart) -> str:
        at = part.at
        ran_s = (at.ended_ns - at.begun_ns) / 1e9 if at.begun_ns and at.ended_ns else 0.0
        return f"{ending(part)} after {duration(ran_s)}" if ran_s > 0 else ending(part)


def _name(part: LogPart) -> str:
    """`14226 train.16`: its number, and what people call it."""
    if part.array:
        return f"{part.job} {part.name or part.array}.{part.item}"
    return f"{part.job} {part.name}" if part.name else f"job {part.job}"
