"""Fixtures and hypothesis profiles of the core's tests: no I/O, no clock, no sleeps."""

import os

import pytest
from hypothesis import Phase, settings
from rig import Rig

settings.register_profile("default", max_examples=300, stateful_step_count=60, deadline=None)
# As the default, but equal code has equal histories: what a change has broken is seen, and others look for the rest.
settings.register_profile("ci", max_examples=300, stateful_step_count=60, deadline=None, derandomize=True)
settings.register_profile("long", max_examples=3000, stateful_step_count=120, deadline=None)
settings.register_profile(
    "mutants",
    max_examples=300,
    stateful_step_count=60,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # a fault is to be found; nobody reads the shortest example
)
settings.load_profile(os.environ.get("GOQ_HYPOTHESIS_PROFILE", "default"))


@pytest.fixture
def rig() -> Rig:
    """A server just started, with nothing in its journal."""
    rig = Rig()
    rig.asks_again = True
    return rig
