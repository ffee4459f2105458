"""Compares output files with what the journal says of them. Reads only."""

import hashlib
import os
from pathlib import Path

from goq.adapters.files.outputs import Outputs
from goq.adapters.store.audit import ExpectedOutput, Violation

_PIECE_BYTES = 1024 * 1024
MISSING = "missing output"
WRONG = "wrong output"


def check_outputs(folder: Path, expected: list[ExpectedOutput]) -> list[Violation]:
    """Those whose file is not there, is too short, or holds other bytes."""
    outputs = Outputs(folder, {})
    found = (
        _check(folder / os.fsdecode(one.path) if one.path else outputs.path(one.job), one) for one in expected
    )
    return [violation for violation in found if violation]


def _check(path: Path, expected: ExpectedOutput) -> Violation | None:
    digest = hashlib.sha256()
    left = expected.length
    try:
        with path.open("rb") as file:
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
