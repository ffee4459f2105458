"""Why jobs wait is never wrong: an account of its own says what each reason promises."""

from collections import Counter
from itertools import product

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from plain import Plain
from reasons import asked, explained
from rig import submission

from goq.core.messages import (
    AskReasons,
    AskWaiting,
    Change,
    ClusterShown,
    ReasonsShown,
    SetLimit,
    ShowCluster,
    ShowWorkers,
    Submit,
    WaitingShown,
    WorkersShown,
)
from goq.core.values.changes import Alter, Hold
from goq.core.values.cluster import Cluster
from goq.core.values.ids import JobId, WorkerId
from goq.core.values.items import Numbers
from goq.core.values.job import By, Job
from goq.core.values.layout import Layout
from goq.core.values.reasons import Explained, Reason, Sooner
from goq.core.values.room import MIB, Offer, need_of
from goq.core.values.selectors import selector_of
from goq.core.values.terms import Terms

SHUT = ("removed", "changing", "delivery", "held", "after", "retry", "until")
ANN = By("ann", "head", 7)
OFFERS = {"w1": Offer(4, 512), "w2": Offer(8, 1024, ("0", "1")), "w3": Offer(2)}
PLACES = [f"{worker}/{number}" for worker, number in product(OFFERS, (1, 2, 3))]

asks = st.tuples(st.just("ask"), st.sampled_from(PLACES))
submits = st.tuples(
    st.just("submit"),
    st.builds(
        Terms,
        cpus=st.sampled_from([1, 1, 2, 3, 6, 9]),
        memory=st.sampled_from([0, 0, 256 * MIB, 900 * MIB]),
        gpus=st.sampled_from([0, 0, 0, 1, 2, 3]),
        priority=st.sampled_from([0, 0, 1]),
        held=st.sampled_from([False, False, False, True]),
    ),
    st.sampled_from(["ann", "bob"]),
)
finishes = st.tuples(st.just("finish"), st.integers(0, 20))
limits = st.tuples(
    st.just("limit"),
    st.sampled_from(["user:ann", "all", "node:host-of-w2", "node:host-of-w1"]),
    st.sampled_from([0, 2, None]),
)
steps = st.lists(st.one_of(asks, asks, submits, submits, finishes, limits), min_size=5, max_size=40)


def of(owner: str, terms: Terms) -> Submit:
    """One job of somebody's."""
    submit = submission(1, terms)
    return replace(submit, submitter=f"{owner}@host")


class Account:
    """What runs where, which places wait, and which limits are set: kept apart from the board's."""

    def __init__(self) -> None:
        self.server = Plain()
        self.asked: set[str] = set()
        self.seen: set[str] = set()
        self.limits: dict[str, int | None] = {}

    def step(self, step: tuple[object, ...]) -> None:
        """Something happens."""
        match step:
            case ("ask", str(name)):
                if not self.holds(name):
                    self.asked.add(name)
                    self.seen.add(name.partition("/")[0])
                    self.server.offer(name, OFFERS[name.partition("/")[0]])
            case ("submit", Terms() as terms, str(owner)):
                self.server.ask(of(owner, terms))
            case ("finish", int(pick)):
                running = sorted(self.server.state.running)
                if running:
                    run = self.server.state.running[running[pick % len(running)]]
                    self.asked.discard(run.worker.id)
                    self.server.finish(run.claim)
            case ("limit", str(name), amount):
                self.limits[name] = amount if isinstance(amount, int) else None
                self.server.ask(SetLimit(name, self.limits[name], "", ANN))

    def holds(self, name: str) -> bool:
        """The place has a job."""
        return bool(self.server.state.held_by_worker(WorkerId(name)))

    def idle(self) -> list[str]:
        """The places that wait."""
        return [name for name in self.asked if not self.holds(name)]

    def is_there(self, worker: str) -> bool:
        """It has asked, and no time passes."""
        return worker in self.seen

    def is_drained(self, worker: str) -> bool:
        """Its host may run no more."""
        most = self.limits.get(f"node:host-of-{worker}")
        running = [
            run for run in self.server.state.running.values() if run.worker.host == f"host-of-{worker}"
        ]
        return most is not None and len(running) >= most

    def free(self, worker: str, name: str) -> float:
        """What of it nobody has."""
        there = [run for run in self.server.state.running.values() if run.worker.host == f"host-of-{worker}"]
        return OFFERS[worker].amount(name) - sum(dict(run.job.need).get(name, 0) for run in there)

    def could_hold(self, worker: str, job: Job) -> bool:
        """If nothing ran."""
        return all(OFFERS[worker].amount(name) >= much for name, much in job.need)

    def would_take(self, worker: str, job: Job) -> bool:
        """A place of it waits, it is not drained, and enough is free."""
        waits = any(name.startswith(worker) for name in self.idle())
        fits = all(self.free(worker, name) >= much for name, much in job.need)
        return waits and fits and not self.is_drained(worker)

    def over(self, job: Job) -> bool:
        """A limit has too little left."""
        drawn = {"all": len(self.server.state.running)}
        cpus: Counter[str] = Counter()
        for run in self.server.state.running.values():
            cpus[f"user:{run.job.origin.owner}"] += run.job.terms.cpus
        drawn |= cpus
        wants = {"all": 1, f"user:{job.origin.owner}": job.terms.cpus}
        bounds = ((self.limits.get(name), drawn.get(name, 0) + much) for name, much in wants.items())
        return any(bound is not None and much > bound for bound, much in bounds)


def expected(account: Account, number: JobId) -> set[str]:
    """The codes that the account finds for a job that waits."""
    state = account.server.state
    job = state.job(number)
    there = [worker for worker in OFFERS if account.is_there(worker)]
    large = [worker for worker in there if account.could_hold(worker, job)]
    is_held = number in state.held
    found = {"held"} if is_held else set()
    closed = any(
        (bound := account.limits.get(name)) is not None and bound < much
        for name, much in (("all", 1), (f"user:{job.origin.owner}", job.terms.cpus))
    )
    if account.over(job) and (not is_held or closed):
        found.add("limit")
    if there and not large:
        found.add("nowhere")
    if is_held or (there and not large):
        return found
    if not there:
        return {*found, "no_workers"}
    if all(account.is_drained(worker) for worker in large):
        return {*found, "node"}
    if not any(account.would_take(worker, job) for worker in large):
        return {*found, "room"}
    return {*found, "kept"} if "limit" not in found else {*found, *({"kept"} & codes(account, number))}


def why(account: Account, number: JobId) -> Explained:
    """What the server says."""
    return explained(account.server.ask(asked(number)))


def codes(account: Account, number: JobId) -> set[str]:
    """What keeps it."""
    return {reason.code for reason in why(account, number).reasons}


@given(steps)
def test_no_reason_is_wrong_and_none_is_missing(history: list[tuple[object, ...]]) -> None:
    """What has reason room starts nowhere now, what is kept would, and what only waits its turn has been given."""
    account = Account()
    for step in history:
        account.step(step)

    for number in list(account.server.state.waiting):
        assert expected(account, number) == codes(account, number), number


@given(steps)
def test_what_lasts_longest_is_named_first(history: list[tuple[object, ...]]) -> None:
    account = Account()
    for step in history:
        account.step(step)

    for number in list(account.server.state.waiting):
        ranks = [reason.rank for reason in why(account, number).reasons]
        assert ranks
        assert sorted(ranks) == ranks


@given(steps)
def test_what_is_promised_sooner_starts_at_once(history: list[tuple[object, ...]]) -> None:
    """`goq alter 12 -c 3    would start now on n14`: it does, and there."""
    account = Account()
    for step in history:
        account.step(step)
    server = account.server
    for number in list(server.state.waiting):
        sooner = why(account, number).sooner if number in server.state.waiting else ()
        for each in sooner:
            field, much = ("cpus", each.amount) if each.name == "cpus" else ("memory", each.amount * MIB)
            terms = replace(Terms(), **{field: much})
            server.ask(Change(selector_of([str(number)]), Alter((field,), terms), ANN))

            assert each.host == server.state.running[number].worker.host


@given(steps)
def test_the_parts_of_the_cluster_are_all_of_it(history: list[tuple[object, ...]]) -> None:
    """What is busy, kept, free and drained adds up; so do the jobs of the users, and their cpus."""
    account = Account()
    for step in history:
        account.step(step)
    state, cluster = account.server.state, shown(account)

    there = [worker for worker in OFFERS if account.is_there(worker)]
    assert sum(OFFERS[worker].cpus for worker in there) == cluster.cpus.all
    assert sum(run.job.terms.cpus for run in state.running.values()) == cluster.cpus.busy
    drained = [worker for worker in there if account.limits.get(f"node:host-of-{worker}") == 0]
    assert sum(account.free(worker, "cpus") for worker in drained) == cluster.cpus.drained
    assert cluster.cpus.busy == sum(user.cpus for user in cluster.users)
    workers = account.server.ask(ShowWorkers())
    assert isinstance(workers, WorkersShown)
    assert cluster.cpus.kept == sum(row.kept_cpus for row in workers.rows if row.state == "ready")
    assert (len(state.waiting), len(state.running)) == (cluster.waiting, cluster.running)
    assert cluster.waiting == sum(user.waiting for user in cluster.users)
    assert cluster.running == sum(user.running for user in cluster.users)
    assert all(user.reason for user in cluster.users if user.waiting)
    counts = account.server.ask(AskWaiting())
    assert isinstance(counts, WaitingShown)
    assert cluster.waiting == sum(counts.reasons.values())
    assert counts.reasons.get("held", 0) <= len(state.held)
    assert len(state.waiting) - counts.ready == sum(
        count for code, count in counts.reasons.items() if code in SHUT
    )


def shown(account: Account) -> Cluster:
    """What `goq stat` asks for."""
    answer = account.server.ask(ShowCluster())
    assert isinstance(answer, ClusterShown)
    return answer.cluster


def reasons(server: Plain, *of_ranges: tuple[int, int]) -> tuple[Reason | None, ...]:
    """Of each of these ranges."""
    answer = server.ask(AskReasons(tuple((JobId(first), JobId(end)) for first, end in of_ranges)))
    assert isinstance(answer, ReasonsShown)
    return answer.rows


def test_the_reason_that_most_of_the_tasks_share() -> None:
    """Three of twelve are held, the others wait for room; of what does not wait there is none."""
    server = Plain()
    server.ask(replace(submission(), items=Numbers(((1, 12, 1),))))
    server.ask(Change(selector_of(["1.1-3"]), Hold(), ANN))
    server.ask(submission(1, Terms(held=True)))
    answer = reasons(server, (1, 13), (13, 14), (1, 4), (20, 30))

    assert ["no_workers", "held", "held", None] == [each and each.code for each in answer]


def test_kept_room_is_told_to_whom_it_is_kept_from() -> None:
    """And who it is kept for hears where."""
    server = Plain()
    server.offer("w1/1", Offer(4))
    server.ask(submission(1, Terms(cpus=2)))
    server.offer("w1/2", Offer(4))
    server.offer("w1/3", Offer(4))
    server.ask(submission(1, Terms(cpus=4)))
    server.ask(submission(1, Terms(cpus=2, priority=-1)))
    large, small = explained(server.ask(asked(2))), explained(server.ask(asked(3)))

    assert ("room", ("host-of-w1",)) == (large.reasons[0].code, large.reasons[0].hosts)
    assert ("kept", ((JobId(2), JobId(3)),)) == (small.reasons[0].code, small.reasons[0].jobs)
    assert [2] == [machine.keeps for machine in large.machines]
    assert 2 == (large.machines[0].lacks or {}).get("cpus")


def test_whose_outputs_find_no_room_is_told_so_and_goes_before_nobody() -> None:
    """Till there is some, of which nobody has to tell the server."""
    server = Plain()
    server.state.names.layout = Layout("root")
    server.dispatcher.note_outputs(("ann",), frozenset({"ann"}))
    server.offer("w1/1", Offer(4))
    server.ask(submission())
    for _ in range(2):
        server.ask(replace(submission(), submitter="bob@host"))
    anns, bobs = explained(server.ask(asked(1))), explained(server.ask(asked(3)))

    assert [JobId(2)] == list(server.state.running)
    assert ("outputs", "ann") == (anns.reasons[0].code, anns.reasons[0].owner)
    assert bobs.turn
    assert (0, JobId(3)) == (bobs.turn.rivals, bobs.turn.next_job)

    server.dispatcher.note_outputs((), frozenset())
    assert 0 == server.dispatcher.next_deadline()
    server.pass_time(0)
    assert 0 < server.dispatcher.next_deadline()


def test_what_can_run_nowhere_is_nobodys_next() -> None:
    """It is older, and goes before nobody."""
    server = Plain()
    server.offer("w1/1", Offer(4))
    server.ask(submission(1, Terms(cpus=9)))
    server.ask(submission(1, Terms(cpus=3)))
    server.ask(submission(1, Terms(cpus=4)))
    job = explained(server.ask(asked(3)))

    assert job.turn
    assert (0, 0, JobId(3)) == (job.turn.older, job.turn.higher, job.turn.next_job)


def test_needs_are_what_is_looked_at() -> None:
    """The needs that a reason names are those that places are given by."""
    terms = Terms(cpus=9)
    server = Plain()
    server.offer("w1/1", Offer(4))
    server.ask(submission(1, terms))

    assert need_of(terms) == explained(server.ask(asked(1))).reasons[0].need


def test_what_would_start_now_with_less_is_told_where() -> None:
    """Three of eight cpus are free for one that needs six; with fewer than a quarter it would be another job."""
    server = Plain()
    for place in ("w2/1", "w2/2"):
        server.offer(place, OFFERS["w2"])
    server.ask(submission(1, Terms(cpus=5)))
    server.ask(submission(1, Terms(cpus=6)))
    server.ask(submission(1, Terms(cpus=4, memory=2000 * MIB, held=True)))

    assert (Sooner("cpus", 3, "host-of-w2"),) == explained(server.ask(asked(2))).sooner
    server.ask(submission(1, Terms(cpus=13, priority=1)))
    assert () == explained(server.ask(asked(3))).sooner
    assert () == explained(server.ask(asked(4))).sooner
