"""The nine states that people see a job in. Pure."""

from enum import Enum

from goq.core.values.quoted import quoted


class JobState(Enum):
    """Where a job is: the first four are live ones; it leaves the last five no more."""

    WAITING = "waiting"
    HELD = "held"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    LOST = "lost"
    SKIPPED = "skipped"

    @property
    def is_live(self) -> bool:
        """The job has not ended."""
        return self in _LIVE


_LIVE = frozenset({JobState.WAITING, JobState.HELD, JobState.RUNNING, JobState.PAUSED})
_ALL = " ".join(state.value for state in JobState)


class BadState(ValueError):
    """A word that is no state; says which are."""


def states_of(word: str) -> tuple[JobState, ...]:
    """`waiting,held` as the states, each once, in the order of the word. Raises BadState."""
    return tuple(dict.fromkeys(_state_of(name) for name in word.split(",")))


def _state_of(name: str) -> JobState:
    try:
        return JobState(name)
    except ValueError as error:
        raise BadState(f"{quoted(name)} is no state of a job; they are {_ALL}") from error
