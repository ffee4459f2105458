"""What of others' jobs somebody does not see: arguments, folders, environments, scripts, inputs, outputs, and texts that tell of them. Pure."""

from msgspec.structs import replace

from goq.core.board.survey import says_whom
from goq.core.messages import (
    Answer,
    AskReasons,
    ClusterShown,
    FinishedRow,
    JobFinishedNotice,
    JobsFinishedNotice,
    Question,
    ReasonsShown,
    RunningRow,
    Snapshot,
    Why,
)
from goq.core.state.state import State
from goq.core.values.blobs import NO_BLOB
from goq.core.values.cluster import Cluster, NeedsLook, UserRow
from goq.core.values.ids import Argv, Environment, JobId, split_argv
from goq.core.values.job import Job
from goq.core.values.limit_names import NODE
from goq.core.values.reasons import Explained, Reason
from goq.core.values.result import Ended, Ending
from goq.core.values.rights import may_read
from goq.core.values.who import Who

HIDDEN = "only its owner is told why"  # in place of what a host, or goq, says of a job
_OWN_WORDS = (
    Ending.LOST,
    Ending.SKIPPED,
)  # what is said of these is the server's own, and names numbers alone


def program_of(argv: Argv) -> Argv:
    """The name of the program alone."""
    return Argv(split_argv(argv)[0].rpartition(b"/")[2])


def hidden(problem: str) -> str:
    """In place of the problem, if there is one."""
    return HIDDEN if problem else ""


class Veil:
    """Between what the server knows and who asks. Where it `is_open`, whoever sees a job sees all of it."""

    def __init__(self, state: State, *, is_open: bool) -> None:
        self._state = state
        self._is_open = is_open

    def over(self, answer: Answer, who: Who, question: Question) -> Answer:
        """The answer to that question as they may see it."""
        if who.is_administrator or self._is_open:
            return answer
        match answer:
            case Snapshot():
                return _snapshot(answer, who)
            case JobFinishedNotice(ended):
                return JobFinishedNotice(self.end(ended, who))
            case JobsFinishedNotice(ends):
                return JobsFinishedNotice(tuple(self.end(each, who) for each in ends))
            case Why(of):
                return Why(self._explained(of, who))
            case ReasonsShown(rows) if isinstance(question, AskReasons):
                pairs = zip(rows, question.of, strict=True)
                return ReasonsShown(tuple(row and self._of_jobs(row, *jobs, who) for row, jobs in pairs))
            case ClusterShown(cluster):
                return ClusterShown(self._cluster(cluster, who))
            case _:
                return answer

    def reads(self, who: Who, owner: str) -> bool:
        """They may read what belongs to the owner's jobs."""
        return may_read(who, owner, is_open=self._is_open)

    def end(self, ended: Ended, who: Who) -> Ended:
        """How a job ended, as they may see it. Of one that ended long ago nobody knows here whose it was."""
        return ended if self.reads(who, self._owner(ended.job)) else _bare(ended)

    def _owner(self, job: JobId) -> str:
        if row := self._state.recent_finished.get(job):
            return row.owner
        live = self._state.submissions.get(job)
        return live.origin.owner if live else ""

    def _explained(self, of: Explained, who: Who) -> Explained:
        if self.reads(who, of.owner or self._owner(of.job)):
            return of
        where = of.where and replace(of.where, problem=hidden(of.where.problem))
        reasons = tuple(map(self._bare_reason, of.reasons))
        machines = tuple(
            replace(each, trouble=self._bare_trouble(each.trouble, each.name)) for each in of.machines
        )
        return replace(of, where=where, reasons=reasons, machines=machines)

    def _of_jobs(self, reason: Reason, first: JobId, end: JobId, who: Who) -> Reason:
        owners = {live.origin.owner for live in self._state.submissions.between(first, end)}
        return reason if all(self.reads(who, owner) for owner in owners) else self._bare_reason(reason)

    def _cluster(self, cluster: Cluster, who: Who) -> Cluster:
        users = tuple(self._user(row, who) for row in cluster.users)
        return replace(cluster, users=users, look=tuple(self._look(each, who) for each in cluster.look))

    def _user(self, row: UserRow, who: Who) -> UserRow:
        if row.reason is None or self.reads(who, row.owner):
            return row
        return replace(row, reason=self._bare_reason(row.reason))

    def _bare_reason(self, reason: Reason) -> Reason:
        """Why a limit is set is everybody's."""
        if reason.code != "node":
            return reason
        return replace(reason, trouble=self._bare_trouble(reason.trouble, *reason.hosts[:1]))

    def _bare_trouble(self, trouble: str, host: str = "") -> str:
        """What a host has said of a folder is its owner's; why it is drained, and whom it serves, is everybody's."""
        is_own = trouble == self._state.limit_words(f"{NODE}{host}") or says_whom(trouble)
        return trouble if is_own else hidden(trouble)

    def _look(self, look: NeedsLook, who: Who) -> NeedsLook:
        if look.reason is None or self.reads(who, self._owner(look.job)):
            return look
        return replace(look, reason=self._bare_reason(look.reason))


def _bare(ended: Ended) -> Ended:
    """The end without what was written, where, and what is said of that: a digest tells who guesses that he is right."""
    result = ended.result
    problem = result.problem if ended.ending in _OWN_WORDS else hidden(result.problem)
    return replace(
        ended,
        result=replace(
            result,
            problem=problem,
            output=b"",
            output_length=0,
            output_sha256=b"",
            err=None,
            files=(),
        ),
    )


def _snapshot(snapshot: Snapshot, who: Who) -> Snapshot:
    return replace(
        snapshot,
        running=tuple(_running(row, who) for row in snapshot.running),
        waiting=tuple(_job(job, who) for job in snapshot.waiting),
        finished=tuple(_finished(row, who) for row in snapshot.finished),
    )


def _running(row: RunningRow, who: Who) -> RunningRow:
    return replace(row, job=_job(row.job, who))


def _job(job: Job, who: Who) -> Job:
    origin = job.origin
    if may_read(who, origin.owner):
        return job
    bare = replace(
        origin, folder=b"/", physical=b"", environment=Environment(b""), script=NO_BLOB, stdin=NO_BLOB
    )
    task = replace(job.task, line=b"") if job.task else None
    terms = replace(job.terms, out="", err="", stdin="")
    return replace(job, argv=program_of(job.argv), origin=bare, task=task, terms=terms)


def _finished(row: FinishedRow, who: Who) -> FinishedRow:
    if may_read(who, row.owner):
        return row
    return replace(row, argv=program_of(row.argv), folder=b"/", ended=_bare(row.ended))
