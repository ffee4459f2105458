"""How far those jobs are that somebody waits for: a picture on a terminal, a line now and then in a pipe."""

import math
import sys
import time
from functools import partial

import click
from msgspec import DecodeError, msgpack

from goq.api.observing import Observer
from goq.commands.ends import say
from goq.commands.ends import verdict as verdict_of
from goq.commands.paper import can_redraw, paper_of, wants_hints
from goq.commands.wait_sets import JobSet
from goq.core.messages import Answer, Look, Shown
from goq.core.values.logs import AskLog, LogPart
from goq.core.values.pages import ROWS_LIMIT, Page, Rows
from goq.core.values.queries import query_bytes
from goq.core.values.result import Ended
from goq.core.values.text import printable
from goq.views.hints import Hint, hint
from goq.views.lines import Line, rendered
from goq.views.signs import sign_of_end
from goq.views.waiting import SETS_LIMIT, failure, going_on, picture, progress, summed, verdict

DRAW_EVERY_S, LOOK_EVERY_S, TELL_EVERY_S = 0.25, 1.0, 60.0
NAMED_FAILURES = 10  # of a set, in a pipe; all are counted


class Board:
    """What is said beside the results, on the standard error. `turn` is called while the server is waited for."""

    def __init__(self, observer: Observer, sets: list[JobSet], since_s: float, owner: str) -> None:
        self._observer = observer
        self._sets = sets
        self._since_s = since_s
        self._owner = owner  # whose jobs names mean
        self._begun_s = time.monotonic()
        self._is_picture = can_redraw(paper_of(sys.stderr)) and sum(each.size for each in sets) > 1
        self._lines = 0  # of the picture that is there
        self._draw_at = self._look_at = self._begun_s if self._is_picture else math.inf
        self._tell_at = self._begun_s + TELL_EVERY_S
        self._named: dict[int, int] = {}  # failures, by the set
        self._bad: Ended | None = None  # the last one that did not end well
        self._bad_shown = self._bad_word = ""

    def turn(self) -> float:
        """Show what there is to show; by when it is wanted again."""
        now_s = time.monotonic()
        if self._is_picture:
            if now_s >= self._look_at:
                self._look_at = now_s + LOOK_EVERY_S
                self._look()
            if now_s >= self._draw_at:
                self._draw()
            return min(self._look_at, self._draw_at)
        if now_s >= self._tell_at:
            self._tell_at = now_s + TELL_EVERY_S
            self._tell()
        return self._tell_at

    def note_end(self, ended: Ended, of: JobSet, *, is_told: bool) -> None:
        """A job has ended; whether its own line says so."""
        if ended.status and not is_told:
            self._note_failure(ended, of)
        if of.waited.has_ended and of.size > 1 and not self._is_picture:
            say(f"{of.waited.label}: {verdict(of.waited, self._took_s)}")

    def clear(self) -> None:
        """Take the picture away: something else is written there."""
        if self._lines:
            click.echo(f"\x1b[{self._lines}A\x1b[J", err=True, nl=False)
            self._lines = 0

    def close(self) -> None:
        """All have ended: the last picture stays, and a sentence below it."""
        if not self._is_picture:
            return
        self._draw(is_last=True)
        paper = paper_of(sys.stderr)
        click.echo(f"{verdict(summed([each.waited for each in self._sets]), self._took_s)}.", err=True)
        if (
            self._bad
            and wants_hints(paper)
            and (shown := hint([Hint("", ("goq", "why", self._bad_word))], paper))
        ):
            click.echo(shown, err=True)

    @property
    def _took_s(self) -> float:
        return time.monotonic() - self._begun_s

    def _note_failure(self, ended: Ended, of: JobSet) -> None:
        if self._is_picture:
            self._bad, self._bad_shown, self._bad_word = ended, "", of.word
            return
        number = self._named[id(of)] = self._named.get(id(of), 0) + 1
        if number <= NAMED_FAILURES:
            say(f"job {ended.job}: {printable(verdict_of(ended))}")
        elif number == NAMED_FAILURES + 1:
            say(f"more of {of.waited.label} fail: goq why {of.word}")

    def _tell(self) -> None:
        lasting = [each.waited for each in self._sets if each.size > 1 and not each.waited.has_ended]
        for each in lasting if len(lasting) <= SETS_LIMIT else [summed(lasting)]:
            say(progress(each))

    # --- the picture -----------------------------------------------------------------------

    def _draw(self, *, is_last: bool = False) -> None:
        self._draw_at = time.monotonic() + DRAW_EVERY_S
        paper = paper_of(sys.stderr)
        lines = picture([each.waited for each in self._sets], paper)
        if not is_last:
            lines.append(self._last_line())
        self.clear()
        sys.stdout.flush()
        text = "".join(f"{rendered(shown, paper)}\n" for shown in lines)
        click.echo(text, err=True, nl=False)
        self._lines = 0 if is_last else len(lines)

    def _last_line(self) -> Line:
        paper = paper_of(sys.stderr)
        if self._bad is None:
            return going_on(paper)
        ended = self._bad
        if not self._bad_shown:
            self._bad_shown = str(ended.job)
            self._observer.ask_beside(
                Look(query_bytes(AskLog(ended.job, limit=0))), partial(self._on_name, ended)
            )
        why = printable(ended.result.problem) if ended.result.cause else ""
        return failure(self._bad_shown, sign_of_end(ended).word, why, f"goq why {self._bad_word}", paper)

    def _on_name(self, ended: Ended, answer: Answer) -> None:
        if self._bad is ended and isinstance(answer, Shown):
            try:
                part = msgpack.decode(answer.found, type=LogPart)
            except DecodeError:
                return
            self._bad_shown, self._bad_word = part.shown, str(part.array or part.job)

    def _look(self) -> None:
        """Ask how many run; what is not answered is not shown."""
        for each in self._sets if len(self._sets) <= SETS_LIMIT else ():
            if not each.waited.has_ended:
                rows = Rows(each.selector, self._owner, since_s=self._since_s, limit=ROWS_LIMIT)
                self._observer.ask_beside(Look(query_bytes(rows)), partial(self._on_rows, each))

    @staticmethod
    def _on_rows(of: JobSet, answer: Answer) -> None:
        if isinstance(answer, Shown):
            try:
                of.note_rows(msgpack.decode(answer.found, type=Page).rows)
            except DecodeError:
                return
