"""Reasons as programs read them: the data, and the words that people are shown. Pure."""

from goq.core.values.reasons import Machine, Reason
from goq.core.values.shown import LimitRow, MachineRow, ReasonRow
from goq.views.paper import Paper
from goq.views.sentences import Named, sentence_of, words_of

_NS = 10**9


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
