"""docs/api.md is what the docstrings say, and its examples run as they are shown."""

import re
import subprocess
import sys
from pathlib import Path

from system.cluster import Cluster

ROOT = Path(__file__).resolve().parents[2]


def test_the_reference_is_current() -> None:
    """It is made of the docstrings: python scripts/reference.py."""
    said = subprocess.run(
        [sys.executable, ROOT / "scripts" / "reference.py", "--check"],
        check=False,
        capture_output=True,
        text=True,
    )

    assert (0, "") == (said.returncode, said.stdout + said.stderr)


def test_the_examples_run(working: Cluster) -> None:
    """One behind the other, as somebody who reads would type them."""
    examples = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "api-head.md").read_text(), re.DOTALL)
    said = subprocess.run(
        [sys.executable, "-I", "-c", "\n".join(examples)],
        cwd=working.away,
        env=working.variables(),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )

    assert "" == said.stderr
    lines = said.stdout.splitlines()
    assert ["failed 3", "True 1", "[1, 0, 1, 0]", "2 1"] == lines[:4]
    assert lines[4].endswith(" 3")
    assert "[0, 0, 0]" == lines[5]
    assert 6 == len(lines)
