"""Reasons as programs read them: the data, and the words that people are shown. Pure."""

from msgspec import Struct

from goq.core.values.reasons import Machine, Reason
from goq.core.values.shown import At
from goq.views.paper import Paper
from goq.views.sentences import Named, sentence_of, words_of

_NS = 10**9


class LimitRow(Struct, frozen=True):
    """A limit that has too little left."""

    name: str
    amount: int
    drawn: int
    needs: int


class MachineRow(Struct, frozen=True):
    """A machine and what the job lacks there: cpus, memory in MiB, and so on; why it gets nothing at all there."""

    name: str
    lacks: dict[str, int]
    trouble: str | None = None


class ReasonRow(Struct, frozen=True):
    """One thing that keeps a job from running: `short` is for a table, `text` a sentence.

    Of `jobs`, each range with its first and its last number, `left` have to end. It holds until `until_at`, in `left_s`.
    """

    code: str
    short: str
    text: str
    until_at: At | None = None
    left_s: float | None = None
    jobs: tuple[tuple[int, int], ...] | None = None
    left: int | None = None
    limit: LimitRow | None = None
    machines: tuple[MachineRow, ...] | None = None
    by: str | None = None
    since_at: At | None = None


def reason_row(reason: Reason, named: Named, paper: Paper, machines: tuple[Machine, ...] = ()) -> ReasonRow:
    """The reason of that job, read now, with the machines where it is proved."""
    limit, hold = reason.limit, reason.hold
    rows = tuple(MachineRow(each.name, each.lacks, each.trouble or None) for each in machines)
    return ReasonRow(
        reason.code,
        words_of(reason, named, paper).short,
        sentence_of(reason, named, paper),
        reason.until_ns or None,
        max(0.0, (reason.until_ns - paper.now_ns) / _NS) if reason.until_ns else None,
        tuple((first, end - 1) for first, end in reason.jobs) or None,
        reason.left or None,
        LimitRow(limit.name, limit.amount, limit.drawn, limit.needs) if limit else None,
        rows or None,
        (hold.by or None) if hold else None,
        (hold.since_ns or None) if hold else None,
    )
