"""What pages ask of the server, in one place."""

from goq.api.client import Client
from goq.api.talks import Talk
from goq.core.messages import (
    Answer,
    Follow,
    Followed,
    JobNotKnown,
    LimitRow,
    Question,
)
from goq.core.values.asides import AskToday, Today
from goq.core.values.cluster import Cluster, WorkerRow
from goq.core.values.logs import Stand
from goq.core.values.totals import Totals, TotalsOf
from goq.errors import JobUnknown
from goq.roles.client.line import Asked

_PARTS_LIMIT = 20  # of what happened


def cluster(client: Client) -> Cluster:
    """What there is, and who has what."""
    return client.cluster()


def workers(client: Client) -> tuple[WorkerRow, ...]:
    """All that are there."""
    return client.workers()


def limits(client: Client) -> tuple[LimitRow, ...]:
    """All that are set."""
    return client.limits()


def today(client: Client, since_ns: int) -> Today:
    """How it went since then."""
    return client.today(AskToday(since_ns))


def stand(client: Client, seen: Stand) -> Stand:
    """How far a job is with what it writes; as it was seen, when nothing has come for a while."""
    answer = client.run(_asked(Follow((seen,))))
    if isinstance(answer, Followed):
        return (*answer.stands, seen)[0]
    if isinstance(answer, JobNotKnown):
        raise JobUnknown(answer.job, f"at {client.address}")
    return seen


def _asked(question: Question) -> Talk[Answer]:
    return (yield Asked(question))


def totals(client: Client, begin_ns: int, step_s: int) -> list[Totals]:
    """What happened since then, in parts."""
    parts = [client.totals(TotalsOf(begin_ns, step_s))]
    while parts[-1].following is not None and len(parts) < _PARTS_LIMIT:
        parts.append(client.totals(TotalsOf(begin_ns, step_s, parts[-1].following)))
    return parts
