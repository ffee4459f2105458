"""What of others' jobs somebody does not see: their arguments, folders, environments, scripts and inputs. Pure."""

from msgspec.structs import replace

from goq.core.messages import FinishedRow, RunningRow, Snapshot
from goq.core.values.blobs import NO_BLOB
from goq.core.values.ids import Argv, Environment, split_argv
from goq.core.values.job import Job
from goq.core.values.rights import may_read
from goq.core.values.who import Who


def program_of(argv: Argv) -> Argv:
    """The name of the program alone."""
    return Argv(split_argv(argv)[0].rpartition(b"/")[2])


def veiled(snapshot: Snapshot, who: Who, *, is_open: bool) -> Snapshot:
    """The snapshot as they may see it."""
    if who.is_administrator or is_open:
        return snapshot
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
    return replace(row, argv=program_of(row.argv), folder=b"/")
