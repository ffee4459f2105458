"""Who may do what: the whole table, cell by cell, and in whose name things are done."""

from itertools import count

import pytest
from epochs import EPOCH
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace
from questions import BY, questions, submission, worker_id

from goq.core import messages as m
from goq.core.dispatch import people
from goq.core.dispatch.changing import SLICE_RANGES
from goq.core.dispatch.copies import SAID_LIMIT
from goq.core.dispatch.decision import Outcome, Rules
from goq.core.dispatch.door import Dispatcher
from goq.core.dispatch.ends import REMOVED
from goq.core.dispatch.freshness import FreshnessGate
from goq.core.dispatch.guard import DEEDS, attributed, deed_of
from goq.core.dispatch.veil import HIDDEN
from goq.core.dispatch.workers import WORKERS_EACH
from goq.core.messages import NO_BLOB_HERE
from goq.core.messages.keys import KeyDeed
from goq.core.state.records import Held, Record, ResultRefused
from goq.core.state.state import State
from goq.core.values.blobs import blob_of, sha256_of
from goq.core.values.changes import Alter, Hold, Kill, Pause, Release
from goq.core.values.ids import Epoch, Handle, JobId, Nonce, Now, QueueId, WorkerId
from goq.core.values.job import By, Claim, Worker
from goq.core.values.layout import Layout
from goq.core.values.limit_names import HEALTH
from goq.core.values.result import FOLDER_TROUBLE, OUT, Result
from goq.core.values.rights import Deed, may, may_change, may_read, may_run, refusal
from goq.core.values.room import Offer
from goq.core.values.selectors import Named, Number, Selector
from goq.core.values.terms import Terms
from goq.core.values.who import ADMINISTRATOR, Role, Who, read_key_name

NOW = Now(1.0, 10**18)
ANN, BOB = Who(Role.USER, "ann", 1), Who(Role.USER, "bob", 1)
NODE = Who(Role.NODE, "n1", 1)
GONE = Who(Role.USER, "ann", 1, is_retired=True)
ROOMY = Offer(cpus=8)


class Head(Struct):
    """A server's decisions, with somebody's key at each question."""

    dispatcher: Dispatcher
    nonces: "count[int]"
    records: list[Record]

    def ask(self, who: Who, question: m.Question) -> m.Answer | None:
        """What they are answered at once."""
        nonce = Nonce(next(self.nonces).to_bytes(16, "big"))
        request = m.Request(Handle(1, b"", who), nonce, NOW.wall_ns, question)
        outcome = Outcome()
        admitted = self.dispatcher.admit(request, NOW, outcome)
        if admitted is not None:
            outcome = self.dispatcher.handle(admitted, NOW)
        self.records += outcome.records
        own = [reply.answer for reply in outcome.replies if reply.in_reply_to == nonce]
        return own[0] if own else None

    def refuses(self, who: Who, question: m.Question) -> str:
        """Why they are refused that; "" when they are not."""
        answer = self.ask(who, question)
        return answer.reason if isinstance(answer, m.Refused) else ""

    def submit(self, who: Who, *, host: str = "head", terms: Terms | None = None) -> JobId:
        """A job of theirs."""
        answer = self.ask(who, submission(f"mallory@{host}", terms or Terms()))
        assert isinstance(answer, m.AckSubmit), answer
        return answer.first

    def submit_script(self, who: Who, text: bytes) -> JobId:
        """The same, with a script that is taken along."""
        answer = self.ask(who, replace(submission(), script=blob_of(text)))
        assert isinstance(answer, m.AckSubmit), answer
        (nonce,) = self.dispatcher.state.deliveries
        self.ask(who, m.AddBlob(nonce, blob_of(text), 0, sha256_of(text), text))
        return answer.first

    def runs(self, who: Who, worker: str, offer: Offer = ROOMY) -> list[JobId]:
        """What a worker that asks with that key has now."""
        name = f"{who.holder}:{worker}" if who.holder else worker
        report = m.Report(
            Worker(WorkerId(name), "there", 1), next(self.nonces), offer, wants=((WorkerId(f"{name}-0"), 1),)
        )
        self.ask(who, report)
        return sorted(
            job for job, run in self.dispatcher.state.running.items() if run.worker.id == f"{name}-0"
        )


@pytest.fixture
def head() -> Head:
    """With two users and a node, each of whom has a key."""
    state = State()
    dispatcher = Dispatcher(state, FreshnessGate(60.0, Now(0.0, 0)), Rules(), {})
    dispatcher.resume(NOW)
    found = Head(dispatcher, count(1), [])
    for role, name in ((Role.USER, "ann"), (Role.USER, "bob"), (Role.NODE, "n1")):
        assert m.AckKey(1, queue="") == found.ask(ADMINISTRATOR, m.SetKey(role, name, KeyDeed.ADD, BY))
    return found


def called(who: Who) -> str:
    """As the table of docs/security.md calls them."""
    return "removed user" if who.is_retired else str(who.role)


def test_each_question_is_some_deed() -> None:
    """A question that nobody has thought of is refused by an error, and not let through."""
    asked = {type(each) for each in questions(ANN)}

    assert set(m.Question.__args__) == set(DEEDS) == asked


@pytest.mark.parametrize("who", [ADMINISTRATOR, ANN, NODE, GONE], ids=called)
def test_every_cell_of_the_table_is_what_the_rights_say(head: Head, who: Who) -> None:
    assert [head.submit_script(ANN, b"x")] == head.runs(ANN, "w")
    for question in questions(who):
        fresh = Outcome()
        request = m.Request(Handle(1, b"", who), Nonce(bytes(16)), NOW.wall_ns, question)
        admitted = head.dispatcher.admit(request, NOW, fresh)

        is_idle = who.is_retired and isinstance(question, m.Report)  # and hears that its key is old
        assert (admitted is not None) == (may(who, deed_of(who, question)) and not is_idle), question
        if admitted is None and not is_idle:
            (reply,) = fresh.replies
            assert isinstance(reply.answer, m.Refused)
            assert reply.answer.reason == refusal(who, deed_of(who, question))


def test_the_table() -> None:
    """What is said of each role in docs/security.md."""
    table = {
        who.key or who.role: {deed for deed in Deed if may(who, deed)} for who in (ADMINISTRATOR, ANN, NODE)
    }

    assert table == {
        "administrator": set(Deed),
        "user:ann:1": {Deed.SUBMIT, Deed.CHANGE, Deed.SEE, Deed.READ, Deed.GREET, Deed.WORK},
        "node:n1:1": {Deed.GREET, Deed.WORK, Deed.DRAIN},
    }
    assert {Deed.GREET, Deed.WORK} == {deed for deed in Deed if may(GONE, deed)}


@given(st.sampled_from([ADMINISTRATOR, ANN, BOB, NODE, GONE]), st.sampled_from(["ann", "bob", "root", ""]))
def test_whose_jobs(who: Who, owner: str) -> None:
    """Nobody changes or reads more than their own, but for administrators; a node runs what everybody has."""
    is_own = who.role is Role.ADMINISTRATOR or (who.role is Role.USER and who.name == owner)

    assert may_change(who, owner) == (is_own and not who.is_retired)
    assert may_read(who, owner) == (is_own and not who.is_retired)
    assert may_run(who, owner) == (is_own or who.role is Role.NODE)
    assert may_read(who, owner, is_open=True) == (who.role is not Role.NODE and not who.is_retired)


# --- in whose name -------------------------------------------------------------------------


def test_the_owner_is_whoever_has_the_key(head: Head) -> None:
    job = head.submit(ANN, host="elsewhere")
    other = head.submit(ADMINISTRATOR)
    live = head.dispatcher.state.submissions

    assert "ann@elsewhere" == live[job].origin.submitter
    assert live[job].terms.keyed
    assert "mallory" == live[other].origin.owner
    assert not live[other].terms.keyed


def test_what_a_user_does_is_noted_as_his() -> None:
    forged = By("root", "h", 3)
    who = By("ann", "h", 3)

    for question in (
        m.Change(Selector(), Kill(), forged),
        m.Cancel(JobId(1), by=forged),
        m.CancelEach((JobId(1),), by=forged),
        m.Retry(Selector((Number(JobId(1)),)), forged),
        m.SetLimit("array:1", 3, "", forged),
    ):
        done = attributed(ANN, question)
        assert isinstance(done, m.Change | m.Cancel | m.CancelEach | m.Retry | m.SetLimit)
        assert who == done.by
    assert m.Mean(Selector(), "ann") == attributed(ANN, m.Mean(Selector(), "root"))


def test_a_worker_is_where_its_key_says() -> None:
    """Else a user's worker would say that the GPUs of a node are its own, or that the node is in trouble."""
    done = m.Done(Claim(EPOCH, JobId(1), 1, WorkerId("w-0")), Result(host="elsewhere"))
    told = m.Report(
        Worker(WorkerId("w"), "n1", 5), 1, Offer(cpus=4, owner="root", is_root=True), ended=(done,)
    )
    of_node, of_user = attributed(NODE, told), attributed(BOB, told)

    assert isinstance(of_node, m.Report)
    assert isinstance(of_user, m.Report)
    assert ["n1"] == [each.result.host for each in of_node.ended]
    assert ["bob@n1"] == [each.result.host for each in of_user.ended]
    assert ("n1", "") == (of_node.worker.host, of_node.offer.owner)
    assert ("bob@n1", "bob") == (of_user.worker.host, of_user.offer.owner)
    assert not of_node.offer.is_root
    again = attributed(BOB, told)
    assert isinstance(again, m.Report)
    assert of_user.offer is again.offer, "an offer that is the same is the same value, which costs nothing"


# --- others' jobs --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "what", [Kill(), Hold(), Release(), Pause(), Alter(("priority",), Terms(priority=-5))]
)
def test_nobody_changes_others_jobs(head: Head, what: Kill | Hold | Release | Pause | Alter) -> None:
    job, own = head.submit(ANN), head.submit(BOB)
    both = Selector((Number(job), Number(own)))

    assert "job 1 is ann's" in head.refuses(BOB, m.Change(Selector((Number(job),)), what))
    assert "job 1 is ann's" in head.refuses(BOB, m.Change(both, what)), "and nothing of it is done"
    assert "job 1 is ann's" in head.refuses(BOB, m.Change(Selector(user="ann"), what))
    assert "" == head.refuses(BOB, m.Change(Selector((Number(own),)), what))
    assert "" == head.refuses(ADMINISTRATOR, m.Change(Selector((Number(job),)), what))


def test_nobody_kills_others_jobs_by_number(head: Head) -> None:
    job = head.submit(ANN)

    assert "job 1 is ann's" in head.refuses(BOB, m.Cancel(job))
    assert "job 1 is ann's" in head.refuses(BOB, m.CancelEach((job,)))
    assert job in head.dispatcher.state.waiting
    assert m.AckCancel(job, was_running=False) == head.ask(ANN, m.Cancel(job))


def test_a_name_means_ones_own(head: Head) -> None:
    theirs = head.submit(ANN, terms=Terms(name="fold"))
    own = head.submit(BOB, terms=Terms(name="fold"))

    head.ask(BOB, m.Change(Selector((Named("fold"),)), Kill(), By("ann", "h", 1)))

    assert theirs in head.dispatcher.state.waiting
    assert own not in head.dispatcher.state.waiting


def test_a_key_that_jobs_have_is_their_owners(head: Head) -> None:
    """Else whoever took a name first would keep others from theirs."""
    first = head.submit(ANN, terms=Terms(unique="nightly"))

    assert first != head.submit(BOB, terms=Terms(unique="nightly"))
    assert first == head.submit(ANN, terms=Terms(unique="nightly"))


def test_nobody_takes_anothers_submission_for_his_own(head: Head) -> None:
    """Who hears a nonce on its way, and is faster, keeps nobody from hearing that nothing of his was submitted."""
    nonce = Nonce(b"heard on the way")
    answers = []
    for who in (BOB, ANN, BOB):
        request = m.Request(Handle(1, b"", who), nonce, NOW.wall_ns, submission())
        admitted = head.dispatcher.admit(request, NOW, Outcome())
        assert admitted is not None
        (reply,) = head.dispatcher.handle(admitted, NOW).replies
        answers.append(reply.answer)

    assert answers[0] == answers[2]
    assert isinstance(answers[0], m.AckSubmit)
    assert isinstance(answers[1], m.Refused)


def test_a_priority_above_0_takes_a_limit(head: Head) -> None:
    assert "priority of 0 at most" in head.refuses(ANN, submission(terms=Terms(priority=5)))
    assert "" == head.refuses(ADMINISTRATOR, m.SetLimit("priority:ann", 5, "", BY))
    assert "" == head.refuses(ANN, submission(terms=Terms(priority=5)))
    assert "at most" in head.refuses(ANN, submission(terms=Terms(priority=6)))
    assert "" == head.refuses(ADMINISTRATOR, submission(terms=Terms(priority=1000)))


def test_nobody_sees_others_arguments(head: Head) -> None:
    head.submit(ANN)
    seen, own = head.ask(BOB, m.TakeSnapshot(5)), head.ask(ANN, m.TakeSnapshot(5))

    assert isinstance(seen, m.Snapshot)
    assert isinstance(own, m.Snapshot)
    (theirs,), (mine,) = seen.waiting, own.waiting
    assert (b"run", b"/", b"", "ann") == (
        theirs.argv,
        theirs.origin.folder,
        theirs.origin.environment,
        theirs.origin.owner,
    )
    assert (b"/home", b"A=1") == (mine.origin.folder, mine.origin.environment)


def test_how_others_jobs_ended_is_told_without_what_they_were_given(head: Head) -> None:
    """Neither where outputs are, nor their digests, which tell whoever guesses that he is right."""
    job, secret = head.submit(ANN), "'/home/ann/secret': no such program"
    assert [job] == head.runs(NODE, "w")
    claim = head.dispatcher.state.running[job].claim
    files = ((OUT, "/home/ann/secret.txt"),)
    how = Result(125, problem=secret, host="n1", output_length=9, output_sha256=bytes(32), files=files)
    waits = m.Request(Handle(2, b"bob", BOB), Nonce(b"w" * 16), NOW.wall_ns, m.Observe(job))
    assert not head.dispatcher.handle(waits, NOW).replies
    done = m.Report(Worker(WorkerId("node:n1:w"), "n1", 1), 99, ended=(m.Done(claim, how),))
    request = m.Request(Handle(1, b"", NODE), Nonce(b"x" * 16), NOW.wall_ns, done)
    (parked,) = [
        each.answer for each in head.dispatcher.handle(request, NOW).replies if each.handle.who == BOB
    ]

    for answer in (
        parked,
        head.ask(BOB, m.Observe(job)),
        head.ask(BOB, m.ObserveEach((job,))),
        head.ask(BOB, m.TakeSnapshot(9)),
        head.ask(BOB, m.AskWhy(((job, JobId(job + 1)),))),
    ):
        assert answer is not None
        assert "secret" not in str(answer), type(answer)
        assert str(bytes(32)) not in str(answer), type(answer)
    own = head.ask(ANN, m.Observe(job))
    assert isinstance(own, m.JobFinishedNotice)
    assert secret == own.ended.result.problem
    assert isinstance(parked, m.JobFinishedNotice)
    assert (125, HIDDEN) == (parked.ended.status, parked.ended.result.problem)


@pytest.mark.parametrize(("why", "told"), [("disk swap", "disk swap"), ("", "it is drained")])
def test_why_a_machine_is_drained_is_everybody_s(head: Head, why: str, told: str) -> None:
    """And whom one works for."""
    head.runs(NODE, "w")
    head.ask(ADMINISTRATOR, m.SetLimit("node:n1", 0, why, BY))
    job = head.submit(ANN)
    head.ask(BOB, says("user:bob:w"))
    answer = str(head.ask(BOB, m.AskWhy(((job, JobId(job + 1)),))))

    assert told in answer
    assert "it works for bob only" in answer
    assert HIDDEN not in answer


def test_that_root_s_workers_run_no_users_jobs_is_told_without_a_number(head: Head) -> None:
    """It is no amount, so nobody lacks some of it, drained or not."""
    head.runs(ADMINISTRATOR, "w", replace(ROOMY, is_root=True))
    job = head.submit(ANN)
    for amount in (None, 0):
        head.ask(ADMINISTRATOR, m.SetLimit("node:there", amount, "", BY))
        answer = head.ask(ANN, m.AskWhy(((job, JobId(job + 1)),)))
        assert isinstance(answer, m.Why)
        (machine,) = answer.of.machines
        assert (False, {}) == (machine.small, machine.lacks)


def test_what_came_that_should_not_is_told_to_administrators(head: Head) -> None:
    """Nobody else can do anything about it."""
    assert head.refuses(BOB, m.SetLimit("all", 0, "", BY))

    assert "deniedCount" in str(head.ask(ADMINISTRATOR, m.ShowCluster()))
    assert "deniedCount" not in str(head.ask(ANN, m.ShowCluster()))


def test_what_hosts_say_of_others_folders_is_for_these(head: Head) -> None:
    head.ask(ANN, replace(submission(), folder=b"/home/ann/secret"))
    head.submit(BOB)
    assert [JobId(1)] == head.runs(NODE, "w")
    claim = head.dispatcher.state.running[JobId(1)].claim
    back = m.Returned(claim, FOLDER_TROUBLE, "'/home/ann/secret': not found")
    head.ask(NODE, m.Report(Worker(WorkerId("node:n1:w"), "n1", 1), 99, returned=(back,)))

    everything: list[m.Question] = [
        m.TakeSnapshot(9),
        m.ShowCluster(),
        m.AskWhy(((JobId(1), JobId(2)),)),
        m.AskReasons(((JobId(1), JobId(2)), (JobId(1), JobId(3)))),
    ]
    for question in everything:
        assert "secret" in str(head.ask(ANN, question)), question
        assert "secret" not in str(head.ask(BOB, question)), question
    assert HIDDEN in str(head.ask(BOB, everything[2]))
    assert "of ann: only ann is told why" in str(head.ask(BOB, everything[0]))


def test_who_asks_for_what_others_jobs_read_has_none_of_it(head: Head) -> None:
    """Also if he has its digest from somewhere."""
    script = blob_of(b"echo secret")
    fetch, more = m.FetchBlob(script, 0), sha256_of(b"echo secret")
    nonce = Nonce(b"s" * 16)
    asked = m.Request(Handle(1, b"", ANN), nonce, NOW.wall_ns, replace(submission(), script=script))
    (admitted,) = [head.dispatcher.admit(asked, NOW, Outcome())]
    assert admitted is not None
    head.dispatcher.handle(admitted, NOW)
    head.ask(ANN, m.AddBlob(nonce, script, 0, more, b"echo secret"))
    assert [JobId(1)] == head.runs(ANN, "w")

    assert head.refuses(BOB, fetch) == head.refuses(BOB, m.FetchBlob(blob_of(b"unknown"), 0)) == NO_BLOB_HERE
    assert [None, None] == [head.ask(ANN, fetch), head.ask(NODE, fetch)], "the lender answers"


def test_nobody_says_what_others_jobs_use(head: Head) -> None:
    job = head.submit(ANN)
    assert [job] == head.runs(NODE, "w")
    claim = head.dispatcher.state.running[job].claim
    told = m.Report(Worker(WorkerId("user:bob:w"), "there", 1), 9, used=(m.Used(claim, 1e9, 2**40),))

    assert "may speak for workers with that key only" in head.refuses(BOB, told)
    assert m.UseShown(None) == head.ask(ANN, m.AskUse(job))


def test_nobody_hears_what_others_scripts_are_called_nor_gets_them(head: Head) -> None:
    """Who knew the name could have what is in them: a user's worker asks for it so."""
    job = head.submit_script(ANN, b"secret")
    seen, own = head.ask(BOB, m.TakeSnapshot(5)), head.ask(ANN, m.TakeSnapshot(5))
    assert isinstance(seen, m.Snapshot)
    assert isinstance(own, m.Snapshot)

    assert (b"", blob_of(b"secret")) == (seen.waiting[0].origin.script, own.waiting[0].origin.script)
    assert [job] == head.runs(NODE, "w")
    assert [head.submit(BOB)] == head.runs(BOB, "w")
    fetching = m.FetchBlob(blob_of(b"secret"), 0)
    assert NO_BLOB_HERE == head.refuses(BOB, fetching)
    assert ["", "", ""] == [head.refuses(who, fetching) for who in (ANN, NODE, ADMINISTRATOR)]


@pytest.mark.parametrize(
    "question",
    [
        m.Change(Selector(user="ann"), Kill()),
        m.SetLimit("array:1", 0, "", BY),
        m.SetKey(Role.USER, "eve", KeyDeed.ADD, BY),
    ],
    ids=lambda each: type(each).__name__,
)
def test_what_was_recorded_changes_nothing_a_second_time(head: Head, question: m.Question) -> None:
    """Else all jobs that came since would be killed. Who asks again, since the answer was lost, has another nonce."""
    head.submit(ANN)
    who = ADMINISTRATOR if isinstance(question, m.SetKey) else ANN
    head.ask(who, question)
    head.submit(ANN)
    nonce = Nonce((next(head.nonces) - 2).to_bytes(16, "big"))
    request = m.Request(Handle(1, b"", who), nonce, NOW.wall_ns, question)

    assert Outcome() == head.dispatcher.handle(request, NOW)


# --- who runs what -------------------------------------------------------------------------


def test_a_users_worker_runs_that_users_jobs_only(head: Head) -> None:
    head.submit(ADMINISTRATOR)
    head.submit(BOB)
    own = head.submit(ANN)

    assert [own] == head.runs(ANN, "w")


def test_a_node_runs_everybodys(head: Head) -> None:
    jobs = [head.submit(ANN), head.submit(BOB), head.submit(ADMINISTRATOR)]

    found = [job for at in range(3) for job in head.runs(NODE, f"w{at}")]
    assert jobs == sorted(found)


def test_root_with_the_cluster_id_runs_nothing_of_users(head: Head) -> None:
    head.submit(ANN)
    own = head.submit(ADMINISTRATOR)

    assert [own] == head.runs(ADMINISTRATOR, "w", Offer(cpus=8, is_root=True))
    assert [1] == head.runs(ADMINISTRATOR, "v", Offer(cpus=8)), "who is not root does as before"


def test_nobody_speaks_for_others_workers(head: Head) -> None:
    job = head.submit(ANN)
    assert [job] == head.runs(NODE, "w")
    claim = head.dispatcher.state.running[job].claim
    thief = Worker(WorkerId("user:bob:w"), "there", 1)
    done = m.Done(claim, Result(host="there", pid=1, started_ns=1, ended_ns=2))

    for question in (
        m.Report(thief, 9, ended=(done,)),
        m.Report(Worker(WorkerId("node:n1:w"), "there", 1), 9),
        m.Report(thief, 9, held=(m.Held(claim),)),
        m.Report(thief, 9, returned=(m.Returned(claim),)),
        m.Report(thief, 9, wants=((claim.worker, 1),)),
        m.OutputChunk(claim, 0, b"x", bytes(32), bytes(32)),
        m.Goodbye(Worker(WorkerId("node:n1:w"), "there", 1)),
    ):
        assert "may speak for workers with that key only" in head.refuses(BOB, question)
    assert job in head.dispatcher.state.running


def test_a_user_cannot_have_the_journal_taken_for_an_old_copy(head: Head) -> None:
    """What proves that is believed of nodes and administrators: it costs a million numbers."""
    ours = head.dispatcher.state.epoch
    asked = replace(ours, number=ours.number + 1)
    later = m.Request(Handle(1, b"", BOB), Nonce(bytes(16)), NOW.wall_ns, m.News(0), asked)

    outcome = head.dispatcher.handle(later, NOW)
    assert isinstance(outcome.replies[0].answer, m.Refused)
    assert not outcome.notes
    assert head.dispatcher.copies.may_give
    assert not head.dispatcher.copies.examine(later, NOW).records


# --- keys ----------------------------------------------------------------------------------


def test_a_user_who_is_removed_starts_nothing_any_more(head: Head) -> None:
    running, waiting = head.submit(ANN), head.submit(ANN)
    assert [running] == head.runs(NODE, "w")
    answer = head.ask(ADMINISTRATOR, m.SetKey(Role.USER, "ann", KeyDeed.REMOVE, BY))

    assert m.AckKey(1, 1) == answer
    assert 0 == head.dispatcher.state.keys.generation_of(ANN.holder)
    (held,) = [each for each in head.records if isinstance(each, Held)]
    assert (((waiting, waiting + 1),), REMOVED) == (held.ranges, held.reason)
    assert running in head.dispatcher.state.running
    assert m.AckKey(2) == head.ask(ADMINISTRATOR, m.SetKey(Role.USER, "ann", KeyDeed.ADD, BY))
    assert waiting in head.dispatcher.state.held, "adding the user again releases nothing by itself"


@pytest.mark.parametrize("how", ["failed", "handed back"])
def test_what_ran_of_a_removed_user_does_not_start_again(head: Head, how: str) -> None:
    """It waits, held as all that he left."""
    job = head.submit(ANN, terms=Terms(retries=3))
    assert [job] == head.runs(NODE, "w")
    claim = head.dispatcher.state.running[job].claim
    head.ask(ADMINISTRATOR, m.SetKey(Role.USER, "ann", KeyDeed.REMOVE, BY))
    node = Worker(WorkerId("node:n1:w"), "there", 1)
    bad = m.Done(claim, Result(exit_code=3, host="there", pid=1, started_ns=1, ended_ns=2))
    report = m.Report(node, 99, ended=(bad,)) if how == "failed" else m.Goodbye(node)
    head.ask(NODE, report)

    assert job in head.dispatcher.state.held
    assert REMOVED == [each for each in head.records if isinstance(each, Held)][-1].reason
    assert [] == head.runs(NODE, "v")


def test_a_user_may_be_removed_with_all_that_he_has(head: Head) -> None:
    running, waiting, others = head.submit(ANN), head.submit(ANN), head.submit(BOB)
    assert [running] == head.runs(NODE, "w")
    answer = head.ask(ADMINISTRATOR, m.SetKey(Role.USER, "ann", KeyDeed.REMOVE, BY, kill=True))

    assert m.AckKey(1, 2) == answer
    assert head.dispatcher.state.running[running].kill_signal
    assert waiting not in head.dispatcher.state.waiting
    assert others in head.dispatcher.state.waiting


def test_a_key_is_renewed(head: Head) -> None:
    assert m.AckKey(2) == head.ask(ADMINISTRATOR, m.SetKey(Role.NODE, "n1", KeyDeed.RENEW, BY))
    assert 2 == head.dispatcher.state.keys.generation_of(NODE.holder)


@pytest.mark.parametrize(
    ("name", "deed", "words"),
    [("ann", KeyDeed.ADD, "renew"), ("eve", KeyDeed.RENEW, "no user"), ("eve", KeyDeed.REMOVE, "no user")],
)
def test_what_cannot_be_done_about_a_key(head: Head, name: str, deed: KeyDeed, words: str) -> None:
    assert words in head.refuses(ADMINISTRATOR, m.SetKey(Role.USER, name, deed, BY))


def test_nobody_is_called_as_the_servers_own_user() -> None:
    """Else their outputs would lie in one folder."""
    dispatcher = Dispatcher(State(Layout("root", "x")), FreshnessGate(60.0, Now(0.0, 0)), Rules(), {})
    dispatcher.resume(NOW)
    head = Head(dispatcher, count(1), [])
    asked = [m.SetKey(role, "x", KeyDeed.ADD, BY) for role in (Role.USER, Role.NODE)]

    assert ["server's own user", ""] == [
        head.refuses(ADMINISTRATOR, each) and "server's own user" for each in asked
    ]
    assert "" == head.refuses(ADMINISTRATOR, m.SetKey(Role.USER, "y", KeyDeed.ADD, BY))


def test_keys_are_listed(head: Head) -> None:
    head.submit(ANN)
    head.ask(ADMINISTRATOR, m.SetKey(Role.USER, "bob", KeyDeed.REMOVE, BY))
    shown = head.ask(ADMINISTRATOR, m.ShowKeys(Role.USER))

    assert isinstance(shown, m.KeysShown)
    assert [("ann", False, 1), ("bob", True, 0)] == [
        (row.name, row.is_removed, row.live_jobs) for row in shown.rows
    ]


def test_with_a_key_that_counts_no_more_nothing_begins(head: Head) -> None:
    head.submit(ANN)

    me = Worker(worker_id(GONE), "there", 1)
    asking = m.Report(me, 1, wants=((WorkerId(f"{me.id}-0"), 1),))

    assert [] == head.runs(GONE, "w")
    assert "counts no more" in head.refuses(GONE, asking)
    assert "counts no more" in head.refuses(GONE, submission())


def test_what_runs_with_a_key_that_counts_no_more_comes_to_its_end(head: Head) -> None:
    job, later = head.submit(ANN), head.submit(ANN)
    assert [job] == head.runs(ANN, "w")
    claim = head.dispatcher.state.running[job].claim
    head.ask(ADMINISTRATOR, m.SetKey(Role.USER, "ann", KeyDeed.RENEW, BY))
    done = m.Done(claim, Result(host="there", pid=1, started_ns=1, ended_ns=2))
    me = Worker(worker_id(GONE), "there", 1)

    assert "" == head.refuses(GONE, m.Report(me, 9, ended=(done,), wants=((claim.worker, 1),)))
    assert job not in head.dispatcher.state.running
    assert later in head.dispatcher.state.waiting, "and nothing more is given for it"


def test_what_is_refused_is_counted_and_noted_once_a_minute(head: Head) -> None:
    for _ in range(3):
        head.refuses(BOB, m.ShutdownServer())

    snapshot = head.ask(ADMINISTRATOR, m.TakeSnapshot(0))
    assert isinstance(snapshot, m.Snapshot)
    assert 3 == snapshot.counters["deniedCount"]


def test_a_node_that_is_not_well_drains_itself_and_nobody_else(head: Head) -> None:
    by = By(HEALTH, "n1", 3)

    assert "" == head.refuses(NODE, m.SetLimit("node:n1", 0, "disk", by))
    assert head.refuses(NODE, m.SetLimit("node:n2", 0, "disk", by))
    assert head.refuses(NODE, m.SetLimit("node:n1", 0, "disk", By("root", "n1", 3)))


def test_of_ones_own_array_one_sets_how_many_run(head: Head) -> None:
    job = head.submit(ANN)

    assert "job 1 is ann's" in head.refuses(BOB, m.SetLimit(f"array:{job}", 0, "", BY))
    assert "" == head.refuses(ANN, m.SetLimit(f"array:{job}", 5, "", BY))
    assert head.refuses(ANN, m.SetLimit("user:ann", 5000, "", BY))


@given(st.text(max_size=80))
def test_what_is_no_name_of_a_key_names_nobody(text: str) -> None:
    try:
        who = read_key_name(text)
    except ValueError:
        return
    assert text == who.key


# --- what one user costs others ------------------------------------------------------------


def says(worker: str, at: int = 1, pid: int = 1, host: str = "there") -> m.Report:
    name = WorkerId(worker)
    return m.Report(Worker(name, host, pid), at, ROOMY, wants=((WorkerId(f"{name}-0"), 1),))


def test_with_one_key_there_are_so_many_workers(head: Head) -> None:
    for number in range(WORKERS_EACH):
        assert "" == head.refuses(BOB, says(f"user:bob:{number}", pid=number))

    assert "workers are there already" in head.refuses(BOB, says("user:bob:more"))
    assert "" == head.refuses(BOB, says("user:bob:7", 2, pid=7)), "who is there may speak on"
    head.ask(BOB, m.Goodbye(Worker(WorkerId("user:bob:7"), "there", 7), serial=3))
    assert "" == head.refuses(BOB, says("user:bob:more"))
    assert "" == head.refuses(ANN, says("user:ann:1"))


def test_a_worker_is_at_one_place_whatever_it_says(head: Head) -> None:
    """Else each of its reports would leave a machine behind that everybody's jobs are held against."""
    for at in range(1, 50):
        head.ask(BOB, says("user:bob:w", at, pid=at, host=f"h{at}"))

    assert [("bob@h49", 49)] == head.dispatcher._moves.rooms.present()
    assert 1 == len(list(head.dispatcher._moves.rooms.items()))


def test_workers_that_come_and_go_leave_nothing_behind(head: Head) -> None:
    """Whatever process it is that says goodbye."""
    for at in range(1, 50):
        head.ask(BOB, says(f"user:bob:{at}", 1, pid=at))
        head.ask(BOB, m.Goodbye(Worker(WorkerId(f"user:bob:{at}"), "there", 1000 + at), serial=2))

    assert [] == list(head.dispatcher._moves.rooms.items())


def test_a_worker_that_calls_itself_another_process_gets_jobs_of_its_user_alone(head: Head) -> None:
    """What it may have is known by its process."""
    head.ask(BOB, says("user:bob:w", 1, pid=1))
    head.submit(ANN)
    head.ask(BOB, says("user:bob:w", 2, pid=2))
    own = head.submit(BOB)

    assert [own] == list(head.dispatcher.state.running)


def test_of_two_workers_of_one_process_one_may_go(head: Head) -> None:
    """The other still has jobs of its user alone."""
    for name in ("user:bob:w", "user:bob:other"):
        head.ask(BOB, says(name, 1))
    head.ask(BOB, m.Goodbye(Worker(WorkerId("user:bob:other"), "there", 1), serial=2))
    head.submit(ANN)
    own = head.submit(BOB)

    assert [own] == list(head.dispatcher.state.running)


@pytest.mark.parametrize("at", [1, 2])
def test_where_a_job_runs_that_was_given_before_a_restart_nothing_of_others_follows(
    head: Head, at: int
) -> None:
    """Of a process that has not spoken since nobody knows whom it serves."""
    own = head.submit(BOB)
    assert [own] == head.runs(BOB, "w")
    head.submit(ANN)
    claim = head.dispatcher.state.running[own].claim
    state = head.dispatcher.state
    head.dispatcher = Dispatcher(state, FreshnessGate(60.0, Now(0.0, 0)), Rules(), {})
    report = replace(
        says("user:bob:w", 100, pid=at), ended=(m.Done(claim, Result(started_ns=1, ended_ns=2)),)
    )

    assert isinstance(head.ask(BOB, report), m.Orders | None)
    assert not state.running


def test_hosts_that_serve_one_user_say_nothing_of_others_folders(head: Head) -> None:
    """A folder that all machines lack which may run the job is nowhere, whatever machines others have brought."""
    moves = head.dispatcher._moves
    head.ask(BOB, says("user:bob:w", host="laptop"))
    head.ask(NODE, says("node:n1:w"))

    assert {"n1"} == moves.present(NOW, "ann")
    assert {"n1", "bob@laptop"} == moves.present(NOW, "bob")
    early_s = moves.hosts.settled_s("ann")
    head.ask(BOB, says("user:bob:v", host="another"))
    moves.hosts.hear("bob@third", NOW.attended_s + 99, "bob")
    assert early_s == moves.hosts.settled_s("ann") < moves.hosts.settled_s("bob")


def test_who_waits_for_many_jobs_leaves_room_for_others(head: Head, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "PARKED_JOBS_EACH", 2)
    jobs = [head.submit(BOB) for _ in range(3)]
    for job in jobs[:2]:
        assert head.ask(BOB, m.Observe(job)) is None

    assert "with this key too many" in head.refuses(BOB, m.Observe(jobs[2]))
    assert head.ask(ANN, m.Observe(jobs[2])) is None


def test_changes_of_several_people_go_on_in_turn(head: Head) -> None:
    """Whoever kills a million jobs keeps nobody's from being killed."""
    for _ in range(3 * SLICE_RANGES):
        head.submit(BOB)
        head.submit(ANN, terms=Terms(name="between"))
    own = head.submit(ANN)
    head.ask(BOB, m.Change(Selector(user="bob"), Hold()))
    head.ask(ANN, m.Change(Selector((Number(own),)), Hold()))
    state = head.dispatcher.state

    assert own in state.held
    assert len(state.held) < 3 * SLICE_RANGES, "much of the others is still to be held"


def test_made_up_queues_fill_no_memory(head: Head) -> None:
    for number in range(SAID_LIMIT + 5):
        epoch = Epoch(QueueId(number.to_bytes(16)), 1)
        asked = m.Request(Handle(1, b"", NODE), Nonce(b"q" * 16), NOW.wall_ns, m.TakeSnapshot(0), epoch)
        noted = head.dispatcher.handle(asked, NOW).notes

    assert not noted


# --- what somebody says of attempts that there never were ------------------------------------


def late(who: Who, job: JobId, attempt: int, head: Head) -> m.Report:
    """It has ended, says a worker of theirs."""
    name = f"{who.holder}:w" if who.holder else "w"
    claim = Claim(head.dispatcher.state.epoch, job, attempt, WorkerId(f"{name}-0"))
    done = m.Done(claim, Result(exit_code=66, started_ns=1, ended_ns=2))
    return m.Report(Worker(WorkerId(name), "there", 1), 1000 + attempt, ROOMY, ended=(done,))


@pytest.mark.parametrize("has_ended", [False, True])
def test_of_others_jobs_no_result_is_recorded(head: Head, has_ended: bool) -> None:
    """Not of an attempt that there was, and not with a key that counts no more."""
    job = head.submit(ANN)
    assert [job] == head.runs(NODE, "w")
    if has_ended:
        claim = head.dispatcher.state.running[job].claim
        head.ask(NODE, m.Report(Worker(WorkerId("node:n1:w"), "n1", 1), 99, ended=(m.Done(claim, Result()),)))
    for attempt in (1, 7):
        assert isinstance(head.ask(BOB, late(BOB, job, attempt, head)), m.Orders | None)
    head.ask(ADMINISTRATOR, m.SetKey(Role.USER, "bob", KeyDeed.REMOVE, BY))
    head.ask(replace(BOB, is_retired=True), late(BOB, job, 1, head))

    assert not [record for record in head.records if isinstance(record, ResultRefused)]


def test_of_an_attempt_that_there_was_a_late_result_is_recorded(head: Head) -> None:
    """Of one's own job, or with a node's key; of one that there was not, never."""
    job = head.submit(ANN)
    assert [job] == head.runs(NODE, "w")
    for who, attempt in ((ANN, 1), (NODE, 7), (ADMINISTRATOR, 7), (ANN, 7)):
        head.ask(who, late(who, job, attempt, head))

    (refused,) = [record for record in head.records if isinstance(record, ResultRefused)]
    assert (job, 1, "user:ann:w-0") == (refused.claim.job, refused.claim.attempt, refused.claim.worker)


def test_nobody_says_whose_jobs_his_are_asked_again_of(head: Head) -> None:
    head.submit(ANN)
    own = head.submit(BOB, terms=Terms(again_of=JobId(1)))

    assert 0 == head.dispatcher.state.job(own).terms.again_of


def test_whoever_runs_the_server_gets_no_key_of_a_user(head: Head) -> None:
    """Its holder could do to the administrator's jobs what a user may do to his own."""
    head.dispatcher.state.names.layout = Layout("root", "boss")

    for name in ("root", "boss"):
        assert head.refuses(ADMINISTRATOR, m.SetKey(Role.USER, name, KeyDeed.ADD, BY))
    assert not head.refuses(ADMINISTRATOR, m.SetKey(Role.USER, "cy", KeyDeed.ADD, BY))


def test_what_still_runs_of_one_who_was_removed_may_be_killed_later(head: Head) -> None:
    """Nobody needs to add him for that."""
    job = head.submit(BOB)
    assert [job] == head.runs(NODE, "w")
    remove = m.SetKey(Role.USER, "bob", KeyDeed.REMOVE, BY)
    assert 0 == getattr(head.ask(ADMINISTRATOR, remove), "jobs", None)
    assert head.refuses(ADMINISTRATOR, remove)

    assert 1 == getattr(head.ask(ADMINISTRATOR, replace(remove, kill=True)), "jobs", None)
    assert head.dispatcher.state.running[job].kill_signal
    assert head.refuses(ADMINISTRATOR, m.SetKey(Role.USER, "nobody", KeyDeed.REMOVE, BY, kill=True))
