"""The short form of the fault suite; `make soak` is the long one."""

import os
import random
from pathlib import Path

from faults.driver import run

SECONDS = 12.0


def test_no_job_is_lost_or_doubled_under_faults(tmp_path: Path) -> None:
    """What goq is for. FAULT_SEED repeats a schedule."""
    seed = int(os.environ.get("FAULT_SEED") or random.randrange(1_000_000))
    print(f"FAULT_SEED={seed}")
    report = run(tmp_path / "room", seed, SECONDS, every_s=0.6)
    print(report.text())

    assert [] == report.breaches
    assert 8 <= report.faults.total()
    assert 50 <= report.figures["finished"]
