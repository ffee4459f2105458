"""What capitals do: how each asks first, and what is said of it afterwards. Pure but for the Client that does it."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from goq.core.values.shown import Row, SubmissionRow
from goq.core.values.states import JobState
from goq.errors import RequestRefused
from goq.top.seen import BAD, DAY_S
from goq.views.numbers import count
from goq.views.strips import tally_words

if TYPE_CHECKING:
    from goq.api.client import Client
    from goq.api.talks import Changed

Do = Callable[["Client"], str]  # what is said of it then; raises GoqError
RETRY_S = 365 * DAY_S


class Question(NamedTuple):
    """What is asked, and what is done when the answer is y; with `entry` a line is asked for, and `do` gets it."""

    text: str
    do: Callable[["Client", str], str]
    entry: str | None = None  # what stands there at first


def word_of(row: Row) -> str:
    """The jobs of a row as a selector."""
    if not isinstance(row, SubmissionRow):
        return row.shown
    return str(row.id) if row.array or row.count == 1 else f"{row.id}-{row.id + row.count - 1}"


def described(rows: Sequence[Row]) -> str:
    """`4211 fold: 72 running, 3,479 waiting`."""
    sums: dict[JobState, int] = {}
    for row in rows:
        for state, number in _counts(row).items():
            if number:
                sums[state] = sums.get(state, 0) + number
    one = rows[0]
    shown = str(one.id) if isinstance(one, SubmissionRow) else one.shown
    called = f"{shown} {one.name or ''}".rstrip() if len(rows) == 1 else f"{count(len(rows))} rows"
    live = {state: number for state, number in sums.items() if state.is_live}
    return f"{called}: {tally_words(live or sums)}" if len(rows) > 1 or sum(sums.values()) > 1 else called


def _counts(row: Row) -> dict[JobState, int]:
    if isinstance(row, SubmissionRow):
        return dict(row.counts.by_state)
    return {row.state: 1}


def _has(rows: Sequence[Row], *states: JobState) -> int:
    return sum(_counts(row).get(state, 0) for row in rows for state in states)


def deed(key: str, rows: Sequence[Row]) -> Question | str:
    """What that capital asks of these rows; or why it does nothing."""
    if not rows:
        return "no job is there"
    words, what = [word_of(row) for row in rows], described(rows)
    match key:
        case "X" if _has(rows, *(state for state in JobState if state.is_live)):
            return Question(f"Kill {what}?", lambda client, _: _killed(client.kill(*words)))
        case "H" if _has(rows, JobState.WAITING):
            return Question(f"Hold {what}?", lambda client, _: _done(client.hold(*words), "held"))
        case "H" if _has(rows, JobState.HELD):
            return Question(f"Release {what}?", lambda client, _: _done(client.release(*words), "released"))
        case "P" if _has(rows, JobState.RUNNING):
            return Question(f"Pause {what}?", lambda client, _: _done(client.pause(*words), "paused"))
        case "P" if _has(rows, JobState.PAUSED):
            return Question(f"Let {what} go on?", lambda client, _: _done(client.resume(*words), "resumed"))
        case "R" if bad := _has(rows, *BAD):
            return Question(
                f"Submit the {count(bad)} failed of {what} again?", lambda client, _: _retried(client, words)
            )
        case "U" if _has(rows, JobState.WAITING, JobState.HELD):
            return Question(
                f"Priority of {what}: ", lambda client, said: _ranked(client, words, said), _priority(rows)
            )
        case _:
            return f"{what.partition(':')[0]} {_NOTHING[key]}"


_NOTHING = {
    "X": "has ended; there is nothing to kill",
    "H": "does not wait; there is nothing to hold",
    "P": "does not run; there is nothing to pause",
    "R": "has not failed; there is nothing to submit again",
    "U": "does not wait; its priority is of no use any more",
}


def drain(host: str, *, is_drained: bool) -> Question:
    """What D asks of a machine."""
    if is_drained:
        return Question(f"Give {host} jobs again?", lambda client, _: _undrained(client, host))
    return Question(
        f"Drain {host}; why, for others to read: ", lambda client, why: _drained(client, host, why), ""
    )


def _priority(rows: Sequence[Row]) -> str:
    row = rows[0]
    return str(row.priority or 0) if isinstance(row, SubmissionRow) else "0"


def _ranked(client: "Client", words: Sequence[str], said: str) -> str:
    try:
        priority = int(said)
    except ValueError as error:
        raise RequestRefused(f"'{said}' is no priority; 5 and -5 are. Nothing was done") from error
    return _done(client.alter(*words, priority=priority), f"now have priority {priority}")


def _killed(met: "Changed") -> str:
    return _words(
        (met.changed, "will not run"),
        (met.running, "is being killed" if met.running == 1 else "are being killed"),
        (met.ended, "had ended"),
    )


def _done(met: "Changed", done: str) -> str:
    return _words(
        (met.changed, done),
        (met.same, "were so before"),
        (met.running, "run already"),
        (met.waiting, "wait"),
        (met.ended, "had ended"),
    )


def _words(*counts: tuple[int, str]) -> str:
    return ", ".join(f"{count(number)} {what}" for number, what in counts if number) or "nothing was met"


def _retried(client: "Client", words: Sequence[str]) -> str:
    jobs = sum(len(client.retry(word, failed=True, since=RETRY_S)) for word in words)
    if not jobs:
        raise RequestRefused("none of these was submitted again: they were before, or have not failed")
    return f"{count(jobs)} submitted again"


def _drained(client: "Client", host: str, why: str) -> str:
    left = client.drain(host, why=why)
    return f"{host} gets no more jobs; {f'{count(left)} still run there' if left else 'nothing runs there'}"


def _undrained(client: "Client", host: str) -> str:
    client.undrain(host)
    return f"{host} gets jobs again"
