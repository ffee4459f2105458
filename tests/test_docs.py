"""The documentation is true: every command that the README shows is run, and says what is shown."""

import ast
import getpass
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from ports import free_port

from goq.commands.main import COMMANDS, cli
from goq.core.values.moments import moment_ns
from goq.core.values.quantities import duration_s, size_bytes

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
SETTINGS = (ROOT / "docs" / "settings.md").read_text()
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
GUIDE = (ROOT / "docs" / "guide.md").read_text()
COMING_FROM = (ROOT / "docs" / "coming-from.md").read_text()
BIN = Path(sys.executable).parent
# Shown, and different each time.
CONTEXT = click.Context(
    cli, **cli.context_settings
)  # as goq has it: commands remember what their help is called
VARYING = [
    (r"\[pid \d+\]", "[pid N]"),
    (r"tcp://[\d.]+:\d+", "tcp://ADDRESS"),
    (r"in '/[^']*'", "in 'FOLDER'"),
    (r"has more than 2 \(\S+\)", "has more than 2 (MACHINE)"),
    (r", which is that machine only", ""),  # as 127.0.0.1 is
    (r"by [\w.-]+ since \d\d:\d\d", "by somebody since then"),
    (r"\d{4}-\d\d-\d\dT[\d:]+Z", "THEN"),
    (r"\b((\d+m )?\d+(\.\d+)?s|\d+m)\b", "SOME s"),
    (r"(used|it had) \d+ (of|MiB, and asked for) 100 MiB( asked)?", "used more than 100 MiB"),
    (r"^(again\s.*--mem) \d+M$", r"\1 MORE"),
    (r"\b\d\d:\d\d\b", "HH:MM"),
    (r"[ \t]*\t[ \t]*|  +", "  "),  # columns, which a pipe parts by a tab
]


def section(title: str, text: str = README) -> str:
    return text.split(f"\n## {title}\n")[1].split("\n## ", maxsplit=1)[0]


def console_lines(title: str, text: str = README) -> list[str]:
    return shown_in(section(title, text))


def shown_in(text: str) -> list[str]:
    """The lines of all its console blocks."""
    blocks = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def steps(lines: list[str]) -> list[tuple[str, str, list[str]]]:
    """(machine, command, what it prints) of each command shown."""
    found: list[tuple[str, str, list[str]]] = []
    for line in lines:
        typed = re.match(r"(\w*)\$ (.*)", line)
        if typed:
            found.append((typed[1], typed[2], []))
        else:
            found[-1][2].append(line)
    return found


def without_varying(text: str) -> str:
    for pattern, name in VARYING:
        text = re.sub(pattern, name, text, flags=re.MULTILINE)
    return text


class Shell:
    """One bash that commands are typed into, with a home and a folder of its own."""

    def __init__(self, home: Path, port: int) -> None:
        home.mkdir(parents=True)
        ours = ("GOQ_", "XDG_CONFIG_HOME")
        clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        settings = {"GOQ_JSERV_IP": "127.0.0.1", "GOQ_JSERV_PORT": str(port), "HOME": str(home)}
        settings["GOQ_SPOOL"] = str(home / "spool")
        self.environment = clean | settings | {"PATH": f"{BIN}:{os.environ['PATH']}"}
        self._bash = subprocess.Popen(
            ["bash", "--norc", "--noprofile"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=home,
            env=self.environment,
            text=True,
            start_new_session=True,
        )

    def type(self, command: str) -> list[str]:
        """Type a command; the lines that it prints."""
        assert self._bash.stdin is not None
        assert self._bash.stdout is not None
        self._bash.stdin.write(f"{command}\necho --done--\n")
        self._bash.stdin.flush()
        printed: list[str] = []
        for line in self._bash.stdout:
            if line == "--done--\n":
                return printed
            printed.append(line.rstrip("\n"))
        raise AssertionError(f"the shell ended in {command!r}: {printed}")

    def close(self) -> None:
        """End the shell and what it has started: they are one process group of our own."""
        os.killpg(self._bash.pid, signal.SIGTERM)
        os.killpg(self._bash.pid, signal.SIGCONT)
        try:
            self._bash.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self._bash.pid, signal.SIGKILL)
            raise
        finally:
            for pipe in (self._bash.stdin, self._bash.stdout):
                assert pipe is not None
                pipe.close()


def wait_for_log(shell: Shell, name: str, word: str) -> None:
    shell.type(f"for i in $(seq 200); do grep -q '{word}' {name} && break; sleep 0.05; done")


def wait_for_workers(shell: Shell) -> None:
    shell.type("for i in $(seq 200); do goq stat | grep -q '^workerCount=[1-9]' && break; done")


def play(shells: dict[str, Shell], shown: list[tuple[str, str, list[str]]]) -> None:
    """Type each command and compare; what is started in the background is given time to be there."""
    for machine, command, expected in shown:
        printed = "\n".join(shells[machine].type(command))
        printed = printed.replace(shells[machine].environment["HOME"], "/home/you")

        assert without_varying("\n".join(expected)) == without_varying(printed), command
        if command.startswith("goq serve"):
            wait_for_log(shells[machine], "serve.log", "listening")
        if command.startswith("goq work"):
            wait_for_workers(shells[machine])


@pytest.fixture
def shells(tmp_path: Path) -> Iterator[dict[str, Shell]]:
    port = free_port()
    made = {machine: Shell(tmp_path / (machine or "try"), port) for machine in ("", "head", "node")}
    yield made
    for shell in made.values():
        shell.close()


def test_the_five_minute_tour_prints_what_the_readme_shows(shells: dict[str, Shell]) -> None:
    """A newcomer who types the tour must see the tour."""
    tour = steps(console_lines("Five minutes with goq"))

    assert len(tour) > 10
    play(shells, tour)


@pytest.mark.parametrize("name", ["x", "root"])
def test_the_tour_is_the_same_whatever_the_environment_calls_its_user(
    shells: dict[str, Shell], name: str
) -> None:
    """As in a container, where root is often said to be somebody who has no account there."""
    shells[""].type(f"export USER={name} LOGNAME={name}")
    play(shells, steps(console_lines("Five minutes with goq")))


def test_the_page_of_control_prints_what_the_readme_shows(shells: dict[str, Shell]) -> None:
    """Arrays, dependencies, needs, retries, limits, and why."""
    page = steps(console_lines("A page of control"))

    assert len(page) > 15
    play(shells, page)


def test_the_page_is_as_shown_after_the_tour_too(shells: dict[str, Shell]) -> None:
    """As somebody reads it who types all of it, in the same window."""
    play(shells, steps(console_lines("Five minutes with goq")))
    shells[""].type("wait")
    play(shells, steps(console_lines("A page of control")))


def test_the_three_machine_set_up_works_as_shown(shells: dict[str, Shell]) -> None:
    """The machines are shells with homes of their own; ssh is the head's shell, whose address is 127.0.0.1."""
    setup = steps(console_lines("A cluster of three machines"))
    head = shells["head"].environment["HOME"]
    shells["node"].type("unset GOQ_JSERV_IP GOQ_JSERV_PORT")
    shells["node"].type(f'ssh() {{ [ "$1" = head ] && shift && (cd {head} && HOME={head} "$@"); }}')

    assert any("goq init --join" in command for _, command, _ in setup)
    play(shells, setup)
    for line in ("goq immolateworkers", "goq shutdown"):
        shells["head"].type(line)


def test_the_operations_page_shows_what_its_commands_print(shells: dict[str, Shell]) -> None:
    """Beside a server, as the page says."""
    shell = shells[""]
    shell.type("goq serve > serve.log &")
    wait_for_log(shell, "serve.log", "listening")
    play(shells, steps(console_lines("The journal does not grow for ever", OPERATIONS)))
    shell.type("goq shutdown; wait")
    started, *rest = steps(console_lines("Logs", OPERATIONS))
    shell.type(started[1])
    wait_for_log(shell, "serve.json", "listening")
    play(shells, rest)


def test_the_page_of_settings_shows_what_its_commands_print(shells: dict[str, Shell]) -> None:
    """Where settings come from, and a queue with nothing set up."""
    shown = steps(console_lines("Where settings come from", SETTINGS))

    assert len(shown) > 4
    play(shells, shown)
    shells[""].type("rm .config/goq/config.toml")
    play(shells, steps(console_lines("A queue with nothing to set up", SETTINGS)))


def files_named(text: str) -> dict[str, str]:
    """What a page shows as the text of a file, by the name that the paragraph before it gives."""
    blocks = re.findall(r"in a file `([\w.]+)`((?:(?!\n\n).)*)\n\n```\w+\n(.*?)```", text, re.DOTALL)
    return {name: body for name, _, body in blocks}


class OneMachine(Shell):
    """A shell whose machine is called node1, and its user ann, whoever they are; one job runs there at a time."""

    def type(self, command: str) -> list[str]:
        """The lines that a command prints, with those names."""
        user, host = re.escape(getpass.getuser()), re.escape(socket.gethostname())
        lines = super().type(command)
        lines = [re.sub(rf"(\t|  ){user}(\t|  )", r"\1ann\2", line) for line in lines]
        if "sleep 1000" in command:  # what is said next is about a job that runs
            super().type("for i in $(seq 200); do goq stat | grep -q '^runQlen=1' && break; done")
        return [re.sub(rf"\b{host}\b", "node1", line) for line in lines]


def test_the_guide_prints_what_it_shows(tmp_path: Path) -> None:
    """By task: somebody who follows it from the top types all of it, and writes its files."""
    shell = OneMachine(tmp_path / "try", free_port())
    shell.type("export LC_ALL=C.UTF-8")
    files = files_named(GUIDE)
    for name, text in files.items():
        path = Path(shell.environment["HOME"]) / name
        path.write_text(text)
        path.chmod(0o755)

    try:
        assert {"fold", "train.sh", "sweep.py"} == set(files)
        play({"": shell}, steps(shown_in(GUIDE)))
    finally:
        shell.type("goq down")
        shell.close()


def commands_of(text: str) -> list[str]:
    """Each goq command line that a page says in its words or tables; pipes in tables are written with a backslash."""
    said = re.findall(r"`([^`]*)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    said = [" ".join(code.replace("\\|", "|").split()) for code in said]
    parts = [part for code in said for part in simple_commands(code.replace("#GOQ ", "goq sub "))]
    return [shlex.join(words) for words in parts if words[:1] == ["goq"] and len(words) > 1]


def simple_commands(code: str) -> Iterator[list[str]]:
    """The words of each command of a pipeline or list."""
    lexer = shlex.shlex(code, posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split, lexer.commenters = True, ""
    words: list[str] = []
    for word in lexer:
        if set(word) <= set("|&;<>"):
            yield words
            words = []
        else:
            words.append(word)
    if words:
        yield words


@pytest.mark.parametrize("page", [GUIDE, COMING_FROM], ids=["guide", "coming-from"])
def test_every_command_that_a_page_says_is_one(page: str) -> None:
    """The name, the options and how many words they take: by what the command itself would read."""
    said = [line for line in commands_of(page) if " -h" not in line]

    assert len(said) > 15
    for line in said:
        _, name, *words = shlex.split(line)
        command = cli.get_command(CONTEXT, name)
        assert command is not None, line
        if words:  # else the command is but named
            command.make_context(name, [*words, "CMD"] if name == "sub" else words, CONTEXT)


def test_an_option_that_is_none_is_no_command() -> None:
    """Else the tables would hold whatever is written in them."""
    command = cli.get_command(CONTEXT, "sub")

    assert command is not None
    with pytest.raises(click.NoSuchOption):
        command.make_context("sub", ["--job-name", "fold", "CMD"], CONTEXT)


BROUGHT = {
    "Grid Engine": "qsub -t -hold_jid -l h_vmem #$ qstat qdel qhold qacct JOB_ID SGE_TASK_ID",
    "Slurm": "sbatch --array --dependency #SBATCH squeue scancel sacct scontrol SLURM_ARRAY_TASK_ID",
    "HyperQueue": "hq submit --array #HQ hq job list hq job cancel hq task list",
    "GNU parallel": "parallel ::: -j --joblog --retries {} {1}",
}


@pytest.mark.parametrize(("queue", "words"), BROUGHT.items(), ids=BROUGHT)
def test_the_words_that_people_bring_are_in_their_table(queue: str, words: str) -> None:
    """On the left, where they look; and what has no counterpart is said."""
    rows = [line.split("|") for line in section(queue, COMING_FROM).splitlines() if line.startswith("|")]
    left = re.findall(r"[\w#$:{}-]+", " ".join(row[1] for row in rows))

    assert set(words.split()) <= set(left)
    assert "\nNo counterpart: " in section(queue, COMING_FROM)


def rows_of(head: str) -> list[list[str]]:
    """What stands as code in the first column of the table with that head, a list a row."""
    table = SETTINGS.split(f"| {head} | is |")[1].split("\n\n", maxsplit=1)[0]
    return [
        re.findall(r"`([^`]+)`", line.split("|")[1]) for line in table.splitlines() if line.startswith("| `")
    ]


def test_every_duration_size_and_moment_that_the_page_shows_is_one() -> None:
    """By the parser that all commands use."""
    durations, sizes, moments = rows_of("a duration"), rows_of("a size"), rows_of("a moment")

    assert (4, 3, 4) == (len(durations), len(sizes), len(moments))
    assert 90 == duration_s(durations[0][0])
    for word in [word for row in durations for word in row]:
        assert duration_s(word) > 0
    for word in [word for row in sizes for word in row]:
        assert size_bytes(word) > 0
    assert 4096 << 20 == size_bytes(sizes[-1][0])
    for word in [word for row in moments for word in row]:
        assert moment_ns(word, 0, lambda _at_s: 0) >= 0


def said_in_code() -> list[ast.Call]:
    """Every call that says something in a log."""
    return [
        node
        for path in (ROOT / "goq").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("say", "_say")
    ]


def events_in_code() -> set[str]:
    """The kinds of event that goq says, but for those whose name is put together."""
    events = (call.args[1] for call in said_in_code() if len(call.args) > 1)
    return {str(event.value) for event in events if isinstance(event, ast.Constant)}


def test_every_kind_of_event_in_a_log_is_documented() -> None:
    """Somebody's program looks for it by its name."""
    events = events_in_code()

    assert len(events) > 20
    for event in events:
        assert f"`{event}`" in section("Logs", OPERATIONS), event


def test_no_event_has_a_key_that_every_line_has() -> None:
    """One of the two would be lost."""
    frame = {"time", "level", "event", "role", "host", "pid", "message"}
    keys = {keyword.arg for call in said_in_code() for keyword in call.keywords}

    assert {"job", "worker_pid"} <= keys
    assert frame.isdisjoint(keys)


def test_every_command_is_documented_and_has_examples() -> None:
    """What is not in the README does not exist for its reader."""
    for name in COMMANDS:
        command = cli.get_command(CONTEXT, name)

        assert command is not None
        assert f"`goq {name}" in README, name
        assert "Examples:" in (command.help or ""), name


def test_every_setting_of_the_code_is_in_the_readme() -> None:
    """A variable that nobody is told of cannot be set."""
    names = ("config.py", "clusterid.py", "settings.py")
    code = "".join((ROOT / "goq" / "adapters" / name).read_text() for name in names)
    settings = set(re.findall(r'"(GOQ_[A-Z_]*[A-Z])"', code))

    assert len(settings) >= 10
    for setting in settings:
        assert f"| `{setting}` |" in section("Settings"), setting


def test_the_make_targets_that_the_readme_names_exist() -> None:
    """The two commands are all that a newcomer has."""
    makefile = (ROOT / "Makefile").read_text()
    named = set(re.findall(r"^ +make ([\w-]+)", README, re.MULTILINE))

    assert {"run", "test"} <= named
    for target in named:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_every_file_that_the_architecture_names_exists() -> None:
    """A map of a house that was rebuilt misleads."""
    text = (ROOT / "docs" / "architecture.md").read_text()
    rooms = {path.stem for path in (ROOT / "goq").rglob("*.py")}
    rooms |= {path.name for path in (ROOT / "goq").rglob("*") if path.is_dir()}
    rows = re.findall(r"^\| (`.*) \|$", text, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}

    assert len(named) > 12
    assert named <= rooms
