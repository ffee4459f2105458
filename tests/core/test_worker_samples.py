"""What a worker says of what its jobs use, and of its machine: each look once, and of what it has alone."""

from epochs import EPOCH
from msgspec.structs import replace
from worker_bench import job

from goq.core.messages import AGE_LIMIT_S, Batch, Done, Orders, Report, Used
from goq.core.values.ids import JobId, WorkerId
from goq.core.values.job import Claim, Worker
from goq.core.values.result import Result
from goq.core.worker import talk
from goq.core.worker.conversation import Conversation, Sampled

WORKER = Worker(WorkerId("n7-1"), "n7", 1)
PLACE = WorkerId("n7-1-0")
NOW_S = 1000.0


def claim(number: int) -> Claim:
    """That of the first attempt."""
    return Claim(EPOCH, JobId(number), 1, PLACE)


def with_job(number: int = 1) -> Conversation:
    """A conversation whose one place has a job; nothing is open."""
    line = Conversation(WORKER, [PLACE], started_ns=5)
    line.ask(PLACE, 1, talk.RequestForWork(Worker(PLACE, "n7", 1), 60.0), NOW_S)
    line.next_question(NOW_S)
    line.answered(replace(Orders(WORKER.id), run=(Batch(PLACE, (job(number),)),)), NOW_S)
    return line


def report(line: Conversation, now_s: float = NOW_S) -> Report:
    question, _ = line.next_question(now_s)
    assert isinstance(question, Report)
    return question


def test_a_look_is_told_once_and_how_long_ago_it_was() -> None:
    """However often reports go; the machine is in each."""
    line = with_job()
    seen = Sampled(claim(1), NOW_S - 4, 2.5, 4096)
    line.saw(1.5, 77, [seen])
    first = report(line)
    assert (Used(claim(1), 2.5, 4096, 4.0),) == first.used
    assert (1.5, 77, 5) == (first.load, first.in_use_kib, first.started_ns)
    line.saw(1.25, 78, [seen])
    again = report(line, NOW_S + 1)
    assert ((), 1.25, 78) == (again.used, again.load, again.in_use_kib)
    line.saw(1.25, 78, [replace(seen, at_s=NOW_S + 6.0, cpu_s=9.0)])

    assert (Used(claim(1), 9.0, 4096, 2.0),) == report(line, NOW_S + 8).used


def test_nothing_is_said_of_what_is_not_there() -> None:
    """It has ended meanwhile, or is none of its jobs."""
    line = with_job()
    line.saw(0.0, 0, [Sampled(claim(9), NOW_S, 2.5, 4096), Sampled(claim(1), NOW_S, 2.5, 4096)])
    done = Done(claim(1), Result())
    line.ask(PLACE, 2, talk.FinishedWork(PLACE, (done,), (), (), 0), NOW_S)

    told = report(line)
    assert ((done,), ()) == (told.ended, told.used)


def test_an_age_is_one() -> None:
    """Whatever clocks do."""
    line = with_job()
    line.saw(0.0, 0, [Sampled(claim(1), NOW_S + 1, 2.5, 4096)])
    assert [0.0] == [each.age_s for each in report(line).used]
    line.saw(0.0, 0, [Sampled(claim(1), NOW_S - 10**9, 2.5, 4096)])

    assert [AGE_LIMIT_S] == [each.age_s for each in report(line).used]
