"""Fixtures that several of the adapters' tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.herd import Herd, a_herd


@pytest.fixture
def herd(tmp_path: Path) -> Iterator[Herd]:
    """A shepherd without a job."""
    with a_herd(tmp_path) as made:
        yield made
