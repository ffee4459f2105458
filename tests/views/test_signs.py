"""The states of jobs and machines, as people see them."""

import signal
import sys

import pytest

from goq.core.values.ids import JobId
from goq.core.values.result import Ended, Ending, Result
from goq.core.values.states import JobState
from goq.views.lines import Ink, Line
from goq.views.signs import MACHINES, NEVER, Sign, sign_of, sign_of_end, sign_of_failure


def text_of(shown: Line) -> str:
    return "".join(span.text for span in shown)


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (JobState.WAITING, "· waiting"),
        (JobState.HELD, "‖ held"),
        (JobState.RUNNING, "▸ running"),
        (JobState.PAUSED, "‖ paused"),
        (JobState.DONE, "✓ done"),
        (JobState.FAILED, "✗ failed"),
        (JobState.CANCELLED, "⊘ cancelled"),
        (JobState.LOST, "✗ lost"),
        (JobState.SKIPPED, "↷ skipped"),
    ],
)
def test_a_state_is_a_mark_and_its_word(state: JobState, text: str) -> None:
    """Neither carries anything alone."""
    assert text == text_of(sign_of(state).line)


def test_every_state_has_a_sign() -> None:
    """And no two of them the same."""
    assert len(JobState) == len({text_of(sign_of(state).line) for state in JobState})


@pytest.mark.parametrize(
    ("exit_code", "number", "cause", "text"),
    [
        (3, 0, "", "✗ exit 3"),
        (0, 9, "memory", "✗ memory"),
        (124, 0, "time", "✗ time"),
        (0, 11, "", "✗ SEGV"),
        (0, 9, "", "✗ KILL"),
        (0, 31, "", "✗ SYS"),
        (0, 40, "", "✗ signal 40"),
    ],
)
def test_how_a_job_failed_is_its_state(exit_code: int, number: int, cause: str, text: str) -> None:
    """`failed` says nothing that one could act upon."""
    assert text == text_of(sign_of_failure(exit_code, number, cause).line)


@pytest.mark.skipif(sys.platform != "linux", reason="the numbers are those of Linux")
def test_signals_have_their_names() -> None:
    """As the system has them."""
    names = {(f"SIG{sign_of_failure(0, number).word}", number) for number in range(1, 32)}

    assert names <= {(name, each.value) for name, each in signal.Signals.__members__.items()}


@pytest.mark.parametrize(
    ("ending", "result", "text"),
    [
        (Ending.FINISHED, Result(), "✓ done"),
        (Ending.FINISHED, Result(exit_code=3), "✗ exit 3"),
        (Ending.FINISHED, Result(exit_code=137, cause="memory"), "✗ memory"),
        (Ending.FINISHED, Result(signal=11), "✗ SEGV"),
        (Ending.LOST, Result(signal=9), "✗ lost"),
        (Ending.CANCELLED, Result(signal=15), "⊘ cancelled"),
        (Ending.SKIPPED, Result(exit_code=255), "↷ skipped"),
    ],
)
def test_an_end_has_the_sign_of_what_happened(ending: Ending, result: Result, text: str) -> None:
    """What was cancelled has not failed, whatever signal ended it."""
    assert text == text_of(sign_of_end(Ended(JobId(1), 1, ending, result)).line)


def test_what_goes_well_has_no_colour() -> None:
    """Red and magenta are for what needs somebody."""
    inks = {state: {span.ink for span in sign_of(state).line} for state in JobState}

    assert {Ink.PLAIN} == inks[JobState.WAITING] == inks[JobState.RUNNING] == inks[JobState.CANCELLED]
    assert {Ink.PLAIN, Ink.GREEN} == inks[JobState.DONE]
    assert {Ink.RED, Ink.FAILED} == inks[JobState.FAILED] == inks[JobState.LOST]
    assert {Ink.MAGENTA} == inks[JobState.HELD] == inks[JobState.PAUSED]
    assert ("! never", Ink.LOOK) == (text_of(NEVER.line), NEVER.ink)


def test_what_runs_and_is_yours_is_bold() -> None:
    """Only that."""
    assert Ink.BOLD is sign_of(JobState.RUNNING, is_yours=True).ink
    assert Ink.PLAIN is sign_of(JobState.WAITING, is_yours=True).ink


def test_machines_have_signs() -> None:
    """The five states of a machine."""
    assert ["✓ ready", "/ draining", "/ drained", "? suspect", "✗ lost"] == [
        text_of(sign.line) for sign in MACHINES.values()
    ]
    assert all(name == sign.word for name, sign in MACHINES.items())


def test_a_word_may_say_more() -> None:
    """As `draining (4 left)` does."""
    sign = MACHINES["draining"]._replace(word="draining (4 left)")

    assert isinstance(sign, Sign)
    assert "/ draining (4 left)" == text_of(sign.line)
