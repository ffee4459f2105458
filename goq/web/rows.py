"""Submissions and jobs as rows of a table: the words and signs of each, ready for a template. Pure.

A row says where the job is, or why it does not run, in a sentence: pages have room.
"""

from typing import NamedTuple

from markupsafe import Markup

from goq.core.values.reasons import Reason
from goq.core.values.shown import JobRow, SubmissionRow
from goq.core.values.states import JobState
from goq.views import maps, signs
from goq.views.lines import Ink
from goq.views.needs import needs_words
from goq.views.numbers import about, ago, count, duration, percent, rate, size_of
from goq.views.paper import Paper
from goq.views.sentences import Named, words_of
from goq.views.strips import Counts, ended

NS = 10**9
_KINDS = {Ink.MAGENTA: "warn", Ink.LOOK: "warn", Ink.RED: "bad", Ink.FAILED: "bad", Ink.GREEN: "ok"}


class Shown(NamedTuple):
    """A state as a page shows it: `kind` is the class of its colour."""

    kind: str
    mark: str
    word: str


class Row(NamedTuple):
    """One row. `counts` are of an array only; `failed` of it have failed, which a link shows."""

    id: int
    shown: str
    name: str
    owner: str
    state: Shown
    length: str
    where: str
    size: int = 1  # so many jobs
    counts: Counts = {}
    failed: int = 0
    said: str = ""  # the last words of one that failed

    @property
    def is_array(self) -> bool:
        """Many jobs in one row."""
        return bool(self.counts)

    @property
    def strip(self) -> Markup:
        """How far it is, as a picture."""
        return Markup(maps.strip(self.counts))  # noqa: S704 - it escapes

    @property
    def percent(self) -> str:
        """How much of it has ended."""
        return percent(ended(self.counts), self.size)


def row_of(each: SubmissionRow | JobRow, reason: Reason | None, paper: Paper) -> Row:
    """A submission, or a job, with why it waits if it does."""
    if isinstance(each, JobRow):
        return row_of_job(each, reason, paper)
    return _of_many(each, reason, paper) if each.job is None else row_of_job(each.job, reason, paper)


def row_of_job(job: JobRow, reason: Reason | None, paper: Paper) -> Row:
    """A job, or a task of an array."""
    since_s = (paper.now_ns - job.since_at) / NS
    length = duration(since_s) if job.state.is_live else ago(since_s)
    name = job.name or ""
    state = state_of_job(job, reason)
    return Row(job.id, job.shown, name, job.owner, state, length, _where(job, reason, paper))


def _of_many(each: SubmissionRow, reason: Reason | None, paper: Paper) -> Row:
    counts = each.counts
    live = counts.live > 0
    since_s = (paper.now_ns - (each.started_at or each.submitted_at if live else each.since_at)) / NS
    parts = [
        *([f"{count(counts.running)} run"] if counts.running else []),
        *([f"{count(counts.waiting)} wait"] if counts.waiting else []),
        *([f"{count(counts.held)} held"] if counts.held else []),
        *([f"{count(counts.paused)} paused"] if counts.paused else []),
        *([rate(each.rate_per_s)] if live and each.rate_per_s else []),
        *([f"{about(duration(each.left_s))} left"] if live and each.left_s is not None else []),
        *([_short(each, reason, paper)] if reason is not None and not counts.running else []),
        *([f"{count(counts.done)} done"] if not live and counts.done else []),
        *([f"{count(counts.cancelled)} cancelled"] if counts.cancelled else []),
        *([f"{count(counts.skipped)} skipped"] if counts.skipped else []),
    ]
    return Row(
        each.id,
        str(each.id),
        each.name or "",
        each.owner,
        shown_state(counts.state),
        duration(since_s) if live else ago(since_s),
        " · ".join(parts),
        each.count,
        counts.by_state,
        counts.bad,
    )


def _short(each: SubmissionRow, reason: Reason, paper: Paper) -> str:
    return words_of(
        reason, Named(str(each.id), each.name or "", each.owner, each.counts.waiting), paper
    ).short


def waits_words(each: SubmissionRow, reason: Reason | None, paper: Paper) -> str:
    """Why what waits of an array does; "" when nothing does."""
    if reason is None:
        return ""
    return words_of(reason, Named(str(each.id), each.name or "", each.owner, each.counts.waiting), paper).long


def shown_state(state: JobState) -> Shown:
    """A state, by its sign."""
    return shown_sign(signs.sign_of(state), state)


def state_of_job(job: JobRow, reason: Reason | None = None) -> Shown:
    """How a job is, or how it failed."""
    if reason is not None and reason.code == "nowhere":
        return shown_sign(signs.NEVER)
    if job.state is JobState.FAILED:
        return shown_sign(signs.sign_of_failure(job.status or 0, job.signal or 0, job.cause or ""))
    return shown_state(job.state)


def shown_sign(sign: signs.Sign, state: JobState | None = None) -> Shown:
    """A sign with the class of its colour."""
    ink = sign.ink if sign.mark_ink is None else sign.mark_ink
    kind = "run" if state is JobState.RUNNING else _KINDS.get(ink, "wait")
    return Shown(kind, sign.mark, sign.word)


def _where(job: JobRow, reason: Reason | None, paper: Paper) -> str:
    match job.state:
        case JobState.RUNNING | JobState.PAUSED:
            attempt = (
                f"try {job.attempt} of {job.retries + 1}, " if job.retries and (job.attempt or 1) > 1 else ""
            )
            gpus = f" gpu {','.join(job.gpus)}" if job.gpus else ""
            return f"{attempt}{job.host or ''}{gpus}, {needs_words(job.needs)}"
        case JobState.WAITING | JobState.HELD:
            if reason is None:
                return ""
            return words_of(reason, Named(job.shown, job.name or "", job.owner), paper).long
        case JobState.FAILED:
            return _failure(job)
        case _:
            ran = duration(job.elapsed_s) if job.elapsed_s is not None else ""
            return " ".join(filter(None, (ran, f"on {job.host}" if job.host else "", job.problem or "")))


def _failure(job: JobRow) -> str:
    ran = f" after {duration(job.elapsed_s)}" if job.elapsed_s is not None else ""
    at = f" on {job.host}" if job.host else ""
    used = job.used.mem_peak_bytes if job.used else None
    if job.cause == "memory" and used and job.needs.mem_bytes:
        return f"{size_of(used, job.needs.mem_bytes)}{ran}{at}"
    if job.cause == "time" and job.needs.time_s:
        return f"time limit of {duration(job.needs.time_s)}{at}"
    problem = f": {job.problem}" if job.problem else ""
    return f"{ran.removeprefix(' after ')}{at}{problem}".strip()
