"""The last words of jobs: of one as lines, of many that failed alike as the line that most of them share."""

import time
from collections import Counter
from pathlib import Path

from msgspec.structs import replace

from goq.adapters.store.archive import Archive
from goq.core.dispatch.veil import hidden
from goq.core.values.failures import READ, READ_BYTES, WORDS_CHARACTERS, FailureGroup, Failures, FailuresOf
from goq.core.values.happenings import Happenings, HappeningsSince
from goq.core.values.ids import JobId
from goq.core.values.lives import LINES_BYTES, Life, LifeOf
from goq.core.values.logs import LENGTH_LIMIT, AskLog, LogPart
from goq.core.values.shown import Attempt
from goq.errors import GoqError
from goq.roles.reader.eyes import Eyes
from goq.roles.reader.logs import log_part

WORDS_OF = 10  # attempts, the latest
PATIENCE_S = 0.5  # for the words of all groups: what is not read by then is not told


def life_of(archive: Archive, outputs: Path, query: LifeOf, eyes: Eyes) -> Life:
    """The job's life, with its last lines, for these eyes. Raises JobUnknown and TooSlow."""
    return eyes.life(_life(archive, outputs, query, eyes))


def _life(archive: Archive, outputs: Path, query: LifeOf, eyes: Eyes) -> Life:
    life = archive.life(query)
    if not query.lines or life.row.attempt is None:
        return life
    earlier = [_attempt_with_words(each, archive, outputs, life, eyes) for each in life.attempts[-WORDS_OF:]]
    life = replace(life, attempts=(*life.attempts[: -len(earlier)], *earlier))
    try:
        part = _end_of(archive, outputs, life.row.id, LINES_BYTES, eyes)
    except GoqError as error:
        return replace(life, trouble=str(error))
    lines = _lines(part)[-query.lines :]
    length = part.length if life.row.output else None
    return replace(life, output_length=length, last_lines=tuple(lines) or None, trouble=part.trouble or None)


def _attempt_with_words(each: Attempt, archive: Archive, outputs: Path, life: Life, eyes: Eyes) -> Attempt:
    """With its last line, if it failed and wrote one."""
    if each.ending is None or not (each.status or each.signal or each.cause):
        return each
    try:
        lines = _lines(_end_of(archive, outputs, life.row.id, READ_BYTES, eyes, each.attempt))
    except GoqError:
        return each  # its output is not here, or for others
    return replace(each, last_words=lines[-1][-WORDS_CHARACTERS:]) if lines else each


def happenings_of(archive: Archive, query: HappeningsSince, eyes: Eyes) -> Happenings:
    """What happened behind a number; texts about jobs only for those who may read what these were given."""
    found = archive.happenings(query)
    if eyes.see_all:
        return found
    told = {row.seq: row for row in found.rows if row.text and row.job and row.last}
    parts = [(JobId(row.job or 0), JobId((row.last or 0) + 1)) for row in told.values()]
    pairs = zip(told, archive.owners(parts), strict=True)
    veiled = {seq for seq, owners in pairs if not (owners and eyes.may_read_all(owners))}
    return replace(
        found, rows=tuple(replace(row, text=None) if row.seq in veiled else row for row in found.rows)
    )


def failures_of(archive: Archive, outputs: Path, query: FailuresOf, eyes: Eyes) -> Failures:
    """What failed, by how. Raises TooSlow."""
    found = archive.failures(query)
    ranges = [(JobId(first), JobId(end)) for first, end in query.ranges]
    if not eyes.see_all and not eyes.may_read_all(frozenset().union(*archive.owners(ranges))):
        bare = (replace(group, problem=hidden(group.problem or "") or None) for group in found.groups)
        found = replace(found, groups=tuple(bare))
    if not query.words:
        return found
    until_s = time.monotonic() + PATIENCE_S
    return replace(
        found, groups=tuple(_with_words(archive, outputs, group, until_s, eyes) for group in found.groups)
    )


def _with_words(
    archive: Archive, outputs: Path, group: FailureGroup, until_s: float, eyes: Eyes
) -> FailureGroup:
    words: Counter[str] = Counter()
    jobs = (job for first, last in group.ids for job in range(first, last + 1))
    for job, _ in zip(jobs, range(READ), strict=False):
        if time.monotonic() > until_s:
            break
        try:
            lines = _lines(_end_of(archive, outputs, job, READ_BYTES, eyes))
        except GoqError:
            continue  # its output is not here, or for others: it has no last words
        if lines:
            words[lines[-1][-WORDS_CHARACTERS:]] += 1
    return replace(group, last_words=words.most_common(1)[0][0]) if words else group


def _end_of(archive: Archive, outputs: Path, job: int, size: int, eyes: Eyes, attempt: int = 0) -> LogPart:
    """The end of what that attempt wrote, 0: its latest."""
    ask = AskLog(job, attempt, offset=-size, limit=size, upto=LENGTH_LIMIT)
    return log_part(archive, outputs, ask, eyes)


def _lines(part: LogPart) -> list[str]:
    """The lines that are not empty and the job's own; one that the part begins in the middle of only if there is no other."""
    text = part.data.decode("utf-8", "backslashreplace").replace("\r\n", "\n")
    lines = [line.rstrip() for line in text.split("\n")]
    if part.offset and any(lines[1:]):
        lines = lines[1:]
    ours = f"goq: job {part.job}: "
    return [line for line in lines if line and not line.startswith(ours)]
