"""How much a snapshot shows, whatever is asked for."""

import pytest
from rig import Rig

from goq.core.dispatch.snapshot import ROWS_EACH


@pytest.mark.parametrize("asked", [ROWS_EACH, ROWS_EACH + 1, 2**63 - 1])
def test_a_snapshot_has_an_end(rig: Rig, asked: int) -> None:
    """A queue of a million jobs must not be put into one answer, which nobody could receive."""
    rig.submit(ROWS_EACH + 5)

    assert ROWS_EACH == len(rig.snapshot(asked).waiting)


@pytest.mark.parametrize("asked", [0, -1, -(2**63)])
def test_a_snapshot_may_show_no_job(rig: Rig, asked: int) -> None:
    """The counters are what scripts want."""
    rig.submit()
    rig.delegate("w1")

    assert ((), ()) == (rig.snapshot(asked).running, rig.snapshot(asked).waiting)
