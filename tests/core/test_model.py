"""Values: commands and environments keep every byte, statuses are what a shell would say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goq.core.values.ids import Environment, JobId, join_argv, join_environment, split_argv, split_environment
from goq.core.values.result import (
    CANCELLED_STATUS,
    UNKNOWN_STATUS,
    Ended,
    Ending,
    Result,
    output_name,
    unstarted,
)

# All that the system can pass to a program: any bytes but NUL.
WORDS = st.binary(max_size=8).filter(lambda word: b"\0" not in word)
NAMES = WORDS.filter(lambda name: name != b"" and b"=" not in name)


@given(st.lists(WORDS, min_size=1, max_size=6))
def test_a_command_comes_back_word_for_word(words: list[bytes]) -> None:
    """Empty words, blanks and bytes that are no text are arguments like others."""
    assert words == split_argv(join_argv(words))


@given(st.dictionaries(NAMES, WORDS, max_size=6))
def test_an_environment_comes_back_as_it_was(variables: dict[bytes, bytes]) -> None:
    """Values may be empty and may hold '='; a job must find what the submitter had."""
    assert variables == split_environment(join_environment(variables))


@pytest.mark.parametrize("entry", [b"", b"NO_EQUALS", b"=no name"])
def test_an_entry_that_is_no_variable_is_left_out(entry: bytes) -> None:
    """An odd entry must not keep the job from being started."""
    assert {b"A": b"1"} == split_environment(Environment(entry + b"\0A=1"))


@pytest.mark.parametrize(
    ("result", "status"), [(Result(exit_code=3), 3), (Result(signal=9), 137), (Result(), 0)]
)
def test_a_status_is_what_a_shell_would_say(result: Result, status: int) -> None:
    """Scripts test `$?` after `goq wait`."""
    assert status == result.status
    assert status == Ended(JobId(1), 1, ending=Ending.FINISHED, result=result).status


@pytest.mark.parametrize("attempt", [0, 1])
def test_a_job_that_was_cancelled_does_not_look_like_a_success(attempt: int) -> None:
    """`goq wait 7 && publish` must not publish what was never made, or made by half."""
    ended = Ended(JobId(7), attempt, ending=Ending.CANCELLED, result=Result())

    assert CANCELLED_STATUS == ended.status


def test_a_job_that_was_cancelled_says_so_however_it_ended() -> None:
    """A script need not know which signal it was killed with."""
    assert CANCELLED_STATUS == Ended(JobId(7), 1, ending=Ending.CANCELLED, result=Result(signal=9)).status


def test_a_job_that_was_skipped_looks_like_no_status_of_its_own() -> None:
    """As of one that was lost, nobody knows how it would have ended."""
    assert UNKNOWN_STATUS == Ended(JobId(7), 0, Ending.SKIPPED, unstarted(Ending.SKIPPED, "", 0)).status


def test_how_a_lost_job_ended_nobody_knows() -> None:
    """A script must not take it for a success, nor for a status that the command gave."""
    assert UNKNOWN_STATUS == Ended(JobId(7), 1, Ending.LOST, Result(exit_code=0)).status


@pytest.mark.parametrize(
    ("output", "length", "streamed"), [(b"", 0, False), (b"abc", 3, False), (b"", 3, True)]
)
def test_an_output_that_is_not_in_the_result_was_streamed(output: bytes, length: int, streamed: bool) -> None:
    """The server writes the file from the result, or else has it already."""
    assert streamed == Result(output=output, output_length=length).streamed


@pytest.mark.parametrize(("job", "name"), [(1, "out.00001"), (99_999, "out.99999"), (100_000, "out.100000")])
def test_outputs_have_names_of_five_digits_or_more(job: int, name: str) -> None:
    """As the original had them; a listing is in order for long."""
    assert name == output_name(JobId(job))


def test_values_cannot_be_changed() -> None:
    """What crosses a module is shared by records, replies and the state."""
    result = Result()
    with pytest.raises(AttributeError):
        result.exit_code = 1  # type: ignore[misc] # the point of the test
