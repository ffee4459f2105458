"""Which job goes where: rank, room, limits, shares, and the one reservation."""

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from plain import Plain
from rig import submission
from yard import Yard, place

from goq.core.board.placement import Reservation
from goq.core.board.rooms import LOST_LIMIT, process_of
from goq.core.state.state import State
from goq.core.values.ids import JobId
from goq.core.values.layout import Layout
from goq.core.values.room import PINNED, TIME, Grant, Offer, need_of

FOUR = Offer(4, 4000)


def test_a_higher_priority_goes_first() -> None:
    yard = Yard()
    yard.offer("n1", FOUR)
    yard.submit()
    yard.submit(priority=-5)
    (urgent,) = yard.submit(priority=7)

    assert [urgent, 1, 2] == [job.id for number in range(3) if (job := yard.ask("n1", number))]


def test_what_does_not_fit_is_passed_over_by_what_does() -> None:
    """A small worker is not idle beside small jobs because a large one is first."""
    yard = Yard()
    yard.offer("n1", Offer(2))
    yard.offer("n2", Offer(8))
    yard.submit(cpus=4)
    (small,) = yard.submit()

    assert small == yard.ask("n1").id  # type: ignore[union-attr]
    assert 1 == yard.ask("n2").id  # type: ignore[union-attr]


def test_who_has_least_is_next() -> None:
    """Of one priority: a user who came first does not keep others out."""
    yard = Yard()
    yard.offer("n1", Offer(4))
    yard.submit(9, "ann")
    yard.submit(9, "bob")
    given = [yard.ask("n1", number) for number in range(4)]

    assert ["ann@head", "bob@head", "ann@head", "bob@head"] == [job.origin.submitter for job in given if job]


def test_a_weight_makes_a_share_smaller() -> None:
    """`goq limit weight:bob 3`."""
    yard = Yard()
    yard.offer("n1", Offer(4))
    yard.limit("weight:bob", 3)
    yard.submit(9, "ann")
    yard.submit(9, "bob")
    given = [yard.ask("n1", number) for number in range(4)]

    assert 3 == sum(job.origin.submitter == "bob@head" for job in given if job)


def test_a_worker_that_went_while_no_server_was_there_has_nothing() -> None:
    """What it offered nobody knows, and once its job is lost it is no part of what there is."""
    server = Plain()
    server.ask(submission())
    server.offer("gone")
    server.restart()
    there = Offer(3)
    for owner in ("eve", "ann", "ann", "bob"):
        server.ask(replace(submission(), submitter=f"{owner}@head"))
    claim = server.offer("here/0", there)
    assert claim
    server.finish(claim)
    server.pass_time(61)
    given = [server.offer(f"here/{number}", there) for number in range(2)]
    whose = [server.state.submissions[claim.job].origin.owner for claim in given if claim]

    assert ["ann", "bob"] == whose


def test_eight_gpus_are_not_one_cpu() -> None:
    """A share is that of what one has most of."""
    yard = Yard()
    yard.offer("n1", Offer(64, 0, tuple("01234567")))
    (many,) = yard.submit(1, "ann", gpus=6)
    yard.submit(1, "bob", cpus=16)
    assert many == yard.ask("n1", 0).id  # type: ignore[union-attr]
    assert 2 == yard.ask("n1", 1).id  # type: ignore[union-attr]
    yard.submit(1, "ann")
    (next_one,) = yard.submit(1, "bob")

    assert next_one == yard.ask("n1", 2).id  # type: ignore[union-attr]


def test_nobody_is_passed_over_for_ever() -> None:
    """A job that needs a whole worker, amid a stream of small ones: it starts when what ran there has ended."""
    yard = Yard()
    yard.offer("n1", FOUR)
    yard.submit(4)
    running = [yard.ask("n1", number).id for number in range(4)]  # type: ignore[union-attr]
    (large,) = yard.submit(cpus=4)
    yard.submit(100)
    for number, job in enumerate(running[:3]):
        yard.end(job)
        assert yard.ask("n1", number) is None, "room is kept"
    yard.end(running[3])

    assert large == yard.ask("n1", 0).id  # type: ignore[union-attr]


def test_what_is_left_beside_the_reserved_room_is_used() -> None:
    yard = Yard()
    yard.offer("n1", FOUR)
    yard.submit(3)
    first = [yard.ask("n1", number).id for number in range(3)]  # type: ignore[union-attr]
    (large,) = yard.submit(cpus=3)
    yard.submit(100)
    assert yard.ask("n1", 3) is not None, "one cpu is not needed"
    yard.end(first[0])
    assert yard.ask("n1", 0) is None
    yard.end(first[1])
    yard.end(first[2])

    assert large == yard.ask("n1", 0).id  # type: ignore[union-attr]


def test_a_guest_that_ends_leaves_room_for_another() -> None:
    """Else what is spare would shrink with each guest."""
    yard = Yard()
    yard.offer("n1", FOUR)
    yard.submit(3)
    for number in range(3):
        yard.ask("n1", number)
    yard.submit(cpus=3)
    yard.submit(100)
    for _ in range(3):
        guest = yard.ask("n1", 3)
        assert guest
        yard.end(guest.id)


def test_a_reservation_moves_away_from_a_drained_worker() -> None:
    """Or it would wait for a node that nobody gives anything."""
    yard = Yard()
    for host in ("n1", "n2"):
        yard.offer(host, Offer(2))
    yard.submit(2)
    yard.submit()
    held = [yard.ask("n1", 0), yard.ask("n1", 1), yard.ask("n2", 0)]
    (large,) = yard.submit(cpus=2)
    yard.submit(9)
    assert yard.ask("n2", 1) is None, "n2 lacks least"
    yard.limit("node:n2", 0)
    yard.end(held[0].id)  # type: ignore[union-attr]
    assert yard.ask("n1", 0) is None
    yard.end(held[1].id)  # type: ignore[union-attr]

    assert large == yard.ask("n1", 0).id  # type: ignore[union-attr]


def test_room_is_kept_behind_what_no_worker_can_hold() -> None:
    """Who can run nowhere is first, and nobody is passed over for ever behind him."""
    yard = Yard()
    yard.offer("n1", FOUR)
    yard.submit(4)
    running = [yard.ask("n1", number).id for number in range(4)]  # type: ignore[union-attr]
    yard.submit(cpus=400)
    (large,) = yard.submit(cpus=4)
    yard.submit(100)
    for number, job in enumerate(running[:3]):
        yard.end(job)
        assert yard.ask("n1", number) is None, "room is kept"
    yard.end(running[3])

    assert large == yard.ask("n1", 0).id  # type: ignore[union-attr]


def test_room_is_kept_for_who_can_run_since_another_worker_came() -> None:
    """What could run nowhere is looked at again."""
    yard = Yard()
    yard.offer("n1", Offer(1))
    (large,) = yard.submit(cpus=4)
    (small,) = yard.submit()
    assert small == yard.ask("n1").id  # type: ignore[union-attr]
    assert yard.placement.reservation is None
    yard.offer("n2", FOUR)
    (early,) = yard.submit()
    yard.give(place("n2", 0), yard.state.job(early))
    yard.submit(3)
    assert yard.ask("n2", 1) is None, "room is kept"
    yard.end(early)

    assert large == yard.ask("n2").id  # type: ignore[union-attr]


def test_nobody_waits_for_a_host_that_is_drained() -> None:
    """Room is kept for the next one that could run where jobs are taken."""
    yard = Yard()
    yard.offer("n1", Offer(2))
    yard.offer("n2", FOUR)
    yard.limit("node:n2", 0)
    yard.submit(2)
    running = [yard.ask("n1", number).id for number in range(2)]  # type: ignore[union-attr]
    yard.submit(cpus=4)
    (middle,) = yard.submit(cpus=2)
    yard.submit(100)
    yard.end(running[0])
    assert yard.ask("n1", 0) is None, "room is kept"
    yard.end(running[1])

    assert middle == yard.ask("n1", 0).id  # type: ignore[union-attr]


def test_what_no_worker_can_hold_keeps_nobody_waiting() -> None:
    yard = Yard()
    yard.offer("n1", FOUR)
    yard.submit(cpus=64)
    (small,) = yard.submit()

    assert small == yard.ask("n1").id  # type: ignore[union-attr]


def test_gpus_are_given_by_their_ids() -> None:
    """And after a restart those that are in use are not given again."""
    yard = Yard()
    yard.offer("n1", Offer(8, 0, ("0", "1", "a")))
    yard.submit(3, gpus=1)
    first = yard.ask("n1", 0)
    assert first
    yard.build()
    second, third = yard.ask("n1", 1), yard.ask("n1", 2)

    assert [("0",), ("1",), ("a",)] == [job.grant.gpus for job in (first, second, third) if job]
    yard.end(second.id)  # type: ignore[union-attr]
    yard.submit(gpus=1)
    assert ("1",) == yard.ask("n1", 1).grant.gpus  # type: ignore[union-attr]


def test_a_gpu_that_two_workers_offer_belongs_to_the_first() -> None:
    yard = Yard()
    yard.offer("n1", Offer(8, 0, ("0", "1")))
    other = place("n1+2", 9)

    assert ["1"] == yard.rooms.hear(other, Offer(8, 0, ("1", "2")), 1.0)
    assert [] == yard.rooms.hear(other, Offer(8, 0, ("1", "2")), 2.0), "said once"
    yard.submit(gpus=2)
    assert yard.placement.pick(other) is None
    yard.submit(gpus=1)
    assert ("2",) == yard.give(other, yard.state.job(JobId(2))).grant.gpus
    assert [] == yard.rooms.hear(other, Offer(8, 0, ("1", "2")), 100.0), "the first is gone"
    assert yard.rooms.of(other).fits((("gpus", 1),)), "so the other has both"


def test_of_workers_that_are_lost_the_latest_are_remembered() -> None:
    """Where machines come and go each has another process, and all of them would be kept for good."""
    rooms = Yard().rooms
    lost = [place(f"n1+{pid}", 0) for pid in range(1, LOST_LIMIT + 4)]
    for each in lost:
        rooms.hear(each, FOUR, 1.0)
    for each in lost:
        rooms.lose(each)
    assert [process_of(each) for each in lost[3:]] == [process for process, _ in rooms.items()]

    rooms.hear(lost[3], FOUR, 2.0)
    later = place("n2", 0)
    rooms.hear(later, FOUR, 2.0)
    rooms.lose(later)
    assert {process_of(each) for each in (*lost[3:], later)} == {process for process, _ in rooms.items()}
    assert [process_of(lost[3])] == rooms.present()

    rooms.lose(lost[3])
    assert rooms.get(process_of(lost[4])) is None, "it was lost before the others"
    assert rooms.get(process_of(lost[3])) is not None


def test_a_gpu_of_another_boot_is_another() -> None:
    """Two machines may be called alike: as localhost."""
    yard = Yard()
    yard.offer("n1", Offer(8, 0, ("0",), boot="b1"))

    assert [] == yard.rooms.hear(place("n1+2", 9), Offer(8, 0, ("0",), boot="b2"), 1.0)
    assert ["0"] == yard.rooms.hear(place("n1+3", 9), Offer(8, 0, ("0",), boot="b1"), 1.0)


def test_a_gpu_that_is_offered_twice_is_granted_twice_and_that_is_said() -> None:
    """The audit must tell that from a mistake."""
    yard = Yard()
    yard.offer("n1", Offer(8, 0, ("0", "0", "1"), boot="b1"))
    yard.submit(2, gpus=1)
    yard.submit(gpus=1)
    grants = [job.grant for number in range(3) if (job := yard.ask("n1", number))]

    assert [Grant(("0",), (), "b1", ("0",))] * 2 + [Grant(("1",), (), "b1")] == grants


def test_pinned_jobs_have_cpus_of_their_own() -> None:
    """Whichever worker of the host has them, and also after a restart of the server."""
    yard = Yard()
    yard.offer("n1", Offer(4, pins=((0, 4), (6, 7)), boot="b1"))
    yard.offer("n1+2", Offer(4, pins=((0, 8),), boot="b1"))
    (first, second) = yard.submit(2, cpus=2, pin=True)
    assert (0, 1) == yard.ask("n1").grant.cpus  # type: ignore[union-attr]
    yard.build()
    assert (2, 3) == yard.ask("n1+2").grant.cpus  # type: ignore[union-attr]
    yard.submit(cpus=2, pin=True)
    assert None is yard.ask("n1", 1), "one cpu of the host is left for it"
    assert (4, 5) == yard.ask("n1+2", 1).grant.cpus  # type: ignore[union-attr]
    yard.submit(cpus=2, pin=True)
    yard.end(second)

    assert (2, 3) == yard.ask("n1", 1).grant.cpus  # type: ignore[union-attr]
    assert first in yard.state.running


def test_cpus_are_kept_for_who_is_first_by_all_workers_of_a_host() -> None:
    """Else pinned jobs of another worker there would pass it over for ever."""
    yard = Yard()
    yard.offer("n1", Offer(4, pins=((0, 4),), boot="b1"))
    yard.offer("n1+2", Offer(3, pins=((0, 4),), boot="b1"))
    running = yard.submit(4, pin=True)
    for name, number in (("n1", 0), ("n1", 1), ("n1+2", 0), ("n1+2", 1)):
        yard.ask(name, number)
    (large,) = yard.submit(cpus=4, pin=True)
    yard.submit(9, pin=True)
    (plain,) = yard.submit()
    assert None is yard.ask("n1", 2)
    yard.end(running[2])
    assert plain == yard.ask("n1+2", 0).id, "what is not pinned may run"  # type: ignore[union-attr]
    for job in (running[0], running[1], running[3]):
        yard.end(job)
    assert None is yard.ask("n1+2", 1)

    assert large == yard.ask("n1", 0).id  # type: ignore[union-attr]


def test_who_pins_at_another_worker_is_a_guest_of_the_host() -> None:
    """One cpu is left beside those that are kept, and it is taken once."""
    yard = Yard()
    yard.offer("n1", Offer(4, pins=((0, 4),), boot="b1"))
    yard.offer("n1+2", Offer(2, pins=((0, 4),), boot="b1"))
    running = yard.submit(3, pin=True)
    for number in range(3):
        yard.ask("n1", number)
    (large,) = yard.submit(cpus=3, pin=True)
    yard.submit(9, pin=True)
    guest = yard.ask("n1+2", 0)
    assert guest, "it takes what is left"
    yard.end(running[0])
    assert None is yard.ask("n1+2", 1), "there is no more"
    yard.end(guest.id)
    assert yard.ask("n1+2", 1), "until it has ended"
    for job in running[1:]:
        yard.end(job)

    assert large == yard.ask("n1", 0).id  # type: ignore[union-attr]


def test_what_has_ended_is_no_part_of_a_share() -> None:
    """Nobody pays for what he had."""
    yard = Yard()
    yard.offer("n1", Offer(4))
    for job in yard.submit(3, "ann"):
        yard.ask("n1")
        yard.end(job)
    (first,) = yard.submit(1, "ann")
    yard.submit(1, "bob")

    assert first == yard.ask("n1").id  # type: ignore[union-attr]


def test_the_latest_offer_counts() -> None:
    """A worker of that host and process id was started again, with more."""
    yard = Yard()
    yard.offer("n1", Offer(1))
    yard.submit(cpus=2)
    assert yard.ask("n1") is None
    yard.offer("n1", Offer(2))

    assert yard.ask("n1") is not None


def test_limits_hold() -> None:
    """Each of its kind, and when one is raised what waited for it goes on."""
    yard = Yard()
    yard.offer("n1", Offer(64))
    yard.limit("tag:net", 1)
    yard.limit("matlab", 3)
    yard.submit(tags=("net",))
    yard.submit(tags=("net",))
    yard.submit(2, licenses=(("matlab", 2),))
    assert [1, 3] == [job.id for number in range(4) if (job := yard.ask("n1", number))]
    yard.limit("tag:net", 2)
    assert 2 == yard.ask("n1", 5).id  # type: ignore[union-attr]
    yard.limit("matlab", None)
    assert 4 == yard.ask("n1", 6).id  # type: ignore[union-attr]


def test_an_array_runs_as_many_at_once_as_it_says() -> None:
    """`--array 1-9%2`; the later word of goq limit counts."""
    yard = Yard()
    yard.offer("n1", Offer(64))
    yard.submit(9, at_once=2)
    given = [yard.ask("n1", number) for number in range(4)]
    assert [1, 2] == [job.id for job in given if job]
    yard.limit("array:1", 3)
    assert 3 == yard.ask("n1", 2).id  # type: ignore[union-attr]
    assert yard.ask("n1", 3) is None


# --- a second opinion ----------------------------------------------------------------------------

HOSTS = {
    "n1": Offer(2, 100, boot="b1", pins=((0, 3),)),
    "n1+2": Offer(3, 100, boot="b1", pins=((1, 4),)),
    "n2": Offer(4, 400, ("0", "1")),
    "n3": Offer(8, 50, (), (("disk", 3),), pins=((0, 8),), ends_ns=100 * 10**9),
}
OWNERS, TAGS = st.sampled_from(["ann", "bob"]), st.sampled_from([(), (), ("net",)])
TERMS = st.fixed_dictionaries(
    {
        "priority": st.sampled_from([0, 0, 0, 5, -5]),
        "cpus": st.sampled_from([1, 1, 2, 4, 9]),
        "gpus": st.sampled_from([0, 0, 0, 1, 2]),
        "pin": st.sampled_from([False, False, True]),
        "time_limit_s": st.sampled_from([0, 0, 40, 80]),
        "memory": st.sampled_from([0, 0, 60 << 20]),
        "resources": st.sampled_from([(), (), (("disk", 2),)]),
        "licenses": st.sampled_from([(), (), (("matlab", 1),)]),
        "at_once": st.sampled_from([0, 0, 2]),
        "tags": TAGS,
    }
)
LIMITS = st.tuples(
    st.sampled_from(["all", "user:ann", "tag:net", "matlab", "weight:bob", "node:n2"]),
    st.none() | st.integers(0, 4),
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("submit"), st.integers(1, 4), OWNERS, TERMS),
        st.tuples(st.just("ask"), st.sampled_from(sorted(HOSTS)), st.integers(0, 5)),
        st.tuples(st.just("ask"), st.sampled_from(sorted(HOSTS)), st.integers(0, 5)),
        st.tuples(st.just("end"), st.integers(0, 20)),
        st.tuples(st.just("limit"), LIMITS),
        st.tuples(st.just("build")),
        st.tuples(st.just("pass"), st.integers(1, 40)),
    ),
    max_size=40,
)


@given(STEPS)
def test_nobody_who_looks_at_every_job_would_choose_another(steps: list[tuple[object, ...]]) -> None:
    """Lanes, heaps, counts of limits and rooms are there for speed, and must not be seen."""
    yard = Yard()
    for host, offer in HOSTS.items():
        yard.offer(host, offer)
    promise = Promise()
    for step in steps:
        match step:
            case ("submit", int(count), str(owner), dict(terms)):
                yard.submit(count, owner, **terms)
            case ("ask", str(host), int(number)):
                _ask(yard, host, number, promise)
            case ("pass", int(seconds)):
                yard.pass_time(seconds)
            case ("end", int(pick)) if yard.state.running:
                yard.end(sorted(yard.state.running)[pick % len(yard.state.running)])
            case ("limit", (str(name), amount)) if name != "weight:bob" or amount:
                yard.limit(name, amount)  # type: ignore[arg-type]
            case ("build",):
                yard.build()
        _check(yard)
        promise.check(yard)


@dataclass
class Promise:
    """The room that is kept, and what ran there when that began: once it has ended the need fits.

    What ranks higher, and came later, may have taken it: then it is no promise any more.
    """

    kept: Reservation | None = None
    ran: set[JobId] = field(default_factory=set)
    is_broken: bool = False

    def check(self, yard: Yard) -> None:
        """The same as it was, or a new one."""
        kept = yard.placement.reservation
        if kept is not self.kept:
            on = yard.state.running.values()
            self.kept, self.is_broken = kept, False
            self.ran = {each.job.id for each in on if kept and each.worker.host == kept.process[0]}
        elif kept and not self.is_broken and not self.ran & yard.state.running.keys():
            room = yard.rooms[kept.process]
            assert all(amount <= room.free(name) for name, amount in kept.key.need if name != TIME)


def _ask(yard: Yard, host: str, number: int, promise: Promise) -> None:
    worker = place(host, number)
    if worker.id in yard.state.jobs_of_worker:
        return
    ranked, limit = yard.ranked(), yard.state.limits.get(f"node:{worker.host}", 99)
    is_full = sum(each.worker.host == worker.host for each in yard.state.running.values()) >= limit
    fitting = [job for job in ranked if yard.fits(job, host)]
    ranked = [job for job in ranked if any(yard.could_hold(job, each) for each in HOSTS)]
    job = yard.placement.pick(worker)
    kept = yard.placement.reservation
    if is_full or not fitting:
        assert job is None
        return
    if fitting[0] == ranked[0]:
        assert job == ranked[0], "the first of all that wait fits"
    elif kept is None or kept.process[0] != worker.host:
        assert job == fitting[0], "the first that fits, and nothing is kept here"
    else:
        assert kept.key.need == need_of(ranked[0].terms), "room is kept for who is first"
        needs = {each.id: need_of(each.terms) for each in fitting}
        if kept.process != process_of(worker):  # of another worker its host's cpus alone
            needs = {job: tuple(each for each in need if each[0] == PINNED) for job, need in needs.items()}
        spared = [each for each in fitting if kept.spares(needs[each.id])]
        assert job == (spared[0] if spared else None), "the first that needs nothing of what is kept"
    if job:
        promise.is_broken |= job == ranked[0]
        yard.give(worker, job)


def _check(yard: Yard) -> None:
    for host, offer in HOSTS.items():
        taken = yard.taken(host)
        del taken[PINNED]
        assert all(taken[name] <= offer.amount(name) for name in taken), "what runs fits"
        gpus = [gpu for each in yard.at(host) for gpu in each.job.grant.gpus]
        for each in yard.at(host):
            assert len(each.job.grant.cpus) == each.job.terms.cpus * each.job.terms.pin
            assert {*offer.pin_ids()} >= {*each.job.grant.cpus}
        assert len(gpus) == len(set(gpus)) == taken["gpus"], "no GPU is in two grants"
    pinned = [(each.worker.host, cpu) for each in yard.state.running.values() for cpu in each.job.grant.cpus]
    assert len(pinned) == len(set(pinned)), "no cpu of a host is in two pinned grants"
    drawn = yard.drawn()
    assert all(
        yard.limits.rest(name) == yard.limits.bound(name) - drawn[name]
        for name in drawn
        if name in yard.state.limits
    )


def test_what_lost_workers_had_is_no_part_of_what_is_there() -> None:
    """Shares are of what is there."""
    rooms = Yard().rooms
    rooms.hear(place("n1", 0), FOUR, 1.0)
    rooms.hear(place("n2", 0), FOUR, 1.0)
    assert 8 == rooms.total("cpus")

    rooms.lose(place("n2", 0))
    assert 4 == rooms.total("cpus")


def test_where_an_owner_s_folder_is_full_his_jobs_wait_and_nobody_else_s() -> None:
    """Each of them would keep its place."""
    yard = Yard(State(Layout("root")))
    yard.offer("n1", FOUR)
    yard.submit(owner="ann")
    (first,) = yard.submit(owner="bob")
    (roots,) = yard.submit(owner="root")
    assert not yard.placement.note_full(frozenset({"ann", ""}))

    assert [first, roots] == [job.id for at in range(2) if (job := yard.ask("n1", at))]
    assert yard.ask("n1", 2) is None
    assert not yard.placement.note_full(frozenset({"ann"}))
    assert yard.placement.note_full(frozenset())
    assert JobId(1) == yard.ask("n1", 2).id  # type: ignore[union-attr]


def test_no_room_is_kept_for_whoever_has_none_for_outputs() -> None:
    """Others may have it."""
    yard = Yard(State(Layout("root")))
    yard.offer("n1", FOUR)
    yard.submit(owner="bob", cpus=2)
    yard.ask("n1")
    yard.submit(owner="ann", cpus=4, priority=5)
    assert yard.ask("n1", 1) is None
    assert yard.placement.reservation
    (second,) = yard.submit(owner="bob", cpus=2)
    assert yard.ask("n1", 1) is None, "room is kept"
    yard.placement.note_full(frozenset({"ann"}))

    assert yard.placement.reservation is None
    assert second == yard.ask("n1", 1).id


def test_in_a_folder_of_all_nobody_waits_for_room() -> None:
    """It is the server's disk then that is full."""
    yard = Yard()
    yard.offer("n1", FOUR)
    yard.submit(owner="ann")
    yard.placement.note_full(frozenset({""}))

    assert yard.ask("n1")
