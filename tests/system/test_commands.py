"""Each command as its user meets it: help, wording, exit codes."""

import re

import pytest

from goq.commands.main import BESIDE
from goq.commands.main import COMMANDS as ALL
from system.cluster import Cluster
from system.jobs import held_until, touch

COMMANDS = [
    "serve",
    "server",
    "sub",
    "work",
    "stat",
    "wait",
    "kill",
    "shutdown",
    "clusterid",
    "init",
    "immolateworkers",
    "reset",
    "version",
]
KEYS = [
    "runQlen",
    "waitingJobs",
    "waitingWorkers",
    "jservPid",
    "finishedJobsCount",
    "droppedBadSigCount",
    "cancelledJobCount",
    "nextJobId",
    "jservIP",
    "jservPort",
]


# --- help --------------------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_examples(cluster: Cluster, command: str) -> None:
    """Help that shows no example sends its reader elsewhere."""
    long, short = cluster.goq(command, "--help"), cluster.goq(command, "-h")

    assert (0, b"") == (long.returncode, long.stderr)
    assert b"Examples:" in long.stdout
    assert f"goq {command.replace('server', 'serve')}".encode() in long.stdout
    assert (0, long.stdout) == (short.returncode, short.stdout)


@pytest.mark.parametrize("word", ["--help", "-h"])
def test_help_names_all_commands(cluster: Cluster, word: str) -> None:
    """A command that is not listed is not found."""
    ended = cluster.goq(word)

    assert 0 == ended.returncode
    shown = ended.stdout.decode()
    for command in ALL.keys() - BESIDE.keys():
        assert re.search(rf"(^|  ){command}  ", shown, re.MULTILINE)
    assert all(command in shown for command in BESIDE), "beside the words of others, or as an option"


def test_help_fits_one_screen(cluster: Cluster) -> None:
    """What scrolls by is not read."""
    lines = cluster.done("-h", env={"COLUMNS": "80"}).splitlines()
    narrow = cluster.done("-h", env={"COLUMNS": "50"}).splitlines()

    assert len(lines) <= 24
    assert all(len(line) <= 80 for line in lines)
    assert all(
        any(line.startswith(f"  {command}  ") for line in narrow) for command in ALL.keys() - BESIDE.keys()
    )


def test_goq_alone_shows_its_help(cluster: Cluster) -> None:
    """The first thing that anybody types."""
    ended = cluster.goq()

    assert 2 == ended.returncode
    assert ended.stderr.startswith(b"Usage: goq COMMAND")
    assert b"" == ended.stdout


def test_an_unknown_command_is_one_line(cluster: Cluster) -> None:
    """A page of help would hide the word that was wrong."""
    ended = cluster.goq("submit", "true")

    assert 2 == ended.returncode
    assert b"'submit'" in ended.stderr
    assert 1 == ended.stderr.count(b"\n")


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        *[(word, "'sub'") for word in ("submit", "qsub", "sbatch", "run", "Sub", "subb")],
        *[(word, "'stat'") for word in ("status", "jobs", "ps", "queue", "qstat", "sta", "stta")],
        *[(word, "'kill'") for word in ("rm", "cancel", "delete", "qdel", "KILL", "kil")],
        *[
            ("worker", "'work'"),
            ("servee", "'serve'"),
            ("log", "'logs'"),
            ("ls", "'list'"),
            ("watch", "'wait'"),
        ],
        *[("subbmit", "'sub'"), ("immolate", "'immolateworkers'"), ("cluster-id", "'clusterid'")],
    ],
)
def test_a_word_of_elsewhere_or_a_slip_is_understood(cluster: Cluster, word: str, meant: str) -> None:
    """Whoever comes from another queue has its words in his fingers."""
    ended = cluster.goq(word, "./job")

    assert (2, b"") == (ended.returncode, ended.stdout)
    assert f"goq: no command '{word}'; did you mean {meant}?\n" == ended.stderr.decode()


@pytest.mark.parametrize("word", ["foo", "", "x y", "\n", "--", "serve.log"])
def test_for_a_word_like_none_all_commands_are_named(cluster: Cluster, word: str) -> None:
    """Still one line."""
    ended = cluster.goq(*([word, "foo"] if word == "--" else [word]))

    assert (2, b"") == (ended.returncode, ended.stdout)
    assert re.fullmatch(
        rb"goq: no command '.*'; did you mean (one of up, down, .*|'serve')\?\n", ended.stderr
    )


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["sub", "--no-reque", "x"], "--no-requeue"),
        (["sub", "--shel", "x"], "--shell"),
        (["serve", "--log-jsn"], "--log-json"),
        (["--versoin"], "--version"),
    ],
)
def test_an_option_with_a_slip_is_understood(cluster: Cluster, words: list[str], meant: str) -> None:
    """The same for options."""
    ended = cluster.goq(*words)

    assert 2 == ended.returncode
    assert f"goq: there is no option '{words[-1 if words[-1] != 'x' else 1]}'; did you mean '{meant}'?\n" == (
        ended.stderr.decode()
    )


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["sub", "--memory", "4G", "x"], "--mem"),
        (["sub", "--job-name=fold", "x"], "--name"),
        (["sub", "--cpus-per-task", "4", "x"], "--cpus"),
        (["sub", "--dependency", "12", "x"], "--after"),
        (["work", "--jobs", "4"], "-j"),
    ],
)
def test_an_option_of_elsewhere_is_understood(cluster: Cluster, words: list[str], meant: str) -> None:
    """Only where this command has what it is called here."""
    ended = cluster.goq(*words)

    assert (2, b"") == (ended.returncode, ended.stdout)
    assert f"did you mean '{meant}'?\n" in ended.stderr.decode()
    assert "did you mean" not in cluster.goq("stat", "--job-name", "x").stderr.decode()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["work", "forevr"], "goq work takes forever, and not 'forevr'; did you mean 'forever'?"),
        (["--color", "alwayz", "stat"], "did you mean 'always'?"),
        (["stat", "--color", "nevver"], "did you mean 'never'?"),
        (["stat", "--color", "green"], "takes auto, always or never, and not 'green'; see 'goq stat --help'"),
    ],
)
def test_a_value_with_a_slip_is_understood(cluster: Cluster, words: list[str], said: str) -> None:
    """And one that is like none is refused with those that there are."""
    ended = cluster.goq(*words)

    assert 2 == ended.returncode
    assert said in ended.stderr.decode()
    assert 1 == ended.stderr.count(b"\n")


@pytest.mark.parametrize("words", [["stat", "--nonsense"], ["wait"], ["kill"], ["work", "green"]])
def test_wrong_usage_is_one_line_and_exit_2(cluster: Cluster, words: list[str]) -> None:
    """Scripts tell wrong usage from failure by the code."""
    ended = cluster.goq(*words)

    assert 2 == ended.returncode
    assert ended.stderr.startswith(b"goq: ")
    assert f"goq {words[0]} --help".encode() in ended.stderr
    assert 1 == ended.stderr.count(b"\n")


@pytest.mark.parametrize("words", [["--version"], ["version"]])
def test_the_version_is_a_line(cluster: Cluster, words: list[str]) -> None:
    """A report of a fault begins with it."""
    assert re.fullmatch(r"goq \d+\.\d+\.\d+\S*\n", cluster.done(*words))


# --- serve ---------------------------------------------------------------------------------


def test_server_is_another_word_for_serve(cluster: Cluster) -> None:
    """The original took both."""
    server = cluster.start("server", cwd=cluster.here)
    cluster.wait_until(lambda: "listening for jobs" in server.text())

    assert str(server.pid) == cluster.stat()["jservPid"]


def test_the_server_says_what_happens(working: Cluster) -> None:
    """Its log is where a head node's keeper looks first."""
    job = working.submit("echo", "told")
    working.status(job)
    text = working.daemons[0].text()

    assert f"[jobserver pid {working.daemons[0].pid}] listening for jobs on {working.address}" in text
    assert "got job 1 submission. Will run 'echo told'." in text
    assert "dispatching job 1 to worker" in text
    assert "worker finished job 1" in text
    assert f"wrote output for job 1 to file '{working.output_file(1)}'" in text


# --- sub -----------------------------------------------------------------------------------


def test_sub_prints_the_number_and_the_address(served: Cluster) -> None:
    """This line is parsed by scripts, so it stays as it was."""
    said = served.done("sub", "true")

    assert re.fullmatch(rf"\[pid \d+\] submitted job 1 to server at '{served.address}'\.\n", said)


# --- shutdown ------------------------------------------------------------------------------


def test_shutdown_leaves_the_workers_and_their_jobs_alone(working: Cluster) -> None:
    """A new version of the server may be started under the work."""
    gate = working.folder / "gate"
    job = working.submit(*held_until(gate, "echo on and on"))
    working.wait_for_start(job)
    said = working.done("shutdown")
    code = working.daemons[0].wait()
    survived = working.daemons[1].alive
    working.start_server()
    touch(gate)

    assert f"sent shutdown request to jobserver at '{working.address}'" in said
    assert 0 == code
    assert survived
    assert 0 == working.status(job)
    assert b"on and on\n" == working.output(job)
    assert b"next\n" == working.run("echo", "next")


def test_a_server_starts_right_after_a_shutdown(served: Cluster) -> None:
    """`goq shutdown; goq serve` is how it is restarted."""
    for _ in range(3):
        served.daemons[-1].may_end = True
        served.done("shutdown")
        served.start_server()

    assert "0" == served.stat()["runQlen"]


# --- clusterid -----------------------------------------------------------------------------


def test_clusterid_prints_an_id_and_nothing_else(cluster: Cluster) -> None:
    """It is read by `$(goq clusterid)`."""
    ended = cluster.goq("clusterid")

    assert re.fullmatch(rb"[0-9a-f]{40}\n", ended.stdout)
    assert b"" == ended.stderr
    assert not cluster.home.exists()


def test_clusterid_prints_a_new_one_even_where_one_is_in_force(served: Cluster) -> None:
    """The README: it generates a new random id."""
    current = served.done("clusterid", "--current", cwd=served.here)

    assert current != served.done("clusterid", cwd=served.here)
    assert current == served.done("clusterid", "--current", cwd=served.here)


def test_clusterid_current_follows_the_order_of_the_readme(served: Cluster) -> None:
    """The folder's file, else the variable, else GOQ_HOME."""
    other = "5" * 40
    in_folder = (served.here / ".goqclusterid").read_text()

    assert in_folder == served.done("clusterid", "--current", cwd=served.here, env={"GOQ_CLUSTERID": other})
    assert f"{other}\n" == served.done("clusterid", "--current", env={"GOQ_CLUSTERID": other})
    assert in_folder == served.done("clusterid", "--current")


def test_clusterid_current_with_none_in_force_says_what_to_do(cluster: Cluster) -> None:
    """An empty answer would be exported as the id."""
    ended = cluster.goq("clusterid", "--current")

    assert (1, b"") == (ended.returncode, ended.stdout)
    assert b"GOQ_CLUSTERID" in ended.stderr


# --- stat ----------------------------------------------------------------------------------


def test_stat_in_a_pipe_is_plain_with_the_originals_keys(working: Cluster) -> None:
    """Scripts depend on the keys, and on a line each."""
    gate = working.folder / "gate"
    working.submit(*held_until(gate))
    working.submit("echo", "two")
    working.wait_for_stat(runQlen=1)
    said = working.done("stat")
    touch(gate)
    pairs = dict(re.findall(r"^(\w+)=(\S+)$", said, re.MULTILINE))

    assert f"stats for job server '{working.address}':" in said.splitlines()[0]
    assert set(KEYS) <= pairs.keys()
    assert ("1", "1", "3") == (pairs["runQlen"], pairs["waitingJobs"], pairs["nextJobId"])
    assert re.search(
        r"^runq 000000   RunningJob\[jid 1\] = 'bash -c .*'   on worker '.+'$", said, re.MULTILINE
    )
    assert re.search(
        r"^wait 000000   WaitingJob\[jid 2\] = 'echo two'   submitted by '.+'$", said, re.MULTILINE
    )


def test_stat_max_bounds_the_rows_of_each_kind(served: Cluster) -> None:
    """A queue of ten thousand must not scroll by."""
    served.submit_lines(["true"] * 12)
    rows = {"": 10, "3": 3, "0": 0, "100": 12}

    assert rows == {words: served.done("stat", *words.split()).count("WaitingJob") for words in rows}


@pytest.mark.parametrize("words", [("help",), ("help", "sub"), ("HELP",), ("man",)])
def test_who_asks_for_help_is_told_where_it_is(cluster: Cluster, words: tuple[str, ...]) -> None:
    """And not given the list of all commands as what was meant."""
    ended = cluster.goq(*words)

    assert 2 == ended.returncode
    assert b"say 'goq --help', and 'goq COMMAND --help' for examples" in ended.stderr
