"""What is submitted again: which jobs, as what, behind what; once, however often it is asked for."""

import pytest
from ledger import Place
from msgspec.structs import replace
from rig import Rig, submission

from goq.core.dispatch.again import MOVED
from goq.core.messages import AckSubmit, Answer, Change, Refused, Retried, RetriedRow, Retry
from goq.core.state.records import JobsSubmitted, RangeEnded
from goq.core.values.changes import Alter, BadChange, Hold, Kill
from goq.core.values.ids import JobId
from goq.core.values.items import Commands, EachLine, Numbers, some_of
from goq.core.values.job import By
from goq.core.values.selectors import selector_of
from goq.core.values.terms import After, Terms, When
from goq.core.values.wishes import Wish

ANN = By("ann", "head", 7)


def again(*words: str, states: tuple[str, ...] = (), **how: object) -> Retry:
    """What `goq retry` asks for."""
    return Retry(selector_of(words, states), ANN, **how)  # type: ignore[arg-type]  # as they are named


def rows(answer: Answer | None) -> tuple[RetriedRow, ...]:
    """What was submitted."""
    assert isinstance(answer, Retried), answer
    return answer.rows


def numbers(answer: Answer | None) -> list[tuple[list[int], list[int]]]:
    """Old and new ones."""
    return [
        ([job for part in row.old for job in range(*part)], list(range(row.first, row.first + row.count)))
        for row in rows(answer)
    ]


def refusal(answer: Answer | None) -> str:
    """Why nothing was queued."""
    assert isinstance(answer, Refused), answer
    assert answer.reason.endswith("; nothing was queued")
    return answer.reason


def run(rig: Rig, *codes: int) -> None:
    """So many jobs run, one after the other, and end so."""
    for code in codes:
        rig.finish(rig.delegate("w1"), exit_code=code)


def behind(rig: Rig, *words: str, count: int = 1, terms: Terms | None = None, **how: object) -> int:
    """Submit jobs that wait for others; the first of them."""
    wish = Wish(selector_of(words), **how)  # type: ignore[arg-type]  # as they are named
    answer = rig.ask(replace(submission(count, terms or Terms()), wishes=(wish,)))
    assert isinstance(answer, AckSubmit)
    return answer.first


def terms_of(rig: Rig, job: int) -> Terms:
    """What is asked for of a job."""
    return rig.ledger.lives[JobId(job)].terms


def test_a_job_is_submitted_again_with_other_terms(rig: Rig) -> None:
    """It stays as it ended; what was not changed is as it was."""
    rig.ask(submission(1, Terms(name="fold", held=True, time_limit_s=9, priority=3)))
    rig.ask(Change(selector_of(["1"]), Alter(("name",), Terms(name="sheet")), ANN))
    rig.ask(Change(selector_of(["1"]), Kill(), ANN))
    row = RetriedRow(JobId(2), 1, ((JobId(1), JobId(2)),))

    assert (row,) == rows(rig.ask(again("1", fields=("time_limit_s",), terms=Terms(time_limit_s=60))))
    assert Terms(name="sheet", time_limit_s=60, priority=3, again_of=1) == terms_of(rig, 2)
    assert [Place.ENDED, Place.WAITING] == [rig.where(1), rig.where(2)]


def test_some_of_a_list_become_one_submission(rig: Rig) -> None:
    """With their lines, and their numbers (the ledger sees to that); also once more."""
    rig.submit(5)
    run(rig, 0, 3, 0, 4, 5)

    assert [([2, 4, 5], [6, 7, 8])] == numbers(rig.ask(again("1-5", failed=True)))
    run(rig, 0, 1, 0)
    assert [([7], [9])] == numbers(rig.ask(again("6-8", states=("failed",))))
    items = rig.ledger.submissions[JobId(9)].items
    assert Commands(Numbers(((4, 4, 1),), (1, 5, 1))) == items
    assert [([1, 2, 3, 4, 5], [10, 11, 12, 13, 14])] == numbers(rig.ask(again("1-5")))
    assert rig.ledger.submissions[JobId(10)].items is None


def test_a_retry_that_comes_again_is_the_same(rig: Rig) -> None:
    """The answer was lost: all of it is told once more, and nothing is made twice."""
    rig.submit()
    rig.submit(3)
    run(rig, 1, 1, 0, 1)
    request = rig.request(again("1-4", failed=True))
    first = rig.deliver(request)
    before = len(rig.story)

    assert [([1], [5]), ([2, 4], [6, 7])] == numbers(first)
    assert first == rig.deliver(rig.copy(request, 2))
    rig.restart()
    assert first == rig.deliver(replace(rig.copy(request, 3), sent_ns=rig.now.wall_ns))
    assert before + 1 == len(rig.story)


def test_what_lives_is_refused_by_number(rig: Rig) -> None:
    """In words; what has failed of it may be retried."""
    rig.submit(3)
    run(rig, 1)
    rig.delegate("w1")

    assert "job 2 still runs, and only what has ended is retried; --failed" in refusal(rig.ask(again("1-2")))
    assert "job 3 still waits" in refusal(rig.ask(again("3")))
    assert "none of these jobs has failed" in refusal(rig.ask(again("2-3", failed=True)))
    assert "none of these jobs is skipped" in refusal(rig.ask(again("*", states=("skipped",))))
    assert [([1], [4])] == numbers(rig.ask(again("1-3", failed=True)))
    with pytest.raises(BadChange, match="kill it"):
        again("1", states=("waiting", "paused"))


def test_a_word_means_what_was_not_retried_since(rig: Rig) -> None:
    """A number always does. And who comes after a name does not mind what was retried."""
    rig.ask(submission(2, Terms(name="fold", tags=("night",))))
    run(rig, 1, 0)

    assert [([1], [3])] == numbers(rig.ask(again("fold", failed=True)))
    assert 4 == behind(rig, "fold", when="ok")
    assert (After(((JobId(3), JobId(4)),), "ok"),) == terms_of(rig, 4).after
    assert "was submitted again already, as 3;" in refusal(rig.ask(again("tag:night", failed=True)))
    assert [([1], [5])] == numbers(rig.ask(again("1", alone=True)))


def test_what_failed_is_retried_once_unless_it_is_said_otherwise(rig: Rig) -> None:
    """Whoever says it twice is told where that is; what failed of that is another matter."""
    rig.ask(submission(4, Terms(name="fold", tags=("night",))))
    run(rig, 1, 0, 2)
    assert [([1, 3], [5, 6])] == numbers(rig.ask(again("1-4", failed=True)))
    for word in ("1-4", "fold", "tag:night"):
        said = "what failed of these was submitted again already, as 5-6; '--state failed,lost' instead"
        assert said in refusal(rig.ask(again(word, failed=True)))

    assert "names no job" in refusal(rig.ask(again("fold", "other", failed=True)))
    run(rig, 4, 0)
    assert [([4], [7])] == numbers(rig.ask(again("1-4", failed=True)))
    run(rig, 3)
    assert "as 5-7;" in refusal(rig.ask(again("1-4", failed=True)))
    assert [([6], [8])] == numbers(rig.ask(again("5-6", failed=True)))
    assert [([1], [9])] == numbers(rig.ask(again("1", states=("failed",))))
    assert "as 9;" in refusal(rig.ask(again("1", failed=True)))


def test_what_was_retried_of_a_live_list_is_no_failure_of_its_name(rig: Rig) -> None:
    """Nor after a restart."""
    rig.ask(submission(3, Terms(name="fold")))
    run(rig, 1)
    rig.ask(again("1"))
    rig.restart()
    late = behind(rig, "fold", when="ok")

    assert (After(((JobId(2), JobId(5)),), "ok"),) == terms_of(rig, late).after


def test_what_was_skipped_follows_in_the_same_shape(rig: Rig) -> None:
    """A chain, and each task behind its own; what ran is not run again."""
    rig.submit(4)
    pairs = behind(rig, "1-4", count=4, when="ok", each=True)
    last = behind(rig, f"{pairs}-{pairs + 3}", when="ok")
    run(rig, 0, 1, 0, 1)  # jobs 1 to 4
    run(rig, 0, 0)  # 5 and 7, which waited for good ones

    found = rig.ask(again("1-4", failed=True))
    assert [([2, 4], [10, 11]), ([6, 8], [12, 13]), ([last], [14])] == numbers(found)
    assert [False, True, True] == [row.follows for row in rows(found)]
    assert (After(((JobId(10), JobId(12)),), "ok", each=True),) == terms_of(rig, 12).after
    assert (After(((JobId(12), JobId(14)),), "ok"),) == terms_of(rig, 14).after
    assert 5 == pairs
    run(rig, 0, 0, 0, 0, 0)
    assert [Place.ENDED] * 5 == [rig.where(job) for job in range(10, 15)]


def test_alone_leaves_what_was_skipped(rig: Rig) -> None:
    """And what was retried once does not follow again."""
    rig.submit()
    skipped = behind(rig, "1", when="ok")
    run(rig, 1)

    assert [([1], [3])] == numbers(rig.ask(again("1", alone=True)))
    assert [([1], [4]), ([skipped], [5])] == numbers(rig.ask(again("1")))
    assert [([1], [6])] == numbers(rig.ask(again("1")))


def test_alone_leaves_what_is_kept(rig: Rig) -> None:
    """It waits for somebody who decides."""
    rig.submit()
    kept = behind(rig, "1", when="ok", terms=Terms(keep=True))
    run(rig, 1)

    assert [([1], [3])] == numbers(rig.ask(again("1", alone=True)))
    assert JobId(kept) in rig.state.held


def test_what_follows_has_its_own_terms(rig: Rig) -> None:
    """What was said is for what was named; pairs that are scattered find each other."""
    rig.submit(6)
    pairs = behind(rig, "1-6", count=6, when="ok", each=True, terms=Terms(name="second"))
    rig.ask(Change(selector_of(["4"]), Alter(("priority",), Terms(priority=-1)), ANN))
    run(rig, 0, 1, 0, 0, 1)  # jobs 1, 2, 3, 5 and 6
    run(rig, 0, 0, 0, 1)  # those behind 1, 3 and 5, and job 4

    found = rig.ask(again("1-6", failed=True, fields=("name",), terms=Terms(name="first")))
    assert [([2, 6], [13, 14]), ([4], [15]), ([8, 10, 12], [16, 17, 18])] == numbers(found)
    assert ["first", "first", "second"] == [terms_of(rig, job).name for job in (13, 15, 16)]
    after = After(((JobId(13), JobId(14)), (JobId(15), JobId(16)), (JobId(14), JobId(15))), "ok", each=True)
    assert (after,) == terms_of(rig, 16).after
    assert 7 == pairs
    started = []
    for _ in range(4):
        claim = rig.delegate("w1")
        started.append(claim.job)
        rig.finish(claim)
    assert [13, 14, 16, 18] == started


def test_of_what_a_word_means_what_lives_is_left(rig: Rig) -> None:
    """One need not know which of them have ended."""
    rig.submit(2)
    run(rig, 0)
    rig.delegate("w1")

    assert [([1], [3])] == numbers(rig.ask(again("*")))


def test_what_waits_for_another_that_failed_does_not_follow(rig: Rig) -> None:
    """It could not run; with both it can."""
    rig.submit()
    rig.submit()
    behind(rig, "1", "2", when="ok")
    run(rig, 1, 1)

    assert [([1], [4])] == numbers(rig.ask(again("1")))
    assert [([1], [5]), ([2], [6]), ([3], [7])] == numbers(rig.ask(again("1", "2")))
    assert (After(((JobId(5), JobId(7)),), "ok"),) == terms_of(rig, 7).after


@pytest.mark.parametrize("when", ["ok", "any", "fail"])
def test_what_is_kept_is_replaced_with_all_behind_it(rig: Rig, when: When) -> None:
    """It would wait for ever; nobody behind it is skipped or started for that."""
    rig.submit()
    kept = behind(rig, "1", when="ok", terms=Terms(keep=True))
    late = behind(rig, f"{kept}", when=when)
    run(rig, 1)
    assert JobId(kept) in rig.state.held

    assert [([1], [4]), ([kept], [5]), ([late], [6])] == numbers(rig.ask(again("1")))
    (ended,) = (each for each in rig.story if isinstance(each, RangeEnded))
    assert (((kept, late + 1),), MOVED, ANN) == (ended.ranges, ended.reason, ended.by)
    assert (After(((JobId(5), JobId(6)),), when),) == terms_of(rig, 6).after
    run(rig, 0, 0)
    assert Place.ENDED == rig.where(5)


def test_a_kept_job_that_is_being_changed_is_replaced_all_the_same(rig: Rig) -> None:
    """Somebody holds it in that moment."""
    rig.submit()
    kept = behind(rig, "1", when="ok", terms=Terms(keep=True))
    run(rig, 1)
    rig.ask(Change(selector_of([f"{kept}"]), Hold(), ANN))

    assert 2 == len(rows(rig.ask(again("1"))))
    assert JobId(kept) not in rig.state.waiting


def test_a_key_is_for_one_live_job(rig: Rig) -> None:
    """Another one may have it by now."""
    for _ in range(2):
        rig.submit(unique="nightly")
        run(rig, 1)
    assert "several of these jobs have the key 'nightly'" in refusal(rig.ask(again("1-2")))
    rig.submit(unique="nightly")
    assert "job 3 has the key 'nightly'" in refusal(rig.ask(again("1")))
    assert [([1], [4])] == numbers(rig.ask(again("1", fields=("unique",), terms=Terms())))


def test_different_terms_make_different_submissions(rig: Rig) -> None:
    """Those that the jobs had to their ends."""
    rig.submit(3)
    rig.ask(Change(selector_of(["2"]), Alter(("priority",), Terms(priority=-1)), ANN))
    run(rig, 1, 1, 1)

    assert [([1, 3], [4, 5]), ([2], [6])] == numbers(rig.ask(again("1-3")))
    assert [0, 0, -1] == [terms_of(rig, job).priority for job in (4, 5, 6)]


def test_who_asked_is_on_the_record(rig: Rig) -> None:
    """For the history of the new jobs."""
    rig.submit()
    run(rig, 0)
    rig.ask(again("1"))

    record = next(each for each in rig.turns[-1].records if isinstance(each, JobsSubmitted))
    assert (ANN, ((1, 2),)) == (record.by, record.again)


def test_some_items_keep_their_numbers() -> None:
    """And what they were some of: a job may compute with that."""
    some = some_of(Numbers(((0, 8, 2), (20, 24, 1))), 10, ((1, 3), (4, 6)))
    assert Numbers(((2, 4, 2), (8, 8, 2), (20, 20, 1)), (0, 24, 2)) == some
    assert isinstance(some, Numbers)
    assert [2, 4, 8, 20] == [some.number(index) for index in range(4)]
    assert (0, 24, 2) == (some.first, some.last, some.step)
    assert Numbers(((4, 4, 2),), (0, 24, 2)) == some.some(((1, 2),))


def test_some_lines_keep_their_numbers() -> None:
    """All of them need none of their own."""
    some = some_of(EachLine("@@"), 5, ((1, 2), (3, 5)))
    assert EachLine("@@", numbers=Numbers(((2, 2, 1), (4, 5, 1)), (1, 5, 1))) == some
    assert EachLine("@@", numbers=Numbers(((4, 4, 1),), (1, 5, 1))) == some_of(some, 3, ((1, 2),))
    assert EachLine("@@") == some_of(EachLine("@@"), 5, ((0, 5),))
    assert isinstance(some, EachLine)
    assert (4, 1, None) == (some.number(1), some.index(4), some.index(3))
    assert [(1, 3)] == list(some.indices(3, 9))


def test_what_is_retried_may_wait_for_others(rig: Rig) -> None:
    """Not what follows it; what cannot be waited for is told."""
    rig.submit()
    behind(rig, "1", when="ok")
    run(rig, 1)
    rig.submit()
    wishes = (Wish(selector_of(["3"]), "ok"),)

    assert [([1], [4]), ([2], [5])] == numbers(rig.ask(again("1", wishes=wishes)))
    assert (After(((JobId(3), JobId(4)),), "ok"),) == terms_of(rig, 4).after
    assert (After(((JobId(4), JobId(5)),), "ok"),) == terms_of(rig, 5).after
    assert "--after-ok waits for a good end" in refusal(
        rig.ask(again("2", wishes=(Wish(selector_of(["1"]), "ok"),)))
    )
    with pytest.raises(BadChange, match="task by task"):
        again("1", wishes=(Wish(selector_of(["3"]), each=True),))
