"""docs/security.md says who may do what: its tables are made of the rights, and each of their cells is tried by a test."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "scripts" / "rights.py"


def said(*words: str) -> tuple[int, list[str]]:
    """What a Python program says in the folder of the project."""
    run = subprocess.run([sys.executable, *words], capture_output=True, text=True, cwd=ROOT, check=False)
    return run.returncode, (run.stdout + run.stderr).splitlines()


def test_the_tables_are_current() -> None:
    """They are made: python scripts/rights.py."""
    assert (0, []) == said(str(SCRIPT), "--check")


def test_each_cell_has_a_test() -> None:
    """By the names that pytest gives its tests."""
    status, wanted = said(str(SCRIPT), "--tests")
    files = sorted({name.partition("::")[0] for name in wanted})
    collected, there = said("-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *files)

    assert (0, 0) == (status, collected)
    assert len(wanted) > 90
    assert not set(wanted) - set(there)
