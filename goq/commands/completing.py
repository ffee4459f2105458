"""What a shell completes that the server knows: jobs, names, users, tags, machines, limits.

Silent where no server answers at once. What others have called their jobs is put into somebody's command line, so
only what no shell takes for more than a word is offered.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeVar

import click
from click.shell_completion import CompletionItem

from goq.api.client import Client
from goq.core.messages import (
    Answer,
    LimitsShown,
    Question,
    ShowLimits,
    ShowWorkers,
    Snapshot,
    TakeSnapshot,
    WorkersShown,
)
from goq.core.values.job import Job
from goq.core.values.states import JobState
from goq.core.values.text import printable, show_command
from goq.errors import GoqError

WITHIN_S = 0.15  # a Tab that takes longer is felt
_ROWS = 200  # of each kind
_HELP = 60  # characters
_WORD = re.compile(r"[A-Za-z0-9_.,:@%+/-]+").fullmatch
_TAG, _USER = "tag:", "user:"
A = TypeVar("A", bound=Answer)
_WAITING, _HELD, _RUNNING, _PAUSED, _ENDED = "waiting", "held", "running", "paused", "ended"
# In which state jobs are that a command does something to; others take any.
_MEANT = {
    "kill": {_WAITING, _HELD, _RUNNING, _PAUSED},
    "alter": {_WAITING, _HELD},
    "hold": {_WAITING},
    "release": {_HELD},
    "pause": {_RUNNING},
    "resume": {_PAUSED},
    "retry": {_ENDED},
}


class _Seen(NamedTuple):
    """A job, or an array, as it is offered."""

    number: int
    state: str
    command: str
    name: str = ""
    user: str = ""
    tags: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What it is, for shells that show that."""
        return " ".join(filter(None, (self.state, self.name, self.command)))


def jobs(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Selectors: numbers first, with what they are; then names, tags and users of the same jobs."""
    meant = _MEANT.get(context.info_name or "")
    seen = [each for each in _jobs() if meant is None or each.state in meant]
    offered = {str(each.number): each.words for each in seen}
    offered |= _counted((each.name for each in seen), "jobs of that name")
    offered |= _counted((f"{_TAG}{tag}" for each in seen for tag in each.tags), "jobs with that tag")
    offered |= _counted((f"{_USER}{each.user}" for each in seen if each.user), "jobs of that user")
    return _items(offered, incomplete)


def numbers(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Job numbers alone."""
    return _items({str(each.number): each.words for each in _jobs()}, incomplete)


def tags(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The tags of jobs that are there."""
    return _items(_counted((tag for each in _jobs() for tag in each.tags), "jobs with that tag"), incomplete)


def users(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Whose jobs are there."""
    return _items(_counted((each.user for each in _jobs()), "jobs of that user"), incomplete)


def machines(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Hosts that have workers."""
    shown = _glance(ShowWorkers(), WorkersShown)
    return _items({row.host: "" for row in shown.rows} if shown else {}, incomplete)


def limits(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Limits that are set."""
    shown = _glance(ShowLimits(), LimitsShown)
    rows = shown.rows if shown else ()
    return _items({row.name: f"{row.drawn} of {row.amount} in use" for row in rows}, incomplete)


def states(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """States of jobs, one behind another with commas."""
    before, comma, _ = incomplete.rpartition(",")
    return _items({f"{before}{comma}{state.value}": "" for state in JobState}, incomplete)


def files(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The shell knows."""
    return [CompletionItem(incomplete, type="file")]


def folders(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The shell knows."""
    return [CompletionItem(incomplete, type="dir")]


def commands(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The first word of a job is a program, or a file; others are files as likely as anything."""
    is_first = not context.params.get("words")
    return [CompletionItem(incomplete, type="command" if is_first else "file")]


def _jobs() -> Iterator[_Seen]:
    """What the server shows: what runs, what waits, what has ended last."""
    shown = _glance(TakeSnapshot(_ROWS), Snapshot)
    if shown is None:
        return
    for run in shown.running:
        yield _seen(run.job, _PAUSED if run.paused else _RUNNING)
    for job in shown.waiting:
        yield _seen(job, _HELD if job.terms.held else _WAITING)
    for row in shown.finished:
        yield _Seen(row.ended.job, _ENDED, show_command(row.argv))


def _seen(job: Job, state: str) -> _Seen:
    number = job.task.array if job.task and job.task.is_array else job.id
    user = job.origin.submitter.rpartition("@")[0]
    return _Seen(number, state, show_command(job.argv), job.terms.name, user, job.terms.tags)


def _counted(words: Iterable[str], what: str) -> dict[str, str]:
    return {word: f"{count} {what}" for word, count in Counter(filter(None, words)).items()}


def _items(offered: dict[str, str], incomplete: str) -> list[CompletionItem]:
    return [
        CompletionItem(word, help=printable(text)[:_HELP])
        for word, text in offered.items()
        if word.startswith(incomplete) and _WORD(word)
    ]


def _glance(question: Question, kind: type[A]) -> A | None:
    try:
        with Client() as client:
            return client.glance(question, kind, WITHIN_S)
    except GoqError:
        return None  # whoever types the command itself is told
