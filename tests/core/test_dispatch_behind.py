"""Jobs that wait for others: what an end makes of them, in the same turn and after a restart."""

from ledger import Place
from reasons import asked, sentence
from rig import Rig, submission

from goq.core.messages import AckSubmit, Cancel, CancelEach, Change, Refused
from goq.core.state.records import Held, JobFinished, RangeEnded
from goq.core.values.changes import Kill
from goq.core.values.ids import JobId
from goq.core.values.job import NOBODY, By
from goq.core.values.result import SIGTERM, Ending
from goq.core.values.selectors import selector_of
from goq.core.values.terms import Terms, When
from goq.core.values.wishes import Wish


def kill(*words: str) -> Change:
    """What `goq kill` asks for."""
    return Change(selector_of(words), Kill(SIGTERM), By("ann", "host", 7))


def behind(
    rig: Rig, *words: str, when: When = "any", each: bool = False, keep: bool = False, count: int = 1
) -> int:
    """Submit jobs that wait for others; the first of them."""
    wishes = (Wish(selector_of(words), when, each),)
    answer = rig.ask(submission(count, Terms(keep=keep), wishes=wishes))
    assert isinstance(answer, AckSubmit)
    return answer.first


def places(rig: Rig, *jobs: int) -> list[Place]:
    return [rig.where(job) for job in jobs]


def reasons(rig: Rig) -> list[str]:
    return [each.reason for each in rig.story if isinstance(each, RangeEnded)]


def test_an_end_lets_go_who_is_behind_it(rig: Rig) -> None:
    """With no record of it: that follows."""
    rig.submit()
    behind(rig, "1", count=3)
    claim = rig.delegate("w1")
    idle = rig.want_work("w2")
    assert rig.answer_to(idle) is None
    rig.finish(claim, exit_code=1)

    assert 2 == rig.claim_in(rig.answer_to(idle)).job
    assert isinstance(rig.turns[-1].records[0], JobFinished)
    assert 2 == len(rig.turns[-1].records)


def test_who_tells_of_an_end_gets_what_waited_for_it(rig: Rig) -> None:
    """A pipeline of short jobs must not wait for the next question."""
    rig.submit()
    behind(rig, "1", when="ok")

    assert [2] == [claim.job for claim in rig.claims_in(rig.finish(rig.delegate("w1"), wants=1))]


def test_a_chain_is_skipped_in_one_turn(rig: Rig) -> None:
    """However long it is; each is told what it waited for."""
    rig.submit()
    for job in range(1, 300):
        behind(rig, str(job), when="ok")
    rig.finish(rig.delegate("w1"), exit_code=3)

    assert {Place.ENDED} == set(places(rig, *range(1, 301)))
    assert 300 == len(rig.turns[-1].records)
    assert "job 1, which it waits for, failed with exit status 3" == reasons(rig)[0]
    assert "job 299, which it waits for, was skipped" == reasons(rig)[-1]


def test_all_that_share_a_reason_are_one_record(rig: Rig) -> None:
    """Ten thousand behind one."""
    rig.submit()
    for _ in range(9):
        behind(rig, "1", when="ok", count=2)
    rig.submit()
    behind(rig, "1", when="ok", count=2)
    rig.cancel(1)

    (ended,) = [each for each in rig.turns[-1].records if isinstance(each, RangeEnded) and each.reason]
    assert (((2, 20), (21, 23)), Ending.SKIPPED) == (ended.ranges, ended.ending)
    assert "job 1, which it waits for, was cancelled" == ended.reason


def test_what_is_kept_waits_for_a_person(rig: Rig) -> None:
    """Held by nobody, for a reason; not once more when the rest of the set ends."""
    rig.submit()
    rig.submit()
    kept = behind(rig, "1-2", when="ok", keep=True)
    rig.cancel(1)
    rig.restart()
    rig.finish(rig.delegate("w1"))

    assert Place.WAITING is rig.where(kept)
    assert JobId(kept) in rig.state.held
    (held,) = [each for each in rig.story if isinstance(each, Held)]
    assert (NOBODY, "job 1, which it waits for, was cancelled") == (held.by, held.reason)


def test_what_is_held_already_stays_held(rig: Rig) -> None:
    """It is on record once."""
    rig.submit()
    wishes = (Wish(selector_of(("1",)), "ok"),)
    rig.ask(submission(1, Terms(keep=True, held=True), wishes=wishes))
    rig.cancel(1)

    assert [2] == list(rig.state.held)
    assert not [each for each in rig.story if isinstance(each, Held)]


def test_a_failure_is_enough_when_all_have_ended(rig: Rig) -> None:
    """An alarm when something of an array went wrong; none when all went well."""
    rig.submit(2)
    rig.submit(2)
    alarm, other = behind(rig, "1-2", when="fail"), behind(rig, "3-4", when="fail")
    claims = [rig.delegate(f"w{at}") for at in range(4)]
    rig.finish(claims[1], exit_code=1)
    rig.restart()
    rig.finish(claims[2])
    assert places(rig, alarm, other) == [Place.WAITING, Place.WAITING]
    rig.finish(claims[0])
    rig.finish(claims[3])

    assert [alarm] == rig.ledger.ready
    assert Place.ENDED is rig.where(other)
    assert "did not fail, and neither did any other" in reasons(rig)[-1]


def test_each_task_follows_its_own(rig: Rig) -> None:
    """A good end lets one go, a bad one skips one; the rest waits on, also after a restart."""
    rig.submit(4)
    first = behind(rig, "1-4", when="ok", each=True, count=4)
    claims = [rig.delegate(f"w{at}") for at in range(3)]
    rig.finish(claims[0])
    rig.finish(claims[1], exit_code=1)
    rig.restart(from_checkpoint=True)

    assert [4, first] == rig.ledger.ready
    assert Place.ENDED is rig.where(first + 1)
    rig.finish(claims[2])
    rig.cancel(4)
    assert [first, first + 2] == rig.ledger.ready
    assert ["", "job 4, which it waits for, was cancelled"] == reasons(rig)[-2:]


def test_all_parts_of_what_is_killed_count(rig: Rig) -> None:
    """With the last of them their submission is gone."""
    rig.submit(5)
    rig.cancel(3)
    first = behind(rig, "1-5", each=True, count=5)
    rig.ask(kill("1-2", "4-5"))

    assert list(range(first, first + 5)) == rig.ledger.ready
    assert list(range(first, first + 5)) == [job.id for job in rig.snapshot().waiting]
    assert first == rig.delegate("w1").job


def test_who_comes_late_gets_what_is_left(rig: Rig) -> None:
    """Of an array that failed in part the rest is followed."""
    rig.submit(3)
    claims = [rig.delegate(f"w{at}") for at in range(2)]
    rig.finish(claims[0])
    rig.finish(claims[1], exit_code=1)
    first = behind(rig, "1-3", when="ok", each=True, count=3)

    assert [Place.WAITING, Place.ENDED, Place.WAITING] == places(rig, *range(first, first + 3))
    assert [3, first] == rig.ledger.ready


def test_a_list_that_is_not_all_here_is_skipped_as_a_whole(rig: Rig) -> None:
    """Its submitter is told that none of it ran."""
    rig.submit()
    wishes = (Wish(selector_of(("1",)), "ok"),)
    request = rig.send(submission(2, to_come=3, wishes=wishes))
    rig.cancel(1)

    assert {Place.ENDED} == set(places(rig, *range(2, 7)))
    told = rig.deliver(request)
    assert isinstance(told, AckSubmit)
    assert told.cancelled


def test_what_is_killed_together_ends_killed(rig: Rig) -> None:
    """Nobody is told that he was skipped because of what he was killed with."""
    rig.submit()
    behind(rig, "1", when="ok")
    behind(rig, "2", when="ok")
    rig.ask(CancelEach((JobId(1), JobId(2))))
    rig.submit()
    behind(rig, "4", when="ok")
    rig.ask(kill("4-5"))

    endings = [rig.ledger.lives[JobId(job)].ended.ending for job in (1, 2, 3, 4, 5)]  # type: ignore[union-attr]
    assert [Ending.CANCELLED, Ending.CANCELLED, Ending.SKIPPED, Ending.CANCELLED, Ending.CANCELLED] == endings


def test_the_reason_names_one_that_was_waited_for(rig: Rig) -> None:
    """Of many that ended at once."""
    rig.submit(5)
    behind(rig, "3-4", when="ok")
    rig.ask(kill("1-5"))

    assert "job 3, which it waits for, was cancelled" == reasons(rig)[-1]


def test_a_refusal_queues_nothing(rig: Rig) -> None:
    """And says so."""
    rig.submit()
    rig.cancel(1)
    answer = rig.ask(submission(wishes=(Wish(selector_of(("1",)), "ok"),)))

    assert Refused("job 1 was cancelled, and --after-ok waits for a good end; nothing was queued") == answer
    assert 2 == rig.state.next_job


def test_people_learn_what_a_job_waits_for(rig: Rig) -> None:
    """`goq why`."""
    rig.submit(3)
    behind(rig, "1-3")
    behind(rig, "2", when="ok")
    behind(rig, "1-3", each=True, when="ok", count=3)
    rig.ask(Cancel(JobId(1)))

    def why(job: int) -> str:
        return sentence(rig.ask(asked(job)))

    assert "is behind 1-3: 2 of 3 have still to end" == why(4)
    assert "is behind 2, which has still to end well" == why(5)
    assert "is behind 3, which has still to end well" == why(8)
    assert [2, 3, 4, 5, 7, 8] == [job.id for job in rig.snapshot().waiting]
