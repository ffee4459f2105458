"""Compares output files with what the journal says of them. Reads only."""

import hashlib
import os
from pathlib import Path

from goq.adapters.files.below import open_below
from goq.adapters.store.audit import ExpectedOutput, Violation
from goq.core.values.result import output_name

_PIECE_BYTES = 1024 * 1024
MISSING = "missing output"
WRONG = "wrong output"


def check_outputs(folder: Path, expected: list[ExpectedOutput]) -> list[Violation]:
    """Those whose file is not there, is too short, or holds other bytes."""
    found = (_check(folder, one) for one in expected)
    return [violation for violation in found if violation]


def _check(folder: Path, expected: ExpectedOutput) -> Violation | None:
    below = os.fsdecode(expected.path) if expected.path else output_name(expected.job)
    path = folder / below
    digest = hashlib.sha256()
    left = expected.length
    try:
        with open(open_below(str(folder), below, os.O_RDONLY), "rb") as file:
            file.seek(expected.start)
            while left and (piece := file.read(min(left, _PIECE_BYTES))):
                digest.update(piece)
                left -= len(piece)
    except FileNotFoundError:
        return Violation(MISSING, expected.job, f"its output file {path} is not there")
    except OSError as error:
        return Violation(WRONG, expected.job, f"its output file {path} cannot be read: {error.strerror}")
    if left:
        return Violation(
            WRONG, expected.job, f"its output file {path} lacks {left} of {expected.length} bytes"
        )
    if digest.digest() != expected.sha256:
        return Violation(WRONG, expected.job, f"its output file {path} holds other bytes than the job wrote")
    return None
