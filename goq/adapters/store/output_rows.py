"""What records say of outputs, as rows: pure, as `rows`, of which this is a part."""

from collections.abc import Iterator
from typing import Any

from goq.core.state.records import OutputReserved, OutputSaved
from goq.core.values.job import Claim
from goq.core.values.result import OUT, Result

START = "INSERT OR REPLACE INTO output (job, attempt, stream, path, start) VALUES (?, ?, ?, ?, ?)"
WRITTEN = "UPDATE output SET length = ?, sha256 = ?, data = ? WHERE job = ? AND attempt = ? AND stream = ?"
# Not by the index that it changes, which SQLite does in two passes.
SAVED = (
    "UPDATE result SET output = NULL WHERE seq ="
    " (SELECT seq FROM result WHERE job = ? AND attempt = ? AND output IS NOT NULL)"
)
SAVED_APART = "UPDATE output SET data = NULL WHERE job = ? AND attempt = ? AND stream = ?"

Row = tuple[Any, ...]


def start_row(record: OutputReserved) -> Row:
    """Where an output begins."""
    return (record.job, record.attempt, record.stream, record.path.encode(), record.start)


def saved_row(record: OutputSaved) -> tuple[str, Row]:
    """An output is in its file, by the statement that is for its stream."""
    if record.stream == OUT:
        return SAVED, (record.job, record.attempt)
    return SAVED_APART, (record.job, record.attempt, record.stream)


def written_rows(claim: Claim, result: Result, length: int) -> Iterator[Row]:
    """What an attempt leaves in files that have names of their own: so many bytes of output, and what is apart."""
    for stream, _ in result.files:
        which = (claim.job, claim.attempt, stream)
        if stream == OUT:
            yield length, b"", None, *which
        elif result.err:
            data = None if result.err.streamed else result.err.output
            yield result.err.length, result.err.sha256, data, *which
