"""Fields as people see them, and as a pipe has them."""

import pytest

from goq.core.values.states import JobState
from goq.views.fields import moment_field, sign_field, strip_field
from goq.views.lines import Line
from goq.views.paper import Paper
from goq.views.signs import NEVER, sign_of_failure
from goq.views.tables import Cell

FOLD = dict(
    zip(
        (JobState.DONE, JobState.FAILED, JobState.RUNNING, JobState.WAITING),
        (6412, 37, 72, 3479),
        strict=True,
    )
)


def text_of(shown: Line | None) -> str:
    return "".join(span.text for span in shown or ())


@pytest.mark.parametrize(
    ("field", "shown", "piped"),
    [
        (sign_field(NEVER), "! never", "never"),
        (sign_field(sign_of_failure(3)), "✗ exit 3", "exit 3"),
        (moment_field("6m ago", 1_795_703_170_000_000_000), "6m ago", "2026-11-26T14:26:10Z"),
        (strip_field(FOLD, Paper(80)), "━━━━━✗▸···  64 %", "64 %"),
        (strip_field(FOLD, Paper(120)), "━━━━━━━━━━━━✗▸······  64 %", "64 %"),
        (strip_field({JobState.DONE: 3}, Paper(80)), "━━━━━━━━━━ 100 %", "100 %"),
    ],
)
def test_a_field_has_two_faces(field: Cell, shown: str, piped: str) -> None:
    """Signs are for people, and moments that a program can count with for programs."""
    assert (shown, piped) == (text_of(field.shown), text_of(field.piped))


def test_a_long_strip_can_be_short() -> None:
    """Where the paper is wide and other columns are too."""
    assert "━━━━━✗▸···  64 %" == text_of(strip_field(FOLD, Paper(200)).short)
