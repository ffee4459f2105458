"""What running jobs use: what is kept of it, how much of it, and for how long."""

from itertools import pairwise

import pytest
from epochs import EPOCH
from hypothesis import given
from hypothesis import strategies as st
from plain import Plain
from rig import submission

from goq.core.board.uses import STEPS_EACH, Uses
from goq.core.messages import AskUse, Held, Report, ShowWorkers, Used, UseShown, WorkersShown
from goq.core.state.running import RunningJob
from goq.core.values.ids import Argv, Environment, JobId, WorkerId, worker_of
from goq.core.values.job import Claim, Job, Origin, Worker
from goq.core.values.uses import Step, Use

NS = 10**9
ORIGIN = Origin(b"/x", Environment(b""), "ann", b"")


def running(job: int, attempt: int = 1) -> RunningJob:
    """It began at 0."""
    worker = Worker(WorkerId("w1"), "n1", 1)
    claim = Claim(EPOCH, JobId(job), attempt, worker.id)
    return RunningJob(Job(JobId(job), Argv(b"true"), ORIGIN, 0), claim, worker, 0)


def step(at_s: float, cpu_s: float = 0.0, kib: int = 0) -> Step:
    return Step(round(at_s * NS), cpu_s, kib)


def of(uses: Uses, job: int = 1) -> Use:
    found = uses.of(running(job), steps=True)
    assert found
    return found


# --- a curve ---------------------------------------------------------------------------------------


def test_what_a_job_uses_is_what_was_said_last_and_the_most_before() -> None:
    """Cpus are those between the last two looks."""
    uses = Uses()
    assert None is uses.of(running(1))
    for each in (step(10, 5, 300), step(20, 25, 900), step(30, 26, 400)):
        uses.hear(running(1), each)

    use = of(uses)
    assert (30 * NS, 26.0, 400) == (use.at_ns, use.cpu_s, use.resident_kib)
    assert (900, 20 * NS) == (use.most_kib, use.most_at_ns)
    assert pytest.approx(0.1) == use.cpus
    assert (step(10, 5, 300), step(20, 25, 900), step(30, 26, 400)) == use.steps
    assert () == (uses.of(running(1)) or use).steps, "nobody wanted them"


def test_the_first_look_is_compared_with_the_beginning() -> None:
    """When it had used nothing."""
    uses = Uses()
    uses.hear(running(1), step(10, 5))

    assert 0.5 == of(uses).cpus


def test_what_was_known_before_is_nothing_new() -> None:
    """A report that is said again, or that another has overtaken; and time that went back uses no less than nothing."""
    uses = Uses()
    uses.hear(running(1), step(10, 5, 300))
    uses.hear(running(1), step(10, 7, 900))
    uses.hear(running(1), step(9, 7, 900))
    assert (step(10, 5, 300),) == of(uses).steps
    uses.hear(running(1), step(20, 4, 100))

    assert 0.0 == of(uses).cpus


def test_a_long_job_has_longer_steps() -> None:
    """As many looks each; the end of a step is exact, and of its memory the most is kept."""
    uses = Uses(each=4)
    for at in range(1, 10):
        uses.hear(running(1), step(at, at * 0.5, 1000 if at == 3 else at))

    use = of(uses)
    assert (step(4, 2, 1000), step(8, 4, 8), step(9, 4.5, 9)) == use.steps
    assert (1000, 3 * NS) == (use.most_kib, use.most_at_ns)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=200), st.integers(2, 9))
def test_however_long_it_runs_the_whole_is_there(memory: list[int], each: int) -> None:
    """Never more steps than may be; in order, up to now, with all cpu time and the most memory."""
    uses = Uses(each=each)
    for at, kib in enumerate(memory, 1):
        uses.hear(running(1), step(at, at * 0.25, kib))
        steps = of(uses).steps
        assert len(steps) == uses.steps <= each
        assert all(sooner.at_ns < later.at_ns for sooner, later in pairwise(steps))
        assert (step(at).at_ns, at * 0.25) == (steps[-1].at_ns, steps[-1].cpu_s)
        assert max(memory[:at]) == max(each.resident_kib for each in steps) == of(uses).most_kib
        spans = [later.at_ns - sooner.at_ns for sooner, later in pairwise(steps[:-1])]
        assert len(set(spans)) <= 1, "but for the last, steps are as long as each other"


# --- many ------------------------------------------------------------------------------------------


def test_all_jobs_together_have_so_many_steps_and_share_them() -> None:
    """Whoever has more than others gives some up, in turn."""
    uses = Uses(each=40, in_all=100)
    for at in range(1, 41):
        for job in (1, 2):
            uses.hear(running(job), step(at))
    assert 80 == uses.steps
    for at in range(1, 41):
        uses.hear(running(3), step(at))

    lengths = [len(of(uses, job).steps) for job in (1, 2, 3)]
    assert sum(lengths) == uses.steps <= 100
    assert 20 <= min(lengths)


def test_who_has_few_steps_keeps_them() -> None:
    """However long others run."""
    uses = Uses(each=60, in_all=100)
    for at in (1, 2):
        uses.hear(running(1), step(at))
    for at in range(1, 61):
        for job in (2, 3):
            uses.hear(running(job), step(at))

    assert 2 == len(of(uses).steps)


@given(st.lists(st.tuples(st.integers(1, 6), st.booleans()), max_size=300), st.integers(3, 30))
def test_there_are_never_more_than_may_be(said: list[tuple[int, bool]], in_all: int) -> None:
    """Whatever jobs come and go."""
    uses, there = Uses(each=8, in_all=in_all), set()
    for at_s, (job, is_over) in enumerate(said, 1):
        if is_over:
            uses.drop(JobId(job))
            there.discard(job)
        else:
            uses.hear(running(job), step(at_s))
            there.add(job)
        known = {job: uses.of(running(job), steps=True) for job in range(1, 7)}
        lengths = [len(use.steps) for use in known.values() if use]
        assert sum(lengths) == uses.steps <= in_all
        assert bool(uses) == bool(there)
        assert {job for job, use in known.items() if use} <= there
        assert len(lengths) == min(len(there), len(lengths))
    assert STEPS_EACH * 1000 <= 500_000


def test_what_another_attempt_used_is_not_this_ones() -> None:
    """It begins anew, and what is asked about the old one finds nothing."""
    uses = Uses()
    uses.hear(running(1), step(10, 5, 300))
    assert None is uses.of(running(1, attempt=2))
    uses.hear(running(1, attempt=2), step(20, 1, 100))

    assert None is uses.of(running(1))
    assert (100, 1) == ((use := uses.of(running(1, attempt=2))) and use.most_kib, uses.steps)


# --- what a server hears of it ---------------------------------------------------------------------


def says(server: Plain, claim: Claim, used: Used, serial: int = 1000, load: float = 1.5) -> None:
    """The worker of a claim reports that."""
    worker = Worker(worker_of(claim.worker), f"host-of-{worker_of(claim.worker)}", 1)
    held = (Held(claim, is_on=True),)
    server.ask(Report(worker, serial, held=held, load=load, used=(used,), in_use_kib=77, started_ns=5))


def claim_of(server: Plain) -> Claim:
    return server.state.running[JobId(1)].claim


def use_of(server: Plain, job: int = 1) -> Use | None:
    answer = server.ask(AskUse(JobId(job)))
    assert isinstance(answer, UseShown)
    return answer.use


@pytest.fixture
def server() -> Plain:
    """One with a job that runs."""
    plain = Plain()
    plain.ask(submission())
    plain.offer("w1")
    plain.pass_time(1)
    return plain


def test_a_server_knows_what_a_job_used_when_its_worker_looked(server: Plain) -> None:
    """Not when the report came; and shows it beside the job at its worker."""
    claim = claim_of(server)
    server.pass_time(10)
    assert None is use_of(server)
    says(server, claim, Used(claim, 3.0, 2048, age_s=4.0))

    use = use_of(server)
    assert use
    assert server.now.wall_ns - 4 * NS == use.at_ns
    assert (3.0, 2048, 1, 1) == (use.cpu_s, use.resident_kib, use.job, use.attempt)
    assert pytest.approx(3 / 7) == use.cpus
    shown = server.ask(ShowWorkers())
    assert isinstance(shown, WorkersShown)
    (row,) = shown.rows
    assert (1.5, 77, 5) == (row.load, row.in_use_kib, row.started_ns)
    assert (use.cpus, 2048, 2048) == (row.jobs[0].busy, row.jobs[0].resident_kib, row.jobs[0].most_kib)


def test_of_a_job_that_does_not_run_there_is_nothing(server: Plain) -> None:
    """It has ended, is given up, never ran, or is not the one that is meant; nothing of it is kept either."""
    claim = claim_of(server)
    other = Claim(claim.epoch, claim.job, claim.attempt + 1, claim.worker)
    says(server, claim, Used(other, 30.0, 2048))
    assert None is use_of(server)
    assert None is use_of(server, 99)
    says(server, claim, Used(claim, 30.0, 2048), 1001)
    assert use_of(server)
    server.finish(claim)

    assert None is use_of(server)
    assert not server.dispatcher._moves.uses


def test_what_is_used_is_in_no_record(server: Plain) -> None:
    """It is said often, and means nothing later: a server that starts again knows nothing of it."""
    claim = claim_of(server)
    before = list(server.story)
    says(server, claim, Used(claim, 30.0, 2048))
    assert before == server.story
    server.restart()

    assert None is use_of(server)


def test_the_load_of_a_silent_worker_is_not_known(server: Plain) -> None:
    """What it was says little of what it is."""
    claim = claim_of(server)
    says(server, claim, Used(claim, 1.0, 1))
    server.dispatcher.peer_gone(1)

    shown = server.ask(ShowWorkers())
    assert isinstance(shown, WorkersShown)
    assert [("suspect", None)] == [(row.state, row.load) for row in shown.rows]
