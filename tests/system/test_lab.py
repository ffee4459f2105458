"""A lab on four machines: each job runs as its owner, and nobody gets at what is another's.

Root serves and has a node; ann and bob, who have real accounts, have workers of their own; carl is removed while his
job runs. What is tried of files and processes is the table of docs/security.md: scripts/rights.py has its rows.
"""

import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from networks import refusal

from system.accounts import why_not
from system.hall import NODE, Hall, Person, a_hall, three_accounts
from system.jobs import shell

ROOT = Path(__file__).resolve().parents[2]
WHY = why_not() or ("" if shutil.which("setpriv") else "there is no setpriv here")
PASSWORD = "sesame-street"
pytestmark = pytest.mark.skipif(bool(WHY), reason=WHY or "-")


def _rights() -> ModuleType:
    spec = importlib.util.spec_from_file_location("rights", ROOT / "scripts" / "rights.py")
    assert spec
    assert spec.loader
    found = importlib.util.module_from_spec(spec)
    sys.modules["rights"] = found
    spec.loader.exec_module(found)
    return found


RIGHTS = _rights()


class Lab:
    """The hall with everybody at work."""

    def __init__(self, hall: Hall, names: tuple[str, str, str]) -> None:
        self.hall = hall
        self.ann, self.bob, self.carl = map(hall.account, names)
        self._let_in()
        self.gate = hall.all / "carl"
        self.running, self.waiting = self._remove()
        self.places = self._keep()

    def _let_in(self) -> None:
        """Each has a key by a way of its own, and a worker."""
        hall, cluster = self.hall, self.hall.cluster
        hall.done(hall.root, "init", "--tls")
        self.server = hall.serve()
        said = hall.goq(hall.root, "user", "add", self.ann.name, "--install")
        assert b"key created in" in said.stderr, said
        for person in (self.bob, self.carl):
            hall.join(person, hall.done(hall.root, "user", "add", person.name))
        hall.join(hall.node, hall.done(hall.root, "node", "add", NODE), at=NODE)
        copied(hall.node, hall.thief)
        work = ("work", "forever", "-j", "4", "--resource")
        self.node = hall.start(hall.node, *work, "lab=100", at=NODE)
        self.ann_s, self.bob_s = (
            hall.start(person, *work, f"{person.name}=100", at=at)
            for person, at in ((self.ann, "n2"), (self.bob, "n3"))
        )
        workers = (self.node, self.ann_s, self.bob_s)
        cluster.wait_until(lambda: all("looking for work" in worker.text() for worker in workers))

    def _remove(self) -> tuple[int, int]:
        """A job of carl's runs, another waits, and he is out."""
        script = f"until test -e {self.gate}; do sleep 0.05; done; id -un; echo well"
        running, waiting = (
            self.at_node(self.carl, *shell(script)),
            self.at_node(self.carl, "--in", "1h", "true"),
        )
        self.hall.cluster.wait_for_start(running)
        assert "1 job held" in self.hall.done(self.hall.root, "user", "remove", self.carl.name)
        return running, waiting

    def _keep(self) -> list[str]:
        """A job of ann's at the node goes on, with a script and a secret: where script and TMPDIR are, its pid, its parent's."""
        script = self.hall.all / "script"
        script.write_text(
            '#!/bin/sh\ntouch "$TMPDIR/mine"; echo "$0 $TMPDIR $$ $PPID" > "$HOME/places"; exec sleep 1000\n'
        )
        self.ended = self.at_node(self.ann, "echo", PASSWORD)
        assert 0 == self.hall.status(self.ann, self.ended)
        self.kept = self.at_node(self.ann, "-e", f"PASSWORD={PASSWORD}", "--script", str(script), PASSWORD)
        told = Path(self.ann.env["HOME"] or "", "places")
        self.hall.cluster.wait_until(lambda: told.exists() and told.read_text())
        return told.read_text().split()

    def at_node(self, person: Person, *words: str) -> int:
        """A job that the node of root's alone can run; its number."""
        return self.hall.submit(person, "--resource", "lab", *words)

    def run_at_node(self, person: Person, *words: str) -> str:
        """The same, which must end well, and what it wrote."""
        return self.hall.run(person, "--resource", "lab", *words)

    def who(self, name: str, owner: Person) -> Person:
        """Who is in that column of the tables."""
        hall = self.hall
        others = {"stranger": hall.stranger, "user": self.bob, "thief": hall.thief, "removed": self.carl}
        return {**others, "owner": owner, "root": hall.root}[name]

    def file(self, name: str) -> tuple[Path, Person]:
        """Where that file of the table is, and whose."""
        hall, ann = self.hall, self.ann
        desk, node, home = (Path(each.env["HOME"] or "") for each in (hall.root, hall.node, ann))
        return {
            "cluster-id": (desk / ".goq" / "goqclusterid", hall.root),
            "private-key": (desk / ".goq" / "tls-key.pem", hall.root),
            "journal": (desk / ".goq" / "journal.sqlite", hall.root),
            "outputs": (hall.outputs / "something", hall.root),
            "output": (hall.output_of(ann, self.ended), ann),
            "user-key": (home / ".goq" / "goqkey", ann),
            "node-key": (node / ".goq" / "goqkey", hall.root),
            "node-spool": (node / "spool", hall.root),
            "user-spool": (home / "spool", ann),
            "tmpdir": (Path(self.places[1]), ann),
            "script": (Path(self.places[0]), ann),
        }[name]

    def process(self, name: str) -> tuple[int, Person]:
        """Which process of the table that is, and whose."""
        daemons = {"server": self.server, "worker": self.node, "user-worker": self.ann_s}
        if name in daemons:
            return daemons[name].pid, self.ann if name == "user-worker" else self.hall.root
        _, _, job, parent = self.places
        return (int(job), self.ann) if name == "job" else (int(parent), self.hall.root)

    @property
    def secrets(self) -> list[str]:
        """The digits that nobody is to see."""
        keys = [path for name in ("cluster-id", "user-key", "node-key") for path, _ in (self.file(name),)]
        return [path.read_text().strip().rpartition(":")[2] for path in keys]


def copied(giver: Person, taker: Person) -> None:
    """The one has a copy of what the other's GOQ_HOME holds."""
    home = Path(taker.env["HOME"] or "", ".goq")
    shutil.copytree(Path(giver.env["HOME"] or "", ".goq"), home)
    owner = home.parent.stat()
    for path in (home, *home.iterdir()):
        os.chown(path, owner.st_uid, owner.st_gid)


@pytest.fixture(scope="module", name="lab")
def _lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    if reason := refusal():
        pytest.skip(f"no network namespace is allowed here ({reason}), so this was not shown")
    with three_accounts() as names, a_hall(tmp_path_factory.mktemp("lab")) as hall:
        yield Lab(hall, names)


# --- whose a job is ------------------------------------------------------------------------

SAID = 'id -un; id -ru; id -Gn; echo "$HOME $USER $LOGNAME $SHELL"; uname -n'


@pytest.mark.parametrize("where", ["node", "own"])
def test_each_job_ran_as_its_owner_and_its_output_is_his(lab: Lab, where: str) -> None:
    """By the worker of root's with the node's key, and by one's own."""
    for person, host in ((lab.ann, "n2"), (lab.bob, "n3")):
        account = pwd.getpwnam(person.name)
        resource = "lab" if where == "node" else person.name
        job = lab.hall.submit(person, "--resource", resource, *shell(SAID))
        assert 0 == lab.hall.status(person, job)
        groups = person.run("id", "-Gn").stdout.decode().strip()
        shell_s = account.pw_shell if where == "node" else person.env["SHELL"]
        wanted = [person.name, str(account.pw_uid), groups]
        wanted += [f"{account.pw_dir} {person.name} {person.name} {shell_s}"]
        path = lab.hall.output_of(person, job)

        assert [*wanted, NODE if where == "node" else host] == path.read_text().splitlines()
        assert (account.pw_uid, account.pw_gid) == (path.stat().st_uid, path.stat().st_gid)
        assert 0o700 == stat.S_IMODE(path.parent.stat().st_mode)
        assert lab.hall.done(person, "logs", str(job)) == path.read_text()


def test_a_job_is_its_key_holders_whatever_he_says(lab: Lab) -> None:
    """Forged by the environment; of messages test_people tries it."""
    forger = Person(lab.bob.name, lab.bob.ids, {**lab.bob.env, "USER": lab.ann.name, "LOGNAME": lab.ann.name})

    assert f"{lab.bob.name}\n" == lab.run_at_node(forger, "id", "-un")


def test_no_worker_of_a_users_runs_what_is_anothers(lab: Lab) -> None:
    """It stays waiting, and why says so."""
    job = lab.hall.submit(lab.bob, "--resource", lab.ann.name, "true")

    assert f"works for {lab.ann.name} only" in lab.hall.done(lab.bob, "why", str(job))
    lab.hall.done(lab.bob, "kill", str(job))


def test_a_script_is_had_by_its_owners_worker(lab: Lab) -> None:
    """It asks for it with the owner's key."""
    script = lab.hall.all / "mine"
    script.write_text("#!/bin/sh\nid -un\n")

    said = lab.hall.run(lab.bob, "--resource", lab.bob.name, "--script", str(script))
    assert f"{lab.bob.name}\n" == said


def test_no_key_is_in_a_jobs_environment(lab: Lab) -> None:
    """Nor in that of anything that a job can see."""
    look = "env; cat /proc/self/environ; for each in /proc/[0-9]*; do cat $each/environ $each/cmdline; done"
    said = lab.run_at_node(lab.bob, *shell(f"({look}) 2>/dev/null; :"))

    assert f"USER={lab.bob.name}" in said
    assert "GOQ_CLUSTERID" not in said
    assert not [secret for secret in lab.secrets if secret in said]


# --- what bob tries ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        ("kill", "KEPT"),
        ("kill", "--now", "KEPT"),
        ("hold", "KEPT"),
        ("pause", "KEPT"),
        ("resume", "KEPT"),
        ("alter", "KEPT", "-p", "-5"),
        ("retry", "ENDED"),
        ("logs", "ENDED"),
        ("logs", "-f", "KEPT"),
        ("kill", "--user", "ANN"),
    ],
    ids=" ".join,
)
def test_anothers_job_is_let_alone(lab: Lab, words: tuple[str, ...]) -> None:
    filled = {"KEPT": str(lab.kept), "ENDED": str(lab.ended), "ANN": lab.ann.name}

    assert lab.ann.name in lab.hall.refused(lab.bob, *(filled.get(word, word) for word in words))
    assert "running" in lab.hall.done(lab.ann, "show", str(lab.kept))


@pytest.mark.parametrize(
    "words",
    [
        ("limit", "all", "0"),
        ("drain", NODE),
        ("shutdown",),
        ("immolateworkers",),
        ("reset",),
        ("user", "list"),
        ("user", "remove", "ANN"),
        ("user", "renew", "ANN"),
        ("node", "add", "n9"),
        ("clusterid", "--current"),
        ("init", "--export"),
        ("init", "--tls"),
        ("serve",),
        ("sub", "-p", "1", "true"),
    ],
    ids=" ".join,
)
def test_the_cluster_is_let_alone(lab: Lab, words: tuple[str, ...]) -> None:
    said = lab.hall.refused(lab.bob, *(lab.ann.name if word == "ANN" else word for word in words))

    assert not [secret for secret in lab.secrets if secret in said]
    assert lab.hall.done(lab.ann, "stat", "0")


def test_what_anothers_job_was_given_is_not_shown(lab: Lab) -> None:
    seen = [
        lab.hall.goq(lab.bob, *words)
        for words in (
            ("show", str(lab.kept), "--env", "--events"),
            ("show", str(lab.ended), "--json"),
            ("list", "-a", "--json"),
            ("history", "-a"),
            ("stat", "100"),
        )
    ]

    assert PASSWORD not in "".join(f"{ended.stdout!r}{ended.stderr!r}" for ended in seen)
    assert PASSWORD in lab.hall.done(lab.ann, "show", str(lab.kept), "--env")


@pytest.mark.parametrize("template", ["/etc/goq-lab-test", "../../../../../../etc/goq-lab-test"])
def test_no_template_leads_out(lab: Lab, template: str) -> None:
    """What lies on the node is opened as the owner; what the server writes stays below its folder."""
    ended = lab.hall.goq(lab.bob, "sub", "--wait", "--resource", "lab", "-o", template, "echo", "x")
    made = Path("/etc/goq-lab-test")
    was_made = made.exists()
    made.unlink(missing_ok=True)

    assert ended.returncode != 0
    assert not was_made


def test_a_link_in_the_output_folder_leads_nowhere(lab: Lab) -> None:
    """Neither to ann's home nor to /etc; and when it is gone the output is written."""
    lab.run_at_node(lab.bob, "true")
    his, target = lab.hall.output_of(lab.bob, 1).parent, Path(lab.ann.env["HOME"] or "", "open")
    target.mkdir(mode=0o755)
    job = lab.at_node(lab.bob, "--hold", "-o", "link/x", "echo", "kept")
    assert lab.bob.can("ln", "-s", str(target), str(his / "link"))
    assert "is a symbolic link" in lab.hall.refused(lab.bob, "sub", "-o", "link/y", "true")
    lab.hall.done(lab.bob, "release", str(job))
    assert 0 == lab.hall.status(lab.bob, job)
    lab.hall.cluster.wait_until(lambda: f"cannot write the output of job {job}" in lab.server.text())
    assert [] == list(target.iterdir())
    assert lab.bob.can("rm", str(his / "link"))
    lab.hall.cluster.wait_until((his / "link" / "x").exists)

    assert "kept\n" == (his / "link" / "x").read_text()
    assert lab.ann.run("cat", str(his / "link" / "x")).returncode != 0


def test_a_folder_that_changes_under_a_job_leads_nowhere(lab: Lab) -> None:
    """It is now bob's, now a link into what is ann's alone, while jobs are started in it."""
    private = Path(lab.ann.env["HOME"] or "", "private")
    assert lab.ann.can("sh", "-c", f"mkdir -m 700 {private}; touch {private}/secret-file")
    place, own = lab.hall.all / "swapped", lab.hall.all / "own"
    assert lab.bob.can("sh", "-c", f"mkdir {own}; touch {own}/own-file; ln -s {own} {place}")
    where = ("--resource", "lab", "-C", str(place))
    jobs = lab.hall.done(lab.bob, "sub", "-q", "--hold", *where, "--array", "1-20", "ls", ".").strip()
    swap = "; ".join(f"ln -s {each} {place}.new; mv -T {place}.new {place}" for each in (private, own))
    with subprocess.Popen([*lab.bob.by, "sh", "-c", f"while :; do {swap}; done"]) as swapping:
        try:
            lab.hall.done(lab.bob, "release", jobs)
            lab.hall.goq(lab.bob, "wait", jobs)
        finally:
            swapping.kill()
    said = b"".join(lab.hall.goq(lab.bob, "logs", f"{jobs}.{task}").stdout for task in range(1, 21))

    assert b"own-file" in said
    assert b"secret-file" not in said
    assert lab.ann.run("ls", str(private)).stdout == b"secret-file\n"
    assert (
        0 != lab.hall.goq(lab.bob, "sub", "--wait", "--resource", "lab", "-C", str(private), "ls").returncode
    )


def test_a_job_cannot_reach_what_has_started_it(lab: Lab) -> None:
    """Its shepherd is root's, though it was the owner for the moment in which the job was made."""
    tries = "; ".join(
        f"{each} && echo REACHED {what}"
        for pid in ("$PPID", str(lab.node.pid))
        for what, each in {
            "environ": f"cat /proc/{pid}/environ",
            "mem": f"(: < /proc/{pid}/mem)",
            "maps": f"cat /proc/{pid}/maps",
            "fd": f"ls /proc/{pid}/fd/",
            "root": f"ls /proc/{pid}/root/",
            "signal": f"kill -TERM {pid}",
            "limits": f"prlimit --pid {pid} --core=unlimited",
        }.items()
    )
    said = lab.run_at_node(lab.bob, *shell(f"({tries}) 2>/dev/null; id -un"))

    assert f"{lab.bob.name}\n" == said


def test_a_setuid_program_works_as_in_a_shell(lab: Lab) -> None:
    """Here it makes bob ann, who has set it so; and it gives nothing else."""
    program = Path(lab.ann.env["HOME"] or "", "my-id")
    assert lab.ann.can("sh", "-c", f"cp $(command -v id) {program} && chmod 4755 {program}")
    by_hand = lab.bob.run(str(program), "-un").stdout.decode()

    assert f"{lab.ann.name}\n" == by_hand
    assert by_hand == lab.run_at_node(lab.bob, str(program), "-un")


# --- keys that are not one's own, or count no more -------------------------------------------


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("sub", "true"), "may not submit"),
        (("list",), "may not look"),
        (("logs", "1"), "may not"),
        (("kill", "1"), "may not"),
        (("drain", NODE), "may not"),
        (("shutdown",), "may not"),
        (("work", "forever"), "only root can do"),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, tuple) else "",
)
def test_a_stolen_key_of_a_node_is_for_nothing_else(lab: Lab, words: tuple[str, ...], why: str) -> None:
    assert why in lab.hall.refused(lab.hall.thief, *words)


@pytest.mark.parametrize("words", [("sub", "true"), ("list",), ("shutdown",), ("work", "1")], ids=" ".join)
def test_without_a_key_nothing_is_done(lab: Lab, words: tuple[str, ...]) -> None:
    """He knows where the server is, and has made up an id."""
    known = {
        **lab.hall.stranger.env,
        "GOQ_JSERV_IP": "head",
        "GOQ_CLUSTERID": "7" * 40,
        "GOQ_TIMEOUT_SEC": "1",
    }
    stranger = Person(lab.hall.stranger.name, lab.hall.stranger.ids, known)

    assert lab.hall.goq(stranger, *words).returncode != 0


def test_a_job_outlives_its_owners_removal_and_nothing_else_does(lab: Lab) -> None:
    for words in (("sub", "true"), ("list",), ("logs", str(lab.running)), ("release", str(lab.waiting))):
        assert "counts no more" in lab.hall.refused(lab.carl, *words)
    lab.gate.touch()
    lab.hall.cluster.wait_for_end(lab.running)
    path = lab.hall.output_of(lab.carl, lab.running)
    lab.hall.cluster.wait_until(path.exists)

    assert f"{lab.carl.name}\nwell\n" == path.read_text()
    assert pwd.getpwnam(lab.carl.name).pw_uid == path.stat().st_uid
    assert "removed" in lab.hall.done(lab.hall.root, "why", str(lab.waiting))


def test_a_token_that_was_stolen_is_worth_nothing_after_a_renewal(lab: Lab) -> None:
    """Whoever has it does until then what its holder may, and nothing from then on."""
    hall = lab.hall
    dave, eve = (
        Person("dave", (), {**hall.root.env, "GOQ_HOME": str(hall.desk / name)}) for name in ("d", "e")
    )
    token = hall.done(hall.root, "user", "add", "dave")
    hall.join(dave, token)
    hall.join(eve, token)
    assert "dave" in hall.done(eve, "list", "-a", "--json") or hall.submit(eve, "--hold", "true")
    hall.join(dave, hall.done(hall.root, "user", "renew", "dave"))

    assert "counts no more" in hall.refused(eve, "sub", "true")
    assert hall.submit(dave, "--hold", "true")


# --- the tables of docs/security.md ----------------------------------------------------------


def cells(things: tuple[object, ...]) -> list[object]:
    """One for each cell, with what stands there."""
    ids = RIGHTS.IDS
    return [
        pytest.param(each.name, ids[column], RIGHTS.reach(column), id=f"{each.name}-{ids[column]}")  # type: ignore[attr-defined]
        for each in things
        for column in RIGHTS.COLUMNS
    ]


@pytest.mark.parametrize(("name", "column", "word"), cells(RIGHTS.FILES))
def test_a_file(lab: Lab, name: str, column: str, word: str) -> None:
    path, owner = lab.file(name)
    who = lab.who(column, owner)
    if name == "outputs":
        can = who.can("touch", str(path))
        path.unlink(missing_ok=True)
    else:
        assert path.exists()
        can = who.can(*(("ls", "-A") if path.is_dir() else ("cat",)), str(path))

    assert (word == "yes") == can


@pytest.mark.parametrize(("name", "column", "word"), cells(RIGHTS.PROCESSES))
def test_a_process(lab: Lab, name: str, column: str, word: str) -> None:
    pid, owner = lab.process(name)
    who = lab.who(column, owner)
    reached = [
        what
        for what, words in {
            "environ": ("cat", f"/proc/{pid}/environ"),
            "signal": ("sh", "-c", f"kill -0 {pid}"),
            "memory": ("sh", "-c", f": < /proc/{pid}/mem"),
            "descriptors": ("sh", "-c", f"ls /proc/{pid}/fd/"),
        }.items()
        if who.can(*words)
    ]

    assert reached[:2] == (["environ", "signal"] if word == "yes" else [])
    assert word == "yes" or not reached
