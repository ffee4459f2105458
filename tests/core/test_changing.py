"""Laws of steering: a change of many is that of each, the same terms are no change, and a hold leaves the order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger import Place
from msgspec.structs import replace
from plain import Plain
from rig import Rig, submission

from goq.core.dispatch import changing
from goq.core.messages import AckChange, Change, Done
from goq.core.state.records import Altered, Held, JobDelegated, Released
from goq.core.values.changes import Alter, Hold, Kill, Release, What
from goq.core.values.ids import JobId
from goq.core.values.job import By
from goq.core.values.result import Result
from goq.core.values.selectors import selector_of
from goq.core.values.terms import Terms
from goq.core.values.wishes import Wish
from goq.core.worker.talk import FinishedWork

ANN = By("ann", "head", 7)
EVE = By("eve", "head", 8)
DAY_NS = 86_400 * 10**9
PRIORITY = Alter(("priority",), Terms(priority=5))
jobs = st.sets(st.integers(1, 8), min_size=1, max_size=8)
changes = st.sampled_from([Hold(), Release(), Kill(), PRIORITY, Alter(("name",), Terms(name="n"))])


def change(rig: Rig, what: What, *words: str, by: By = ANN, at_most: int = 0) -> AckChange:
    """It is asked for, until nothing is left."""
    answer = told = rig.ask(Change(selector_of(words), what, by, at_most))
    while isinstance(told, AckChange) and told.left:
        told = rig.ask(Change(selector_of(words), what, by))
    assert isinstance(answer, AckChange)
    return answer


def begun() -> Rig:
    """Some jobs, of which one runs and some are held."""
    rig = Rig()
    rig.submit(8)
    rig.delegate("w1")
    change(rig, Hold(), "2", "6")
    return rig


def seen(rig: Rig) -> list[object]:
    """What matters of each job."""
    return [(life.place, life.held, life.terms, life.kill_signal) for life in rig.ledger.lives.values()]


@given(jobs, changes)
def test_a_change_of_many_is_that_of_each(numbers: set[int], what: What) -> None:
    """Law 31: also in what is counted."""
    together, apart = begun(), begun()
    words = [str(number) for number in sorted(numbers)]
    said = change(together, what, *words)
    each = [change(apart, what, word) for word in words]

    assert seen(together) == seen(apart)
    assert said.changed == sum(one.changed for one in each)
    assert (said.same, said.running) == (sum(one.same for one in each), sum(one.running for one in each))


def test_an_alter_to_the_same_terms_changes_nothing() -> None:
    """Law 32: nothing is written."""
    rig = begun()
    assert 7 == change(rig, PRIORITY, "*").changed
    before = len(rig.story)
    again = change(rig, PRIORITY, "*")

    assert (0, 7, 1) == (again.changed, again.same, again.running)
    assert before == len(rig.story)


@given(jobs)
def test_a_hold_that_is_released_leaves_the_order(numbers: set[int]) -> None:
    """Law 33: each is in its place by number."""
    rig = Rig()
    rig.submit(8)
    words = [str(number) for number in numbers]
    change(rig, Hold(), *words)
    change(rig, Release(), *words)
    for at in range(8):
        rig.delegate(f"w{at}")

    assert [*range(1, 9)] == [record.claim.job for record in rig.story if isinstance(record, JobDelegated)]


def test_what_is_altered_goes_where_its_terms_say(rig: Rig) -> None:
    """The highest priority is next, over a restart, and over a worker that hands it back."""
    rig.submit(4)
    change(rig, PRIORITY, "3")
    rig.restart(from_checkpoint=True)
    assert 3 == rig.state.job(JobId(3)).id
    assert 5 == rig.state.job(JobId(3)).terms.priority
    assert 3 == rig.delegate("w1").job


def test_a_moment_may_be_altered(rig: Rig) -> None:
    """`goq alter --at`, and back."""
    rig.submit(2)
    later = Alter(("not_before_ns",), Terms(not_before_ns=rig.now.wall_ns + DAY_NS))
    change(rig, later, "1")
    assert 2 == rig.delegate("w1").job
    change(rig, Alter(("not_before_ns",), Terms()), "1")

    assert 1 == rig.delegate("w2").job


def test_others_are_asked_about_unless_a_number_names_them(rig: Rig) -> None:
    """`goq kill '*' --user ann` by somebody else, on a terminal."""
    rig.submit(3)
    rig.delegate("w1")
    asked = change(rig, Kill(), "user:ann", "2", by=EVE, at_most=100)
    assert (2, False) == (asked.others, asked.done)
    assert () == rig.turns[-1].records

    assert change(rig, Kill(), "1-3", by=EVE, at_most=100).done


def test_records_say_who_did_it(rig: Rig) -> None:
    """`goq history`."""
    rig.submit(2)
    for what in (Hold(), Release(), PRIORITY):
        change(rig, what, "1", by=EVE)

    done = [record.by for record in rig.story if isinstance(record, Held | Released | Altered)]
    assert [EVE] * 3 == done


@pytest.fixture(name="slow")
def _slow(monkeypatch: pytest.MonkeyPatch) -> Rig:
    """Three ranges of jobs wait, and each is a slice."""
    monkeypatch.setattr(changing, "SLICE_RANGES", 1)
    rig = Rig()
    rig.submit(6)
    change(rig, Kill(), "2", "4")
    rig.pass_time(1)
    return rig


def test_what_is_under_way_is_so_already(slow: Rig) -> None:
    """Whoever asks again while it goes on is told so."""
    first = slow.ask(Change(selector_of(["1-6"]), Hold(), ANN))
    again = slow.ask(Change(selector_of(["1-6"]), Hold(), ANN))

    assert AckChange(4, 0, 0, 2, 0, left=2) == first
    assert AckChange(0, 4, 0, 2, 0, left=1) == again


def test_who_asks_again_is_not_met_anew(slow: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as it goes on: to find out what very many jobs are takes longer than to change some of them."""
    everything = Change(selector_of(["*"]), Hold(), ANN)
    slow.ask(everything)
    with monkeypatch.context() as patch:
        patch.delattr(changing.Changes, "_meet")
        slow.ask(everything)
    fresh = slow.submit(1)
    told = slow.ask(everything)

    assert isinstance(told, AckChange)
    assert 1 == told.changed, "what has come since"
    slow.pass_time(1)
    assert {1, 3, 5, 6, *fresh} == set(slow.state.held)


def test_another_signal_is_another_kill(slow: Rig) -> None:
    """What runs hears of it, though the first kill has not ended all that waits."""
    claim = slow.delegate("w1")
    slow.ask(Change(selector_of(["*"]), Kill(15), ANN))
    told = slow.ask(Change(selector_of(["*"]), Kill(9), ANN))

    assert isinstance(told, AckChange)
    assert (0, 1) == (told.changed, told.running)
    assert 9 == slow.state.running[claim.job].kill_signal


def test_who_is_asked_first_hears_what_is_under_way(slow: Rig) -> None:
    """So many would be released: all that somebody is about to hold."""
    slow.ask(Change(selector_of(["1-6"]), Hold(), ANN))
    told = slow.ask(Change(selector_of(["1-6"]), Release(), ANN, at_most=1))

    assert AckChange(4, 0, 0, 2, 0, done=False) == told
    assert [1, 3, 5, 6] == list(slow.state.held)


def test_who_asks_again_hears_of_what_runs_as_before(slow: Rig) -> None:
    """Its time is altered at once, that of others a slice at a time."""
    claim = slow.delegate("w1")
    longer = Change(selector_of(["*"]), Alter(("time_limit_s",), Terms(time_limit_s=90)), ANN)
    first, again = slow.ask(longer), slow.ask(longer)

    assert isinstance(first, AckChange)
    assert isinstance(again, AckChange)
    assert (4, 0, 0) == (first.changed, first.same, first.running)
    assert (0, 4, 0) == (again.changed, again.same, again.running)
    assert 90 == slow.state.running[claim.job].job.terms.time_limit_s


def test_what_is_killed_is_not_held_any_more(slow: Rig) -> None:
    """The rest of the hold would be about jobs that end."""
    slow.ask(Change(selector_of(["1-6"]), Hold(), ANN))
    slow.ask(Change(selector_of(["1-6"]), Kill(), ANN))
    slow.pass_time(1)

    assert 1 == len([record for record in slow.story if isinstance(record, Held)])
    assert [] == list(slow.state.waiting)


def test_the_last_of_two_that_contradict_counts(slow: Rig) -> None:
    """Also while the first is under way, a slice at a time."""
    slow.ask(Change(selector_of(["1-6"]), Hold(), ANN))
    told = slow.ask(Change(selector_of(["1-6"]), Release(), ANN))
    assert isinstance(told, AckChange)
    assert 4 == told.changed
    slow.pass_time(1)

    assert [] == list(slow.state.held)
    assert 1 == slow.delegate("w1").job


def test_a_release_is_of_what_is_held_when_it_is_asked_for(slow: Rig) -> None:
    """What a kill that is under way puts on hold in the same turn stays so."""
    wishes = (Wish(selector_of(["1"]), "ok"),)
    slow.ask(submission(1, Terms(keep=True), wishes=wishes))
    slow.ask(Change(selector_of(["1", "3"]), Kill(), ANN))
    assert Place.KILLED is slow.where(1)
    told = slow.ask(Change(selector_of(["7"]), Release(), ANN))

    assert AckChange(0, 1, 0, 0, 0) == told
    assert Place.ENDED is slow.where(1)
    assert [7] == list(slow.state.held)


def test_a_release_is_of_what_is_held_once_an_older_hold_is_through(slow: Rig) -> None:
    """That comes first, and with it a kill that was asked for before."""
    wishes = (Wish(selector_of(["1"]), "ok"),)
    slow.ask(submission(2, Terms(keep=True), wishes=wishes))
    slow.ask(Change(selector_of(["1", "3", "5"]), Kill(), ANN))
    slow.ask(Change(selector_of(["6", "8"]), Hold(), ANN))
    assert Place.KILLED is slow.where(1)
    told = slow.ask(Change(selector_of(["7-8"]), Release(), ANN))
    assert isinstance(told, AckChange)
    slow.pass_time(1)

    assert 2 == told.changed
    assert [6] == list(slow.state.held)


def test_a_moment_that_comes_while_a_hold_goes_on_starts_nothing(slow: Rig) -> None:
    """Each gate is for itself."""
    late = Alter(("not_before_ns",), Terms(not_before_ns=slow.now.wall_ns + 10**9))
    change(slow, late, "5")
    slow.pass_time(0.1)
    slow.ask(Change(selector_of(["1-6"]), Hold(), ANN))
    slow.want_work("w1")
    slow.jump(2)

    assert {} == slow.state.running
    slow.pass_time(1)
    assert [1, 3, 5, 6] == list(slow.state.held)


def test_a_moment_that_comes_while_a_kill_goes_on_starts_nothing(slow: Rig) -> None:
    """The jobs are being killed, whatever else they waited for."""
    change(slow, Alter(("not_before_ns",), Terms(not_before_ns=slow.now.wall_ns + 10**9)), "1-6")
    slow.pass_time(0.5)
    slow.want_work("w1")
    slow.ask(Change(selector_of(["1-6"]), Kill(), ANN))
    slow.jump(2)

    assert {} == slow.state.running
    slow.pass_time(1)
    assert [] == slow.waiting()


def test_fewer_failures_may_be_enough_from_now_on() -> None:
    """If there were so many, what waits never runs; else the next one decides."""
    server = Plain()
    server.ask(submission(5))
    for _ in range(2):
        claim = server.offer("w1")
        assert claim
        server.finish(claim, 1)
    server.ask(Change(selector_of(["5"]), Alter(("max_fails",), Terms(max_fails=2)), ANN))
    assert [3, 4] == list(server.state.waiting)
    server.ask(Change(selector_of(["4"]), Alter(("max_fails",), Terms(max_fails=3)), ANN))
    assert [3, 4] == list(server.state.waiting)
    claim = server.offer("w1")
    assert claim
    server.finish(claim, 1)

    assert [] == list(server.state.waiting)
    assert 2 == server.state.cancelled_count


def test_altered_needs_are_those_of_the_job(rig: Rig) -> None:
    """It goes where they are met; what is not said stays."""
    rig.submit(2)
    needs = Terms(cpus=4, memory=1 << 30, retries=3, backoff_s=2.0, licenses=(("matlab", 1),))
    change(rig, Alter(("cpus", "memory", "retries", "backoff_s", "licenses"), needs), "1")
    change(rig, Alter(("priority",), Terms(priority=1)), "1")

    assert replace(needs, priority=1) == rig.state.job(JobId(1)).terms


def test_what_waits_for_another_attempt_may_have_it_now() -> None:
    """And whatever else waits is as it was."""
    server = Plain()
    terms = Terms(retries=1, backoff_s=600.0)
    server.ask(submission(2, terms))
    claim = server.offer("w1")
    assert claim
    server.ask(FinishedWork(claim.worker, (Done(claim, Result(3, pid=7)),)))
    other = server.offer("w1")
    assert other
    assert JobId(2) == other.job
    now = Change(selector_of(["*"]), Alter(("not_before_ns",), Terms(not_before_ns=0)), ANN)
    answer = server.ask(now)
    assert isinstance(answer, AckChange)
    assert (1, 0) == (answer.changed, answer.same)

    again = server.offer("w2")
    assert again
    assert (JobId(1), 2) == (again.job, again.attempt)
