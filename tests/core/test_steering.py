"""What is done to jobs that run: paused, resumed, given another time, handed back by a host that is drained."""

from hypothesis import given
from hypothesis import strategies as st
from ledger import Place
from plain import Plain
from reasons import asked, sentence
from rig import Rig, submission
from spokesman import Heard
from spokesman import told as as_told
from test_changing import ANN, change

from goq.core.messages import Refused, Returned, SetLimit
from goq.core.state.records import Altered, Paused
from goq.core.values.changes import Alter, Hold, Kill, Pause, Release, Resume, What
from goq.core.values.ids import JobId
from goq.core.values.job import STRAIGHT_ON, Claim, Course
from goq.core.values.result import BEGUN, Ending
from goq.core.values.selectors import selector_of
from goq.core.values.terms import Terms
from goq.core.worker.talk import FinishedWork, Heartbeat, Steer

STOPPED, BACK, FOLLOWED = Course(paused=True), Course(back=True), Course(followed=True)
TIME = Alter(("time_limit_s",), Terms(time_limit_s=60.0))
jobs = st.sets(st.integers(1, 6), min_size=1)
changes = st.lists(
    st.sampled_from([Pause(), Resume(), TIME, Kill(), Hold(), Release()]), min_size=1, max_size=4
)


def working() -> Rig:
    """Three jobs run, one of them is paused; three wait, one of them is held."""
    rig = Rig()
    rig.submit(6)
    for name in ("a", "b", "c"):
        rig.delegate(name)
    change(rig, Pause(), "2")
    change(rig, Hold(), "6")
    return rig


def beat(rig: Rig, claim: Claim, course: Course = STRAIGHT_ON, told: int = 0) -> Heard:
    """What a worker is told that knows of so much."""
    return rig.ask(Heartbeat(claim, told, course))


def test_a_paused_job_is_stopped_until_it_is_resumed(rig: Rig) -> None:
    """Its worker hears of it at once, and with each heartbeat until it says that it has."""
    rig.submit(3)
    claim = rig.delegate("w1")
    parked = rig.beat(claim)
    said = change(rig, Pause(), "1-3", "9")

    assert Steer(JobId(1), STOPPED) == rig.answer_to(parked)
    assert (1, 0, 0, 2, 0, 1) == (
        said.changed,
        said.same,
        said.running,
        said.waiting,
        said.ended,
        said.unknown,
    )
    assert Steer(JobId(1), STOPPED) == beat(rig, claim)
    assert beat(rig, claim, STOPPED) is None
    assert (0, 1) == ((again := change(rig, Pause(), "1")).changed, again.same)
    assert 1 == sum(isinstance(each, Paused) for each in rig.story)
    assert (1, 0) == ((gone := change(rig, Resume(), "1")).changed, gone.same)
    assert Steer(JobId(1), Course()) == beat(rig, claim, STOPPED)
    assert (0, 1) == ((again := change(rig, Resume(), "1")).changed, again.same)


def test_a_pause_outlives_the_server(rig: Rig) -> None:
    """And is over with the attempt."""
    rig.submit(1)
    claim = rig.delegate("w1")
    change(rig, Pause(), "1")
    rig.restart(from_checkpoint=True)

    assert Steer(JobId(1), STOPPED) == beat(rig, claim)
    rig.goodbye("w1")
    assert beat(rig, rig.delegate("w2")) is None


def test_a_paused_job_is_never_given_up_for_that(rig: Rig) -> None:
    """Law 26: whoever says that it has it keeps it, and its place."""
    rig.submit(2)
    claim = rig.delegate("w1")
    change(rig, Pause(), "1")
    for _ in range(200):
        beat(rig, claim, STOPPED)
        rig.pass_time(rig.rules.heartbeat_s)

    assert Place.RUNNING is rig.where(1)
    assert 1 == rig.ledger.lives[JobId(1)].attempts


def test_a_kill_of_a_paused_job_kills(rig: Rig) -> None:
    """The worker lets it go on for that."""
    rig.submit(1)
    claim = rig.delegate("w1")
    change(rig, Pause(), "1")
    change(rig, Kill(), "1")

    assert not isinstance(beat(rig, claim, STOPPED), Steer)
    rig.finish(claim, exit_code=1)
    ended = rig.ledger.ended(JobId(1))
    assert ended is not None
    assert Ending.CANCELLED is ended.ending


def test_states_tell_paused_from_running() -> None:
    """In selectors, in snapshots, and when somebody asks why."""
    rig = working()

    assert 1 == change(rig, Resume(), "*").changed
    assert 2 == change(rig, Pause(), "1-2").changed
    assert [True, True, False] == [row.paused for row in rig.snapshot().running]
    assert "is paused on host-of-b; goq resume 2 lets it go on" == sentence(rig.ask(asked(2)))
    assert {1, 2} == {job for job in rig.state.running if rig.state.running[job].paused}
    assert 2 == change_in(rig, Resume(), "paused")
    assert 0 == change_in(rig, Pause(), "paused")
    assert 3 == change_in(rig, Pause(), "running")


def change_in(rig: Rig, what: What, *states: str) -> int:
    """How many jobs in these states were changed."""
    from goq.core.messages import AckChange, Change

    answer = rig.ask(Change(selector_of((), states, "ann"), what, ANN))
    assert isinstance(answer, AckChange)
    return answer.changed


@given(jobs, changes)
def test_changes_of_what_runs_are_those_of_each(numbers: set[int], asked: list[What]) -> None:
    """Law 31, whatever came before; and law 32: once more changes nothing but a hold or a kill of others."""
    together, apart = working(), working()
    words = [str(number) for number in sorted(numbers)]
    for what in asked:
        said = change(together, what, *words)
        each = [change(apart, what, word) for word in words]
        counts = [(one.changed, one.same, one.running, one.waiting, one.ended) for one in (said, *each)]
        assert counts[0] == tuple(map(sum, zip(*counts[1:], strict=True)))
        before = len(together.story)
        change(together, what, *words)
        assert before == len(together.story)

    lives = (
        [(life.place, life.stopped, life.terms, life.held) for life in rig.ledger.lives.values()]
        for rig in (together, apart)
    )
    assert next(lives) == next(lives)


def test_of_a_running_job_the_time_alone_is_altered(rig: Rig) -> None:
    """Its worker hears of it, and the next attempt has it too."""
    rig.ask(submission(2, Terms(time_limit_s=5.0)))
    claim = rig.delegate("w1")
    parked = rig.send(Heartbeat(claim, 0, Course(time_limit_s=5.0)))
    said = change(rig, TIME, "1-2")

    assert (2, 0, 0) == (said.changed, said.same, said.running)
    assert Steer(JobId(1), Course(time_limit_s=60.0)) == rig.answer_to(parked)
    said = change(rig, Alter(("name", "time_limit_s"), Terms(name="x", time_limit_s=7.0)), "1-2")
    assert (1, 0, 1) == (said.changed, said.same, said.running)
    assert Terms(time_limit_s=7.0) == rig.ledger.lives[JobId(1)].terms
    assert 3 == sum(isinstance(each, Altered) for each in rig.story) - 1
    rig.restart()
    assert Steer(JobId(1), Course(time_limit_s=7.0)) == beat(rig, claim)
    rig.goodbye("w1")
    assert 7.0 == rig.state.job(JobId(1)).terms.time_limit_s


def drain(server: Plain, amount: int | None = 0, *, now: bool = False) -> Heard:
    """The host of a worker is drained, or no more."""
    return server.ask(SetLimit("node:host-of-w1", amount, "", ANN, now))


def told(server: Plain, claim: Claim, course: Course = STRAIGHT_ON) -> Heard:
    """What its worker is told, when it is told anything at once."""
    return server.ask(Heartbeat(claim, 0, course))


def give_back(server: Plain, claim: Claim) -> None:
    """The worker says that it had started the job, and hands it back."""
    server.ask(FinishedWork(claim.worker, (), (Returned(claim, BEGUN, "handed back"),)))


def test_a_host_that_is_drained_now_hands_back_what_runs() -> None:
    """It counts as nothing, and waits again; the host gets nothing."""
    server = Plain()
    server.ask(submission(1))
    claim = server.offer("w1")
    assert claim
    drain(server)
    assert told(server, claim) is None
    drain(server, now=True)
    assert Steer(JobId(1), BACK) == told(server, claim)
    assert told(server, claim, BACK) is None
    give_back(server, claim)

    past = server.state.past[JobId(1)]
    assert (1, 0, 0) == (past.attempts, past.crashes, past.failures)
    assert server.offer("w1") is None
    assert "only a host that is drained" in _refusal(server.ask(SetLimit("all", 0, "", ANN, now=True)))
    assert "only a host that is drained" in _refusal(drain(server, 1, now=True))


def _refusal(answer: Heard) -> str:
    assert isinstance(answer, Refused)
    return answer.reason


def test_what_may_start_once_is_lost_when_it_is_handed_back() -> None:
    """And not when the drain is over before that."""
    server = Plain()
    server.ask(submission(1, Terms(requeue=False)))
    claim = server.offer("w1")
    assert claim
    drain(server, now=True)
    drain(server, None)
    assert told(server, claim) is None
    drain(server, now=True)
    assert Steer(JobId(1), BACK) == told(server, claim)
    give_back(server, claim)

    ended = server.state.ended(JobId(1))
    assert ended is not None
    assert (Ending.LOST, "handed back") == (ended.ending, ended.result.problem)


def test_who_waits_with_a_heartbeat_hears_of_a_drain_at_once() -> None:
    """A node is wanted soon."""
    server = Plain()
    server.ask(submission(1))
    claim = server.offer("w1")
    assert claim
    assert told(server, claim) is None
    drain(server, now=True)

    assert Steer(JobId(1), BACK) == as_told(Heartbeat(claim), server.pushed[-1])


def test_a_worker_hears_at_once_that_somebody_reads_on(rig: Rig) -> None:
    """And that nobody does; also of a job that begins meanwhile."""
    rig.submit(2)
    first = rig.delegate("w1")
    parked = rig.send(Heartbeat(first))
    both = frozenset({JobId(1), JobId(2)})
    rig.note_followed(both)

    assert Steer(JobId(1), FOLLOWED) == rig.answer_to(parked)
    assert beat(rig, first, FOLLOWED) is None
    assert Steer(JobId(2), FOLLOWED) == beat(rig, rig.delegate("w2"))
    parked = rig.send(Heartbeat(first, 0, FOLLOWED))
    rig.note_followed(frozenset({JobId(2)}))
    assert Steer(JobId(1), Course()) == rig.answer_to(parked)
