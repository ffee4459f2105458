"""What is said with the server: a generator each, that yields questions, is sent the answers, and returns what comes of it.

So who carries questions (threads, or an event loop) and what is asked know nothing of each other. Nothing here waits.
"""

import math
from collections.abc import Generator, Iterable, Sequence
from functools import reduce
from typing import TYPE_CHECKING, TypeVar

from msgspec import DecodeError, Struct

from goq.api.naming import Which, selectors_of
from goq.core.messages import (
    AckChange,
    AckImmolate,
    AckKey,
    AckLimit,
    AckReset,
    AckShutdownServer,
    Answer,
    AskReasons,
    AskWhy,
    Cancel,
    Change,
    ClusterShown,
    Happened,
    ImmolateWorkers,
    JobFinishedNotice,
    JobNotKnown,
    JobsFinishedNotice,
    KeyRow,
    KeysShown,
    LimitRow,
    LimitsShown,
    Look,
    Mean,
    Meant,
    News,
    ObserveEach,
    Question,
    ReasonsShown,
    Reset,
    Retried,
    RetriedRow,
    Retry,
    SetKey,
    SetLimit,
    ShowCluster,
    ShowKeys,
    ShowLimits,
    Shown,
    ShowWorkers,
    ShutdownServer,
    Snapshot,
    TakeSnapshot,
    Why,
    WorkerRow,
    WorkersShown,
)
from goq.core.messages.keys import KeyDeed
from goq.core.messages.looks import RANGES_LIMIT, REASONS_ASKED
from goq.core.values.changes import What
from goq.core.values.cluster import Cluster
from goq.core.values.ids import JobId
from goq.core.values.job import By
from goq.core.values.ranges import Range, Ranges, merged
from goq.core.values.result import Ended
from goq.core.values.selectors import Selector
from goq.core.values.who import Role
from goq.errors import JobUnknown, RequestRefused, TimeUp
from goq.roles.client.line import Asked

if TYPE_CHECKING:
    from goq.core.values.queries import Query
    from goq.core.values.reasons import Explained, Reason

JOBS_A_MESSAGE = 1000
HOUR_S = 3600.0
A = TypeVar("A", bound=Answer)
F = TypeVar("F", bound=Struct)
T = TypeVar("T")
Talk = Generator[Asked, Answer, T]


class Here(Struct, frozen=True):
    """Who asks whom: the server's address, for sentences, and the person."""

    address: str
    by: By


class Changed(Struct, frozen=True):
    """What a change met: so many jobs are `changed`, and as many were the `same` before.

    `running`: they run; a kill ends them, and what is for waiting jobs alone passes over them. `waiting`: what is for
    running jobs alone passes over them. Of numbers that were named so many had `ended` and are `unknown`. Not `done`: they are
    more than `at_most`, `others` of them somebody else's that no number names, and nothing has happened.
    """

    changed: int = 0
    same: int = 0
    running: int = 0
    ended: int = 0
    unknown: int = 0
    waiting: int = 0
    others: int = 0
    done: bool = True


def ask(here: Here, question: Question, kind: type[A], by_s: float | None = None) -> Talk[A]:
    """One question, and the answer of the kind that it has. Raises JobUnknown, and RequestRefused for any other."""
    answer = yield Asked(question, by_s=by_s)
    return expected(here, answer, kind)


def expected(here: Here, answer: Answer, kind: type[A]) -> A:
    """The answer, when it is of that kind. Raises JobUnknown, and RequestRefused for any other."""
    if isinstance(answer, kind):
        return answer
    if isinstance(answer, JobNotKnown):
        raise JobUnknown(answer.job, f"at {here.address}")
    raise RequestRefused(f"the server gave an unexpected answer: {type(answer).__name__}")


def late(question: Question) -> Talk[Answer]:
    """One question that may be answered late, through restarts of the server. Raises RequestRefused."""
    return (yield Asked(question, by_s=math.inf))


def look(here: Here, query: "Query[F]", by_s: float | None = None) -> Talk[F]:
    """What the server's reader finds, by that second of the monotonic clock where it may take any time. Raises RequestRefused, also when that is not to be understood."""
    from goq.core.values.queries import query_bytes  # noqa: PLC0415 - who looks at nothing waits for no query

    return found_in((yield from ask(here, Look(query_bytes(query)), Shown, by_s)), query)


def found_in(shown: Shown, query: "Query[F]") -> F:
    """What a look has found. Raises RequestRefused when that is not to be understood."""
    from msgspec import msgpack  # noqa: PLC0415 - as above

    try:
        return msgpack.decode(shown.found, type=query.found)
    except DecodeError as error:
        raise RequestRefused(
            f"the server's answer is not understood ({error}); is it another goq?"
        ) from error


# --- changing ------------------------------------------------------------------------------------


def change(here: Here, selectors: Iterable[Selector], what: What, at_most: int = 0) -> Talk[Changed]:
    """Have it done to all of them; what was met."""
    met: list[AckChange] = []
    for selector in selectors:
        answer = yield from ask(here, Change(selector, what, here.by, at_most), AckChange)
        if not answer.done:
            return _changed(answer)
        met.append(answer)
        while answer.left:
            answer = yield from ask(here, Change(selector, what, here.by), AckChange)
    return reduce(_sum, map(_changed, met), Changed())


def _changed(ack: AckChange) -> Changed:
    counts = (ack.changed, ack.same, ack.running, ack.ended, ack.unknown, ack.waiting)
    return Changed(*counts, ack.others, ack.done)


def _sum(one: Changed, other: Changed) -> Changed:
    names = Changed.__struct_fields__[:-1]
    return Changed(*(getattr(one, name) + getattr(other, name) for name in names))


def cancel(here: Here, job: JobId, signal: int) -> Talk[Answer]:
    """The one job. Raises RequestRefused with how it ended, when it has ended otherwise; JobUnknown."""
    answer = yield Asked(Cancel(job, signal, here.by))
    if isinstance(answer, JobNotKnown):
        raise JobUnknown(job, f"at {here.address}")
    return answer


def retry(here: Here, question: Retry) -> Talk[tuple[RetriedRow, ...]]:
    """What was submitted again."""
    return (yield from ask(here, question, Retried)).rows


# --- the cluster ---------------------------------------------------------------------------------


def limits(here: Here) -> Talk[tuple[LimitRow, ...]]:
    """All limits that are set, by name."""
    return (yield from ask(here, ShowLimits(), LimitsShown)).rows


def limit(here: Here, name: str, amount: int | None, why: str = "", *, now: bool = False) -> Talk[int]:
    """So much of it is in use."""
    return (yield from ask(here, SetLimit(name, amount, why, here.by, now), AckLimit)).drawn


def set_key(here: Here, role: Role, name: str, deed: KeyDeed, *, kill: bool = False) -> Talk[AckKey]:
    """Which generation of the keys of that user, or that node, counts now."""
    return (yield from ask(here, SetKey(role, name, deed, here.by, kill), AckKey))


def keys(here: Here, role: Role) -> Talk[tuple[KeyRow, ...]]:
    """All users, or nodes, that there are or were, by name."""
    return (yield from ask(here, ShowKeys(role), KeysShown)).rows


def workers(here: Here) -> Talk[tuple[WorkerRow, ...]]:
    """All that are there, by host and process."""
    return (yield from ask(here, ShowWorkers(), WorkersShown)).rows


def cluster(here: Here) -> Talk[Cluster]:
    """How it is, who has what, and what needs a hand."""
    return (yield from ask(here, ShowCluster(), ClusterShown)).cluster


def stat(here: Here, max_show: int = 0) -> Talk[Snapshot]:
    """What the server holds, with so many jobs of each kind at most."""
    return (yield from ask(here, TakeSnapshot(max_show), Snapshot))


def reset(here: Here) -> Talk[None]:
    """Zero the counters."""
    yield from ask(here, Reset(), AckReset)


def shutdown(here: Here) -> Talk[None]:
    """Stop the server."""
    yield from ask(here, ShutdownServer(), AckShutdownServer)


def immolate_workers(here: Here) -> Talk[int]:
    """Let all workers exit; how many were told."""
    return (yield from ask(here, ImmolateWorkers(), AckImmolate)).workers


def news(here: Here, since: int, by_s: float) -> Talk[int]:
    """The number of the latest event, when that is another. Raises TimeUp at that second of the monotonic clock."""
    return (yield from ask(here, News(since), Happened, by_s)).seq


# --- which jobs, and how they ended --------------------------------------------------------------


def mean(here: Here, selectors: Iterable[Selector], since_s: float = HOUR_S) -> Talk[Ranges]:
    """The numbers of these jobs, live or ended, in order and apart."""
    found: list[tuple[JobId, JobId]] = []
    for selector in selectors:
        found += (yield from ask(here, Mean(selector, here.by.owner, since_s), Meant)).ranges
    return merged(found) if found else ()


def why(here: Here, which: Which, user: str = "", since_s: float = HOUR_S) -> "Talk[Explained]":
    """What keeps most of them. Raises RequestRefused when no job is meant."""
    meant = yield from mean(here, selectors_of([which], (), user), since_s)
    if not meant:
        raise RequestRefused(f"'{which}' means no job")
    return (yield from ask(here, AskWhy(meant[:RANGES_LIMIT]), Why)).of


def reasons(here: Here, of: Sequence[Range]) -> "Talk[list[Reason | None]]":
    """Of each range the reason that most of its jobs share that wait; None where none waits."""
    found: list[Reason | None] = []
    for at in range(0, len(of), REASONS_ASKED):
        shown = yield from ask(here, AskReasons(tuple(of[at : at + REASONS_ASKED])), ReasonsShown)
        found += shown.rows
    return found


def some_ends(here: Here, jobs: tuple[JobId, ...], by_s: float) -> Talk[tuple[Ended, ...]]:
    """How some of the jobs ended, as soon as some have. Raises TimeUp at that second of the monotonic clock."""
    try:
        answer = yield Asked(ObserveEach(jobs[:JOBS_A_MESSAGE]), by_s=by_s)
    except TimeUp as error:
        more = "" if len(jobs) == 1 else f", and {len(jobs) - 1} more"
        raise TimeUp(f"the time is up, and job {jobs[0]}{more} had not ended") from error
    if isinstance(answer, JobFinishedNotice):
        return (answer.ended,)
    return expected(here, answer, JobsFinishedNotice).ends
