"""Several people on one cluster, by the installed goq: what each may do, and what comes of all else."""

import json
import os
import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from goq.adapters.config import load_config
from goq.adapters.wire.signing import Signer
from goq.core import messages as m
from goq.core.values.changes import Kill
from goq.core.values.ids import Argv, Environment, JobId, WorkerId
from goq.core.values.job import By, Worker
from goq.core.values.selectors import Number, Selector
from goq.errors import RequestRefused
from goq.roles.client.ask import ask_over
from goq.roles.client.calls import Calls
from system.cluster import Cluster, Daemon, Finished

SECRET_WORD = "sesame-open"


class Person:
    """Somebody with a GOQ_HOME of his own, who has joined by a token."""

    def __init__(self, cluster: Cluster, role: str, name: str) -> None:
        self.cluster, self.role, self.name = cluster, role, name
        self.home = cluster.folder / f"home-of-{name}"
        self.env: dict[str, str | None] = {
            "GOQ_HOME": str(self.home),
            "GOQ_SPOOL": str(cluster.folder / f"spool-of-{name}"),
            "GOQ_CLUSTERID": None,
        }

    def join(self, deed: str = "add") -> None:
        """Be given a key, or another one."""
        token = self.cluster.done(self.role, deed, self.name)
        joined = self.goq("init", "--join", stdin=token.encode())
        assert 0 == joined.returncode, joined

    def goq(self, *words: str, stdin: bytes = b"") -> Finished:
        return self.cluster.goq(*words, env=self.env, stdin=stdin)

    def done(self, *words: str) -> str:
        return self.cluster.done(*words, env=self.env)

    def submit(self, *words: str) -> int:
        return int(self.done("sub", "-q", *words))

    def refused(self, *words: str) -> str:
        """Why that is refused, in one line."""
        ended = self.goq(*words)
        lines = ended.stderr.decode().splitlines()
        assert ended.returncode != 0, ended
        assert 1 == len(lines), lines
        return lines[0]

    def work(self, *words: str) -> Daemon:
        """A worker that has this key."""
        return self.cluster.start_worker(*(words or ("forever",)), env=self.env)

    @property
    def secret(self) -> str:
        return (self.home / "goqkey").read_text().strip()

    def ask(self, question: m.Question) -> m.Answer:
        """What a program of his own making is answered."""
        config = replace(load_config(), port=self.cluster.port, ip="127.0.0.1")
        with Calls(config.address, Signer(self.secret)) as calls:
            try:
                return ask_over(calls, config, question)
            except RequestRefused as refused:
                return m.Refused(str(refused))


@pytest.fixture
def ann(cluster: Cluster) -> Person:
    cluster.start_server()
    person = Person(cluster, "user", "ann")
    person.join()
    return person


@pytest.fixture
def bob(ann: Person) -> Person:
    person = Person(ann.cluster, "user", "bob")
    person.join()
    return person


@pytest.fixture
def node(ann: Person) -> Person:
    person = Person(ann.cluster, "node", "n1")
    person.join()
    return person


# --- who one is ----------------------------------------------------------------------------


def test_the_owner_is_whoever_has_the_key(ann: Person) -> None:
    """Not the account that goq runs under, nor what the environment says."""
    ann.env["USER"] = ann.env["LOGNAME"] = "root"
    job = ann.submit("true")

    (row,) = json.loads(ann.done("list", "--json"))["rows"]
    assert (job, "ann") == (row["id"], row["owner"])


def test_a_token_is_one_word_and_no_argument(ann: Person) -> None:
    token = ann.cluster.done("user", "add", "carl")

    assert re.fullmatch(r"goq-[A-Za-z0-9_-]+\n", token)
    assert len(token) < 800
    assert ann.secret.rpartition(":")[2] not in token
    assert 0o600 == (ann.home / "goqkey").stat().st_mode & 0o777


def test_a_cut_token_joins_nobody(ann: Person) -> None:
    token = ann.cluster.done("user", "add", "carl").strip()
    carl = Person(ann.cluster, "user", "carl")
    for word in (token[:-1], token[:-8], token.replace(token[20], "x", 1) + "y"):
        ended = carl.goq("init", "--join", stdin=word.encode())
        assert 1 == ended.returncode
        assert b"not whole" in ended.stderr
        assert word.encode() not in ended.stderr
    assert not (carl.home / "goqkey").exists()


# --- others' jobs --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        ("kill", "1"),
        ("kill", "--user", "ann"),
        ("kill", "1-5"),
        ("hold", "1"),
        ("release", "1"),
        ("pause", "1"),
        ("resume", "1"),
        ("alter", "1", "-p", "-5"),
        ("kill", "user:ann"),
    ],
)
def test_nobody_changes_others_jobs(ann: Person, bob: Person, words: tuple[str, ...]) -> None:
    ann.submit("--hold", "true")

    assert "job 1 is ann's" in bob.refused(*words)
    assert "held" in ann.done("list")


def test_nobody_retries_others_jobs(ann: Person, bob: Person) -> None:
    job = ann.submit("false")
    ann.work()
    ann.cluster.wait_for_end(job)

    assert "ann's" in bob.refused("retry", str(job))
    assert ann.goq("retry", str(job)).returncode == 0


@pytest.mark.parametrize(
    "words",
    [
        ("limit", "all", "0"),
        ("limit", "priority:bob", "9"),
        ("drain", "n1"),
        ("undrain", "n1"),
        ("shutdown",),
        ("reset",),
        ("immolateworkers",),
        ("user", "list"),
        ("user", "remove", "ann"),
        ("node", "list"),
        ("sub", "-p", "5", "true"),
    ],
)
def test_what_takes_the_cluster_id(ann: Person, bob: Person, words: tuple[str, ...]) -> None:
    assert bob.refused(*words)
    assert ann.done("stat", "0")


def test_nobody_sees_what_others_jobs_are_given_or_write(ann: Person, bob: Person) -> None:
    job = ann.submit(
        "-e", f"PASSWORD={SECRET_WORD}", "sh", "-c", f"echo {SECRET_WORD}; echo {SECRET_WORD} >&2"
    )
    held = ann.submit("--hold", "echo", SECRET_WORD)
    ann.work()
    ann.cluster.wait_for_end(job)
    seen = []
    for words in (
        ("list", "-a", "--json"),
        ("list", "-a", "--tasks"),
        ("show", str(job), "--env", "--events"),
        ("show", str(job), "--json"),
        ("show", str(held)),
        ("stat", "100"),
        ("stat", "--json"),
        ("why", str(job)),
        ("history", str(job)),
        ("history", "-a"),
        ("report", "--json"),
        ("events", "--json"),
        ("workers", "--json"),
    ):
        ended = bob.goq(*words)
        seen.append(ended.stdout.decode() + ended.stderr.decode())
    assert SECRET_WORD not in "".join(seen)
    assert "sh" in seen[0], "that the job is there, and which program it is, everybody sees"
    assert "only ann reads" in bob.refused("logs", str(job))
    assert "only ann reads" in bob.refused("logs", "-f", str(job))
    assert SECRET_WORD in ann.done("logs", str(job))
    assert SECRET_WORD in ann.done("show", str(job))


def test_an_open_server_lets_users_read(cluster: Cluster) -> None:
    server = cluster.start("serve", "--open", cwd=cluster.here)
    cluster.wait_until(lambda: "listening for jobs" in server.text())
    ann, bob = Person(cluster, "user", "ann"), Person(cluster, "user", "bob")
    ann.join()
    bob.join()
    job = ann.submit("echo", SECRET_WORD)
    ann.work()
    cluster.wait_for_end(job)

    assert SECRET_WORD in bob.done("logs", str(job))
    assert "ann's" in bob.refused("kill", str(ann.submit("--hold", "true")))


# --- what a program of one's own making can say --------------------------------------------


def forged_submission() -> m.Submit:
    return m.Submit(Argv(b"id"), b"/", Environment(b""), "ann@head")


def test_a_forged_owner_is_the_holder_of_the_key(ann: Person, bob: Person) -> None:
    answer = bob.ask(forged_submission())

    assert isinstance(answer, m.AckSubmit)
    assert "bob" in ann.done("list", "-a")
    assert "ann's" not in bob.done("kill", str(answer.first))


@pytest.mark.parametrize(
    "question",
    [
        m.Change(Selector((Number(JobId(1)),)), Kill(), By("ann", "head", 1)),
        m.Cancel(JobId(1), by=By("ann", "head", 1)),
        m.CancelEach((JobId(1),), by=By("ann", "head", 1)),
        m.ShutdownServer(),
        m.ImmolateWorkers(),
        m.Reset(),
        m.Report(Worker(WorkerId("n1-1-ab"), "n1", 1), 1, wants=((WorkerId("n1-1-ab-0"), 1),)),
        m.Report(Worker(WorkerId("node:n1:w"), "n1", 1), 1, wants=((WorkerId("node:n1:w-0"), 1),)),
        m.Goodbye(Worker(WorkerId("node:n1:w"), "n1", 1)),
    ],
    ids=lambda question: type(question).__name__,
)
def test_a_forged_question_is_refused(ann: Person, bob: Person, question: m.Question) -> None:
    ann.submit("--hold", "true")
    answer = bob.ask(question)

    assert isinstance(answer, m.Refused), answer
    assert "1" == ann.cluster.stat()["deniedCount"]
    assert "held" in ann.done("list")


def test_a_nodes_key_is_for_work_alone(ann: Person, node: Person) -> None:
    for question in (
        forged_submission(),
        m.Cancel(JobId(1)),
        m.TakeSnapshot(100),
        m.ShowWorkers(),
        m.Look(b"x"),
        m.ShutdownServer(),
        m.SetLimit("node:n2", 0, "", By("health", "n2", 1)),
    ):
        assert isinstance(node.ask(question), m.Refused)
    assert "may not submit" in node.refused("sub", "true")


def test_a_users_worker_is_given_that_users_jobs(ann: Person, bob: Person) -> None:
    first, own = ann.submit("echo", "hers"), bob.submit("echo", "his")
    worker = bob.work()
    ann.cluster.wait_for_end(own)

    assert "of user 'bob' only" in worker.text()
    assert "waiting" in ann.done("list")
    assert "works for bob only" in ann.done("why", str(first))
    ann.work()
    ann.cluster.wait_for_end(first)
    assert "hers" in ann.done("logs", str(first))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has what it shows")
def test_root_with_the_cluster_id_runs_nothing_of_users(ann: Person) -> None:
    job, ours = ann.submit("true"), ann.cluster.submit("true")
    ann.cluster.start_worker()
    ann.cluster.wait_for_end(ours)

    assert "runs as root with the cluster id" in ann.done("why", str(job))


# --- keys come and go ----------------------------------------------------------------------


def test_a_renewed_key_counts_at_once(ann: Person) -> None:
    old = ann.secret
    ann.join("renew")
    new = ann.secret

    assert old != new
    assert ann.done("stat", "0")
    (ann.home / "goqkey").write_text(old)
    assert "counts no more" in ann.refused("list")


def test_a_removed_user_is_out_at_once(ann: Person, bob: Person) -> None:
    worker = ann.work()
    running = ann.submit("sh", "-c", "until test -e go; do sleep 0.05; done; echo well")
    ann.cluster.wait_for_start(running)
    waiting = ann.submit("true")
    said = ann.cluster.done("user", "remove", "ann")

    assert "1 job held" in said
    assert "counts no more" in ann.refused("sub", "true")
    assert "removed" in ann.cluster.done("user", "list")
    (ann.cluster.away / "go").touch()
    ann.cluster.wait_for_end(running)
    assert "well" in ann.cluster.done("logs", str(running)), "what runs comes to its end"
    ann.cluster.wait_until(lambda: "counts no more" in worker.text())
    ann.join()
    assert "held" in ann.done("list"), "adding the user again releases nothing by itself"
    ann.done("release", str(waiting))
    assert bob.done("list", "-a")


def test_keys_live_through_a_restart(ann: Person) -> None:
    server = ann.cluster.daemons[0]
    ann.join("renew")
    server.stop()
    ann.cluster.start_server()

    assert ann.submit("true")
    assert "2" in ann.cluster.done("user", "list")


def test_a_home_with_a_key_is_for_no_server(ann: Person) -> None:
    ended = ann.goq("serve")

    assert 1 == ended.returncode
    assert b"ann" in ended.stderr


# --- bounds --------------------------------------------------------------------------------


def test_what_is_kept_of_a_users_is_bounded(ann: Person) -> None:
    ann.cluster.done("limit", "kept:ann", "1M")
    big = b"x" * 900_000

    assert 0 == ann.goq("sub", "-q", "--hold", "-i", "-", "cat", stdin=big).returncode
    ended = ann.goq("sub", "-q", "--hold", "-i", "-", "cat", stdin=big)
    assert 1 == ended.returncode
    assert b"may be kept" in ended.stderr
    lines = Path(ann.cluster.folder / "lines")
    lines.write_text("\n".join("echo " + "y" * 1000 for _ in range(1000)))
    assert "may be kept" in ann.refused("sub", "lines@", str(lines))


def test_how_many_of_a_users_wait_is_bounded(ann: Person, bob: Person) -> None:
    ann.cluster.done("limit", "queued:ann", "10")

    assert "may wait" in ann.refused("sub", "--array", "1-11", "true")
    assert ann.submit("--array", "1-10", "true")
    assert bob.submit("--array", "1-100", "true")


def test_goq_up_works_with_a_key_and_begins_no_cluster(ann: Person) -> None:
    """A worker of hers beside the server that is there."""
    said = ann.done("up", "-j", "1")
    job = ann.submit("echo", "up")
    ann.cluster.wait_until(lambda: "up" in ann.goq("logs", str(job)).stdout.decode())

    assert "worker started" in said
    assert "worker has ended" in ann.done("down")


def test_the_cluster_id_changes_and_no_job_is_lost(ann: Person, node: Person) -> None:
    """As docs/security.md says: what waits stays in the journal, and each is given a key of the new id."""
    cluster, waiting = ann.cluster, ann.submit("echo", "kept")
    cluster.done("shutdown")
    assert 0 == cluster.daemons[0].wait()
    before = (cluster.home / "goqclusterid").read_text()
    for path in (cluster.home / "goqclusterid", cluster.here / ".goqclusterid"):
        path.unlink(missing_ok=True)
    cluster.done("init")
    cluster.start_server()
    assert before != (cluster.home / "goqclusterid").read_text()
    assert 0 != ann.goq("list", "-a").returncode, "an old key is nobody's"
    for person in (ann, node):
        person.join("renew")
    ann.work()
    cluster.wait_for_end(waiting)

    assert "kept\n" == ann.done("logs", str(waiting))
