"""A worker's conversation: what its places say in one report, and what of the orders each of them is told."""

import pytest
from epochs import EPOCH
from msgspec.structs import replace
from worker_bench import job

from goq.core.messages import (
    AckGoodbye,
    AskAgain,
    Batch,
    Done,
    Goodbye,
    Held,
    Orders,
    Refused,
    Report,
    Returned,
    Signal,
    Steer,
)
from goq.core.values.ids import NO_EPOCH, JobId, WorkerId
from goq.core.values.job import Claim, Course, Job, Worker
from goq.core.values.result import BEGUN, OUTLIVED, SIGKILL, SIGTERM, Result
from goq.core.worker import talk
from goq.core.worker.conversation import NEWS_BYTES, Conversation, Passed
from goq.core.worker.rules import LONGEST_PATIENCE_S, NEVER, OPEN_S, REFUSED_PAUSE_S

WORKER = Worker(WorkerId("n7-1"), "n7", 1)
A, B = WorkerId("n7-1-0"), WorkerId("n7-1-1")
NOW_S = 1000.0


def claim(place: WorkerId, number: int) -> Claim:
    """The claim on the first attempt at that job."""
    return Claim(EPOCH, JobId(number), 1, place)


def done(place: WorkerId, *numbers: int, size: int = 0) -> tuple[Done, ...]:
    """These have ended there."""
    return tuple(Done(claim(place, number), Result(output=bytes(size))) for number in numbers)


class Line(Conversation):
    """A conversation of two places, with shorthands; its questions have the numbers 1, 2, 3 ..."""

    def __init__(self, pause_s: float = REFUSED_PAUSE_S) -> None:
        super().__init__(WORKER, [A, B], pause_s=pause_s)
        self.now_s = NOW_S
        self.number = 0

    def say(self, place: WorkerId, saying: talk.Saying) -> int:
        """A place says that."""
        self.number += 1
        self.ask(place, self.number, saying, self.now_s)
        return self.number

    def want(self, place: WorkerId, patience_s: float = LONGEST_PATIENCE_S) -> int:
        """A place is free."""
        return self.say(place, talk.RequestForWork(Worker(place, "n7", 1), patience_s))

    def tell(self, place: WorkerId, *numbers: int, wants: int = 0, size: int = 0) -> int:
        """Jobs of a place have ended."""
        return self.say(place, talk.FinishedWork(place, done(place, *numbers, size=size), (), (), wants))

    def report(self) -> Report:
        """What is said now."""
        assert self.next_deadline() <= self.now_s + OPEN_S
        self.now_s = max(self.now_s, self.next_deadline())
        assert self.is_due(self.now_s)
        question, _ = self.next_question(self.now_s)
        assert isinstance(question, Report)
        return question

    def hear(self, **orders: object) -> list[Passed]:
        """The open report is answered; what the places are told."""
        self.answered(replace(Orders(WORKER.id), **orders), self.now_s)
        return self.take_passed()

    def get(self, place: WorkerId, *jobs: Job) -> list[Passed]:
        """The open report is answered with jobs."""
        return self.hear(run=(Batch(place, jobs),))


@pytest.fixture(name="line")
def _line() -> Line:
    return Line()


def working(line: Line, *numbers: int) -> None:
    """Place A has these jobs, and nothing is open."""
    line.want(A)
    line.report()
    line.get(A, *map(job, numbers))


# --- what is asked ---------------------------------------------------------------------------


def test_nothing_is_said_before_a_place_says_something(line: Line) -> None:
    """A worker may have to look at its node first."""
    assert not line.is_due(NOW_S)
    assert NEVER == line.next_deadline()


def test_two_free_places_are_one_message(line: Line) -> None:
    """And a newer one takes the place of what is open, as long as that has no news."""
    line.want(A)
    assert ((A, 1),) == line.report().wants
    assert not line.is_due(NOW_S)
    line.want(B)

    assert ((A, 1), (B, 1)) == (report := line.report()).wants
    assert (2, LONGEST_PATIENCE_S) == (report.serial, report.patience_s)


def test_it_waits_as_long_as_the_least_patient_place(line: Line) -> None:
    """Which is told to ask again when nothing has come."""
    line.want(A)
    line.want(B, 1.0)
    assert 1.0 == line.report().patience_s
    line.now_s += 1.0

    assert [(B, 2, AskAgain())] == line.hear()
    assert ((A, 1),) == line.report().wants


def test_an_answer_is_followed_by_the_next_question(line: Line) -> None:
    """So that there is always one open."""
    working(line, 1)

    assert (Held(claim(A, 1)),) == line.report().held
    assert [] == line.hear()
    assert (Held(claim(A, 1)),) == line.report().held


def test_while_news_are_under_way_the_next_wait(line: Line) -> None:
    """Each end is told once; those that come meanwhile go together."""
    working(line, 1, 2, 3)
    line.tell(A, 1)
    first = line.report()
    assert first.is_news
    line.want(B)
    assert not line.is_due(NOW_S)
    assert NEVER == line.next_deadline()

    assert [(A, 2, talk.AckFinished())] == line.hear()
    line.tell(A, 2)
    second = line.report()
    assert (done(A, 2), ((B, 1),)) == (second.ended, second.wants)
    assert {3} == {each.claim.job for each in second.held}


def test_too_much_for_one_message_goes_with_the_next(line: Line) -> None:
    """What waits for that is still held, or it would be given again."""
    working(line, 1)
    line.want(B)
    line.report()
    line.get(B, job(2))
    line.tell(A, 1, size=NEWS_BYTES)
    line.tell(B, 2)
    first = line.report()

    assert ([1], [2]) == ([each.claim.job for each in first.ended], [each.claim.job for each in first.held])
    line.hear()
    assert [2] == [each.claim.job for each in line.report().ended]


def test_claims_say_whose_answer_counts(line: Line) -> None:
    """Without any it is that of the queue that the worker works for."""
    line.want(A)
    assert NO_EPOCH == line.next_question(NOW_S)[1]
    line.get(A, job(1))

    assert EPOCH == line.next_question(NOW_S)[1]


def test_a_job_that_is_on_is_said_to_be(line: Line) -> None:
    """Once; after that its heartbeats are no news."""
    working(line, 1)
    line.report()
    line.say(A, talk.Heartbeat(claim(A, 1)))
    assert (Held(claim(A, 1), is_on=True),) == line.report().held
    line.drop(A, line.number)
    line.say(A, talk.Heartbeat(claim(A, 1)))

    assert not line.is_due(NOW_S)


def test_after_a_refusal_it_is_silent_for_a_while(line: Line) -> None:
    """Places hear of it, and say again what they had to say."""
    working(line, 1)
    line.tell(A, 1)
    line.want(B)
    line.report()
    line.answered(Refused("no"), NOW_S)

    assert [(A, 2, Refused("no")), (B, 3, Refused("no"))] == line.take_passed()
    assert not line.is_due(NOW_S)
    assert NOW_S + REFUSED_PAUSE_S == line.next_deadline()
    line.now_s += REFUSED_PAUSE_S
    assert (Held(claim(A, 1)),) == line.report().held


def test_who_gives_many_signs_of_life_is_silent_for_less() -> None:
    """Else a lease could end in the meantime."""
    line = Line(pause_s=0.5)
    working(line, 1)
    line.tell(A, 1)
    line.report()
    line.answered(Refused("no"), NOW_S)

    assert NOW_S + 0.5 == line.next_deadline()


# --- what places are told --------------------------------------------------------------------


def test_jobs_go_to_the_place_that_they_are_for(line: Line) -> None:
    """A free place is told to run them, one that has told something gets them with that answer."""
    working(line, 1)
    line.tell(A, 1, wants=2)
    line.want(B)
    assert ((A, 2), (B, 1)) == line.report().wants
    batches = (Batch(A, (job(2), job(3))), Batch(B, (job(4),)))

    told = line.hear(run=batches)
    assert [
        (A, 2, talk.AckFinished((), (job(2), job(3)))),
        (B, 3, talk.DelegateToWorker((job(4),))),
    ] == told
    assert {2, 3, 4} == {each.claim.job for each in line.report().held}


def test_what_it_has_it_is_not_given_twice(line: Line) -> None:
    """An answer to what was said before may say so."""
    working(line, 1)
    line.tell(A)
    line.report()

    assert [(A, 2, talk.AckFinished((), (job(2),)))] == line.get(A, job(1), job(2))


def test_refused_results_are_named_to_their_place(line: Line) -> None:
    """Each knows its own."""
    working(line, 1)
    line.tell(A, 1)
    line.report()

    assert [(A, 2, talk.AckFinished((JobId(1),)))] == line.hear(refused=(claim(A, 1),))
    assert () == line.report().held


def test_what_comes_for_a_place_that_does_not_want_it_goes_back(line: Line) -> None:
    """It was free when that was sent."""
    number = line.want(A)
    line.report()
    line.drop(A, number)
    line.report()
    line.get(A, job(1))
    report = line.report()

    assert (Returned(claim(A, 1)),) == report.returned
    line.hear()
    assert () == line.report().returned


def test_what_comes_again_for_a_place_that_has_had_it_was_begun(line: Line) -> None:
    """It may not be started anywhere as if it had not."""
    working(line, 1)
    line.settled(claim(A, 1))
    line.report()
    line.get(A, job(1))

    assert (Returned(claim(A, 1), BEGUN, "handed back"),) == line.report().returned


def test_a_kill_is_passed_on_and_said_to_be(line: Line) -> None:
    """To the job that is on at once, to another when it is."""
    working(line, 1, 2)
    line.say(A, talk.Heartbeat(claim(A, 1)))
    line.report()
    told = line.hear(signals=(Signal(claim(A, 1), SIGTERM), Signal(claim(A, 2), SIGKILL)))

    assert [(A, 2, talk.CancelWip(JobId(1), lost=False, signal=SIGTERM))] == told
    assert [(1, SIGTERM), (2, SIGKILL)] == [(each.claim.job, each.told) for each in line.report().held]
    line.say(A, talk.Heartbeat(claim(A, 1), SIGTERM))
    assert [] == line.take_passed()
    line.say(A, talk.Heartbeat(claim(A, 2)))
    assert [(A, 4, talk.CancelWip(JobId(2), lost=False, signal=SIGKILL))] == line.take_passed()


def test_another_course_is_passed_on_and_said_to_be(line: Line) -> None:
    """As a kill is."""
    course = Course(paused=True)
    working(line, 1, 2)
    line.say(A, talk.Heartbeat(claim(A, 1)))
    line.report()
    told = line.hear(steer=(Steer(claim(A, 1), course), Steer(claim(A, 2), course)))

    assert [(A, 2, talk.Steer(JobId(1), course))] == told
    assert [course, course] == [each.course for each in line.report().held]
    line.say(A, talk.Heartbeat(claim(A, 2)))
    assert [(A, 3, talk.Steer(JobId(2), course))] == line.take_passed()


def test_what_is_lost_is_held_no_more(line: Line) -> None:
    """Its place hears of it now, or when the job is on."""
    working(line, 1, 2)
    line.say(A, talk.Heartbeat(claim(A, 1)))
    line.report()
    lost = tuple(Signal(claim(A, number), SIGKILL, lost=True) for number in (1, 2))

    assert [(A, 2, talk.CancelWip(JobId(1), lost=True))] == line.hear(signals=lost)
    assert () == line.report().held
    line.say(A, talk.Heartbeat(claim(A, 2)))
    assert [(A, 3, talk.CancelWip(JobId(2), lost=True))] == line.take_passed()


# --- the end ---------------------------------------------------------------------------------


def test_who_is_to_leave_tells_each_place_when_it_is_free(line: Line) -> None:
    """And says goodbye when all are through."""
    line.want(A)
    line.report()
    assert [(A, 1, talk.ShutdownWorker())] == line.hear(leave=True)
    line.gone(A)
    line.want(B)
    assert [(B, 2, talk.ShutdownWorker())] == line.take_passed()
    line.gone(B)

    assert Goodbye(WORKER, outlived=False, serial=1) == line.next_question(NOW_S)[0]
    assert not line.is_due(NOW_S)
    line.answered(AckGoodbye(), NOW_S)
    assert line.is_over


@pytest.mark.parametrize(("outlived", "why"), [(False, BEGUN), (True, OUTLIVED)])
def test_what_a_place_leaves_goes_back_while_others_work_on(line: Line, outlived: bool, why: str) -> None:
    """Others need not wait for it."""
    working(line, 1)
    line.say(A, Goodbye(Worker(A, "n7", 1), outlived))

    assert (Returned(claim(A, 1), why, "handed back"),) == line.report().returned
    assert [(A, 2, AckGoodbye())] == line.hear()
    assert not line.is_over


def test_the_last_goodbye_is_the_worker_s(line: Line) -> None:
    """It takes the place of whatever is open, and hands back all that there is."""
    working(line, 1)
    line.tell(A)
    line.report()
    line.gone(B)
    line.say(A, Goodbye(Worker(A, "n7", 1), outlived=True))

    assert line.is_due(NOW_S)
    assert (Goodbye(WORKER, outlived=True, serial=2), EPOCH) == line.next_question(NOW_S)
    line.answered(AckGoodbye(), NOW_S)
    assert [(A, 3, AckGoodbye())] == line.take_passed()


def test_a_goodbye_that_is_refused_is_said_again(line: Line) -> None:
    """Later."""
    line.gone(A)
    line.gone(B)
    line.next_question(NOW_S)
    line.answered(Refused("no"), NOW_S)

    assert not line.is_over
    assert not line.is_due(NOW_S)
    assert line.is_due(NOW_S + REFUSED_PAUSE_S)
    assert isinstance(line.next_question(NOW_S + REFUSED_PAUSE_S)[0], Goodbye)
