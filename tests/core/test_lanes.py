"""Lanes of waiting jobs: whose turn it is at which host, wherever the jobs come from."""

from hypothesis import given
from hypothesis import strategies as st

from goq.core.board import views
from goq.core.board.gates import Gates
from goq.core.board.lanes import Lanes
from goq.core.board.limits import Limits
from goq.core.board.views import Avoid, Group, group_of
from goq.core.state.records import JobsSubmitted, RangeEnded
from goq.core.state.state import State
from goq.core.values.ids import Argv, Environment, JobId, Nonce
from goq.core.values.job import Job, Origin, Submission
from goq.core.values.result import Ending

HOSTS = ("n1", "n2", "n3")
FOLDERS = (b"/a", b"/b", b"/c")
A, B = (b"/a", "ann"), (b"/b", "ann")


def job(number: int, folder: bytes = b"/a", submitter: str = "ann@head") -> Job:
    """A job that differs from others by its id, and where it is to run."""
    return Job(JobId(number), Argv(b"true"), Origin(folder, Environment(b""), submitter), 0)


class Yard:
    """Lanes, and the jobs that they are about."""

    def __init__(self, *jobs: Job) -> None:
        self.state = State()
        self.lanes = Lanes(self.state, Gates(self.state), Limits(self.state))
        for each in jobs:
            self.add(each)

    def add(self, added: Job, *avoid: str) -> None:
        """The job comes, or comes back."""
        self.wait(added)
        self.lanes.add(added, avoid)

    def wait(self, added: Job) -> None:
        """The job is there, and in no lane yet."""
        nonce = Nonce(b"%d" % added.id)
        what = Submission(added.id, 1, nonce, added.argv, added.origin, added.terms, 0)
        self.state.apply(JobsSubmitted(what))

    def remove(self, number: int) -> Job:
        """The job goes."""
        gone = self.state.job(JobId(number))
        self.lanes.remove(gone)
        self.end(gone.id)
        return gone

    def end(self, number: JobId) -> None:
        """The job is no more."""
        here = ((number, JobId(number + 1)),)
        self.state.apply(RangeEnded(here, Ending.CANCELLED, "", 0))

    def next(self, host: str = "n1") -> int:
        """The number of the job whose turn it is at the host; 0 if there is none."""
        lane = self.lanes.top(host)
        return self.lanes.job_of(lane).id if lane else 0

    def order(self, host: str) -> list[int]:
        """The order in which the host would get them all."""
        gone: list[tuple[Job, Avoid]] = []
        while number := self.next(host):
            avoid = self.lanes._avoiding.get(JobId(number), ())
            gone.append((self.remove(number), avoid))
        for each, avoid in gone:
            self.add(each, *avoid)
        return [each.id for each, _ in gone]


# --- whose turn it is --------------------------------------------------------------------------


def test_jobs_that_come_back_in_any_order_stand_by_id() -> None:
    """With insertion at the front two jobs that come back one after the other would swap."""
    assert [1, 2, 3] == Yard(job(3), job(1), job(2)).order("n1")


def test_the_oldest_of_all_lanes_goes_first() -> None:
    """Without trouble, folders and owners make no difference."""
    yard = Yard(job(4, b"/b"), job(2, b"/a"), job(1, b"/c"), job(3, b"/a", "bob@head"))

    assert [1, 2, 3, 4] == yard.order("n1")
    assert (4, 4) == (len(yard.lanes), yard.lanes.count("n1"))


def test_the_oldest_of_three_lanes_goes_first_wherever_the_others_stand() -> None:
    """Heaps keep only half an order."""
    yard = Yard(job(1, b"/a"), job(6, b"/a"), job(9, b"/b"), job(3, b"/c"))
    yard.remove(yard.next())

    assert 3 == yard.next()


def test_a_submission_comes_as_a_whole() -> None:
    """Ten thousand jobs are queued as one range."""
    yard = Yard(job(3))
    for number in range(4, 8):
        yard.wait(job(number))
    for number in range(4, 8):
        yard.lanes.append(yard.state.submissions[JobId(number)], JobId(number), JobId(number + 1))

    assert (5, 5) == (len(yard.lanes), yard.lanes.count("n1"))
    assert [3, 4, 5, 6, 7] == yard.order("n1")


def test_nothing_waits_in_empty_lanes() -> None:
    """The dispatcher asks the lanes themselves whether anything waits."""
    yard = Yard(job(1))
    yard.remove(1)

    assert not yard.lanes
    assert 0 == yard.next()


def test_a_job_is_where_it_was_put() -> None:
    """And a job that is not waited for is nowhere."""
    yard = Yard(job(1), job(3, b"/b"))

    assert job(1) in yard.lanes
    assert job(2) not in yard.lanes
    assert job(3) not in yard.lanes
    assert job(3, b"/b") in yard.lanes
    assert [True, True, False] == [yard.lanes.has(group) for group in (A, B, (b"/c", "ann"))]


def test_a_group_is_a_folder_of_a_user_from_whatever_host() -> None:
    """A user whose names look alike is one; a user is not his namesake with an @ in the name."""
    assert (b"/a", "ann") == group_of(job(1, submitter="ann@head").origin)
    assert (b"/a", "ann") == group_of(job(1, submitter="ann@n7.cluster").origin)
    assert (b"/a", "ann@site") == group_of(job(1, submitter="ann@site@head").origin)
    assert (b"/a", "ann") == group_of(job(1, submitter="ann").origin)


# --- closed lanes ------------------------------------------------------------------------------


def test_a_closed_group_is_passed_by_at_that_host_alone() -> None:
    """There the next ones get their turn; elsewhere nothing has changed."""
    yard = Yard(job(1), job(2), job(3, b"/b"), job(4, submitter="bob@head"))
    yard.lanes.close(A, "n1")

    assert [3, 4] == yard.order("n1")
    assert [1, 2, 3, 4] == yard.order("n2")
    assert (2, 4) == (yard.lanes.count("n1"), yard.lanes.count("n2"))


def test_an_opened_group_is_back_in_its_turn() -> None:
    """Its jobs are older than those that were given meanwhile."""
    yard = Yard(job(1), job(2, b"/b"), job(3, b"/c"))
    yard.lanes.close(A, "n1")
    yard.lanes.close(B, "n1")
    assert 3 == yard.next()
    yard.lanes.open(A, "n1")
    assert (1, 2) == (yard.next(), yard.lanes.count("n1"))
    yard.lanes.open(B, "n1")

    assert [1, 2, 3] == yard.order("n1")
    assert {} == yard.lanes._views, "it costs nothing any more"


def test_jobs_that_come_while_their_group_is_closed_wait_too() -> None:
    """It is the group that is closed, not the jobs that were there; also when there were none."""
    yard = Yard()
    yard.lanes.close(A, "n1")
    yard.add(job(1))

    assert (0, 0) == (yard.next("n1"), yard.lanes.count("n1"))
    assert (1, 1) == (yard.next("n2"), yard.lanes.count("n2"))


def test_a_job_avoids_hosts_and_others_of_its_group_do_not() -> None:
    """It alone was refused there."""
    yard = Yard(job(2))
    yard.add(job(1), "n1", "n2")

    assert [2, 2, 1] == [yard.next(host) for host in HOSTS]
    assert [1, 1, 2] == [yard.lanes.count(host) for host in HOSTS]
    yard.lanes.move(JobId(1), ("n2",))
    assert [1, 2, 1] == [yard.next(host) for host in HOSTS]
    yard.lanes.move(JobId(1), ())
    assert [1, 1, 1] == [yard.next(host) for host in HOSTS]


def test_a_host_without_a_name_is_a_host() -> None:
    """Nobody else is meant when it is closed out."""
    yard = Yard(job(2))
    yard.add(job(1), "")

    assert (2, 1) == (yard.next(""), yard.next("n1"))


def test_old_jobs_of_a_group_are_taken_out() -> None:
    """Whatever they avoid; the younger ones stay."""
    yard = Yard(job(1), job(4), job(3, b"/b"))
    yard.add(job(2), "n1")
    yard.lanes.close(A, "n2")

    assert [1, 2] == yard.lanes.take(A, JobId(4))
    assert [3, 3, 3] == [yard.next(host) for host in HOSTS]
    assert [2, 1, 2] == [yard.lanes.count(host) for host in HOSTS]
    assert [4] == yard.lanes.take(A, JobId(9))
    assert [] == yard.lanes.take(A, JobId(9))
    assert 1 == len(yard.lanes)


# --- looking -----------------------------------------------------------------------------------


def test_the_first_are_shown_and_no_more_than_asked() -> None:
    """`goq stat` of a long queue must not sort all of it."""
    yard = Yard(job(3), job(1, b"/b"), job(2, b"/c"), job(5, b"/b"))

    assert [1, 2] == yard.lanes.first(2)
    assert [] == yard.lanes.first(0)
    assert [1, 2, 3, 5] == yard.lanes.first(9)
    assert [1, 2, 3, 5] == yard.order("n1")


def test_what_nobody_has_met_is_forgotten() -> None:
    """An old job that no host may have must not pile up those that came and went behind it."""
    yard = Yard(job(1))
    for host in HOSTS:
        yard.lanes.close(A, host)
    for number in range(2, 2000):
        yard.add(job(number, b"/%d" % number))
        yard.remove(number)

    assert [1] == yard.lanes.first(9)
    for view in (yard.lanes._open, yard.lanes._views["n1"]):
        (turns,) = [
            each for owners in view._turns.values() for needs in owners.values() for each in needs.values()
        ]
        assert len(turns._heap) < 3 * views._STALE


# --- all of it -----------------------------------------------------------------------------------

VERBS = st.sampled_from(["add", "add", "remove", "take", "close", "open", "move", "avoiding", "clear"])
STEPS = st.lists(
    st.tuples(VERBS, st.integers(1, 9), st.sampled_from(HOSTS), st.sampled_from(FOLDERS)), max_size=50
)


class Naive:
    """The same by looking at every job each time."""

    def __init__(self) -> None:
        self.jobs: dict[int, tuple[Group, Avoid]] = {}
        self.closed: set[tuple[Group, str]] = set()

    def open_to(self, host: str) -> list[int]:
        """What the host may have."""
        return sorted(
            number
            for number, (group, avoid) in self.jobs.items()
            if host not in avoid and (group, host) not in self.closed
        )


@given(STEPS)
def test_lanes_give_each_host_its_oldest_job(steps: list[tuple[str, int, str, bytes]]) -> None:
    """Heaps, views and counts are there for speed and must not be seen."""
    yard, naive = Yard(), Naive()
    for verb, number, host, folder in steps:
        group = (folder, "ann")
        if verb in ("add", "avoiding") and number not in naive.jobs:
            avoid: Avoid = (host,) if verb == "avoiding" else ()
            yard.add(job(number, folder), *avoid)
            naive.jobs[number] = group, avoid
        elif verb == "remove" and number in naive.jobs:
            yard.remove(number)
            del naive.jobs[number]
        elif verb == "take" and naive.open_to(host):
            assert min(naive.open_to(host)) == yard.next(host)
            del naive.jobs[yard.remove(yard.next(host)).id]
        elif verb == "close":
            yard.lanes.close(group, host)
            naive.closed.add((group, host))
        elif verb == "open" and (group, host) in naive.closed:
            yard.lanes.open(group, host)
            naive.closed.discard((group, host))
        elif verb == "move" and number in naive.jobs:
            avoid = tuple(sorted({*naive.jobs[number][1]} ^ {host}))
            yard.lanes.move(JobId(number), avoid)
            naive.jobs[number] = naive.jobs[number][0], avoid
        elif verb == "clear":
            gone = [each for each, (of, _) in naive.jobs.items() if of == group and each < number]
            assert sorted(gone) == yard.lanes.take(group, JobId(number))
            for each in gone:
                del naive.jobs[each]
                yard.end(JobId(each))

        for each_host in HOSTS:
            may_have = naive.open_to(each_host)
            assert len(may_have) == yard.lanes.count(each_host)
            if number % 2:  # so that entries grow old, too
                assert (may_have or [0])[0] == yard.next(each_host)
        assert (len(naive.jobs), bool(naive.jobs)) == (len(yard.lanes), bool(yard.lanes))
        assert sorted(naive.jobs)[:4] == yard.lanes.first(4)
    for each_host in HOSTS:
        assert naive.open_to(each_host) == yard.order(each_host)
