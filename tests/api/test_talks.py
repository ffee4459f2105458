"""What is said with the server, word by word: no server is there."""

from collections.abc import Sequence

import pytest

from goq.api.talks import Changed, Here, Talk, change
from goq.core.messages import AckChange, Answer, Change
from goq.core.values.changes import Kill
from goq.core.values.job import By
from goq.core.values.result import SIGTERM
from goq.core.values.selectors import selector_of
from goq.roles.client.line import Asked

HERE = Here("tcp://head:1776", By("ann", "head", 7))


def spoken(talk: Talk[Changed], answers: Sequence[Answer]) -> tuple[list[Asked], Changed]:
    """All that is asked when these are the answers, and what comes of it."""
    *before, last = answers
    asked = [next(talk), *map(talk.send, before)]
    with pytest.raises(StopIteration) as over:
        talk.send(last)
    return asked, over.value.value


def test_a_change_that_is_not_all_done_is_asked_for_until_it_is() -> None:
    """What is met is said with the first answer; each selector has its own."""
    first, second = selector_of(["1-9"]), selector_of(["11-12"])
    answers = [
        AckChange(5, 0, 1, 0, 0, left=3),
        AckChange(0, 5, 0, 0, 0, left=1),
        AckChange(0, 5, 0, 0, 0),
        AckChange(2, 0, 0, 0, 0),
    ]
    asked, met = spoken(change(HERE, [first, second], Kill(SIGTERM)), answers)

    questions = [each.question for each in asked]
    assert [first, first, first, second] == [each.selector for each in questions if isinstance(each, Change)]
    assert Changed(changed=7, running=1) == met


def test_a_change_of_too_many_is_not_begun() -> None:
    """Somebody is asked first."""
    asked, met = spoken(
        change(HERE, [selector_of(["1-9"])] * 2, Kill(SIGTERM), 5), [AckChange(9, 0, 0, 0, 0, done=False)]
    )

    assert (1, False, 9) == (len(asked), met.done, met.changed)
