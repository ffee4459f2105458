"""What bash, zsh and fish complete: each shell for real, with a terminal where it needs one."""

import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from windows import Window

from goq.adapters.machine import host_name
from goq.commands.completing import WITHIN_S
from goq.commands.completion import SHELLS
from system.cluster import GOQ, Cluster

Offered = Callable[[str], list[str]]
BASH = """eval "$(goq completion bash)"
COMP_LINE=$1 COMP_POINT=${#1}
_goq_completion goq
printf '%s\\n' "${COMPREPLY[@]}"
"""


def variables(cluster: Cluster) -> dict[str, str]:
    """With `goq` in the PATH, as users have it."""
    return cluster.variables({"PATH": f"{Path(GOQ).parent}:{os.environ['PATH']}", "TERM": "xterm"})


def text_of(shown: str) -> str:
    """What is left without what moves the cursor and paints."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|[\x00-\x1f]", "", shown)


def by_shell(cluster: Cluster, argv: list[str]) -> list[str]:
    """The lines that a shell prints; it may complain of nothing."""
    ended = subprocess.run(
        argv, env=variables(cluster), cwd=cluster.away, capture_output=True, timeout=60, check=True
    )
    assert b"" == ended.stderr, ended
    return ended.stdout.decode().split("\n")[:-1]


def in_bash(cluster: Cluster, line: str) -> list[str]:
    return [word for word in by_shell(cluster, ["bash", "--norc", "-c", BASH, "bash", line]) if word]


def in_fish(cluster: Cluster, line: str) -> list[str]:
    script = "goq completion fish | source; complete -C $argv[1]"
    return [
        shown.partition("\t")[0] for shown in by_shell(cluster, ["fish", "--no-config", "-c", script, line])
    ]


class Zsh:
    """A zsh whose completions are shown by a widget, since it completes in a terminal only."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        env = variables(cluster) | {"ZDOTDIR": str(cluster.away), "PS1": "", "HOME": str(cluster.away)}
        self._window = Window(["zsh", "-f", "-i"], env=env, cwd=cluster.away)
        self._said = cluster.folder / "zsh-said"
        # What would be offered is written to a file, and nothing is inserted.
        self._window.type(
            'eval "$(goq completion zsh)"; '
            f'compadd() {{ builtin compadd -O found "$@"; print -l -- $found >> {self._said}; return 1 }}; '
            f"finish() {{ zle expand-or-complete; print -- --done-- >> {self._said}; zle kill-whole-line }}; "
            f"zle -N finish; bindkey '^X' finish; print ready > {self._said}"
        )
        self._wait("ready")

    def offered(self, line: str) -> list[str]:
        self._said.write_text("")
        self._window.keys(f"{line}\x18")
        return [word for word in self._wait("--done--").split("\n")[:-2] if word]

    def _wait(self, word: str) -> str:
        def text() -> str:
            self._window.look()
            said = self._said.read_text() if self._said.exists() else ""
            return said if word in said else ""

        return self._cluster.wait_until(text, or_show=lambda: self._window.shown)

    def end(self) -> None:
        self._window.end()


@pytest.fixture
def zsh(cluster: Cluster) -> Iterator[Zsh]:
    made = Zsh(cluster)
    try:
        yield made
    finally:
        made.end()


@pytest.fixture(params=SHELLS)
def offered(request: pytest.FixtureRequest, cluster: Cluster) -> Offered:
    """What each shell offers for a line, the cursor at its end."""
    if request.param == "zsh":
        used: Zsh = request.getfixturevalue("zsh")
        return used.offered
    found = {"bash": in_bash, "fish": in_fish}[request.param]
    return lambda line: found(cluster, line)


def test_commands_options_and_values_are_completed_without_a_server(
    cluster: Cluster, offered: Offered
) -> None:
    """Nothing is asked of anybody."""
    assert ["kill"] == offered("goq kil")
    assert {"pause", "stat", "sub", "up"} <= set(offered("goq "))
    assert ["--after-each", "--after-each-ok"] == sorted(offered("goq sub --after-ea"))
    assert ["always"] == [word.removeprefix("--color=") for word in offered("goq stat --color=al")]
    assert ["never"] == offered("goq stat --color ne")
    assert ["bash", "zsh", "fish"] == offered("goq completion ")
    assert ["held"] == [word.rpartition(",")[2] for word in offered("goq kill --state waiting,he")]


def known(cluster: Cluster, offered: Offered, line: str, *wanted: str) -> set[str]:
    """What is offered once the server has answered in time; on a machine with much to do it may be late."""

    def found() -> set[str]:
        words = {word.rpartition(":")[2] if ":" in line else word for word in offered(line)}
        return words if set(wanted) <= words else set()

    return cluster.wait_until(found, or_show=lambda: (line, wanted))


def test_jobs_names_users_tags_and_machines_come_from_the_server(served: Cluster, offered: Offered) -> None:
    """Each command gets those that it can do something to."""
    waiting = str(served.submit("--name", "fold", "--tag", "night", "sleep", "1000"))
    held = str(served.submit("--hold", "true"))
    ended = str(served.submit("true"))
    served.done("kill", ended)

    assert ended not in known(served, offered, "goq kill ", waiting, held, "fold", "tag:night")
    known(served, offered, "goq wait ", waiting, held, ended)
    assert waiting not in known(served, offered, "goq release ", held)
    assert held not in known(served, offered, "goq retry ", ended)
    assert {"night"} == known(served, offered, "goq kill tag:ni", "night")
    assert {"fold"} == known(served, offered, "goq sub --after-ok fol", "fold")
    served.start_worker()
    served.wait_for_stat(runQlen=1)
    assert {host_name()} == known(served, offered, "goq drain ", host_name())
    assert held not in known(served, offered, "goq pause ", waiting)


@pytest.mark.parametrize(
    ("argv", "source"),
    [
        (["bash", "--norc", "--noprofile", "-i"], 'eval "$(goq completion bash)"'),
        (["zsh", "-f", "-i"], 'eval "$(goq completion zsh)"'),
        (["fish", "--no-config", "-i"], "goq completion fish | source"),
    ],
    ids=SHELLS,
)
def test_tab_completes_on_a_terminal(cluster: Cluster, argv: list[str], source: str) -> None:
    """Commands by goq, files and programs by the shell itself; as it is typed."""
    (cluster.away / "reads-of-today.txt").touch()
    window = Window(argv, env=variables(cluster) | {"HOME": str(cluster.away)}, cwd=cluster.away)

    def press(keys: str, shown: str) -> None:
        window.look()
        window.shown = ""
        window.keys(keys)
        cluster.wait_until(lambda: shown in text_of(window.look()), or_show=lambda: window.shown)

    try:
        window.type(f"{source}; echo rea''dy")
        cluster.wait_until(lambda: "ready" in window.look(), or_show=lambda: window.shown)
        press("goq immo\t", "lateworkers")
        press("\x15goq sub --script rea\t", "of-today.txt")
        press("\x15goq sub setsi\t", "setsid")
        press("\x15goq sub ./rea\t", "of-today.txt")
    finally:
        window.end()


def test_without_a_server_nothing_is_offered_and_nothing_said(cluster: Cluster, offered: Offered) -> None:
    """Neither a complaint between somebody's keys, nor files in place of jobs."""
    (cluster.away / "file").touch()

    assert [] == offered("goq kill ")
    assert [] == offered("goq nonsense ")


def test_what_a_shell_would_take_for_more_than_a_word_is_left_out(served: Cluster) -> None:
    """A job's name goes into the command line of whoever presses Tab."""
    names = ["$(reboot)", "`id`", "a;b", "x&y", "a'b", "d|e", "q>r", "plain-1"]
    for name in names:
        served.submit("--name", name, "true")
    found = known(served, lambda line: in_bash(served, line), "goq kill ", "plain-1")

    assert not set("$`;&'|>") & set("".join(found))


def test_a_server_that_does_not_answer_costs_a_moment_only(served: Cluster) -> None:
    """It is frozen; a Tab that waits for its time-out would be felt."""
    served.submit("true")
    env = variables(served) | {"_GOQ_COMPLETE": "bash", "_GOQ_LINE": "goq kill "}

    def tab() -> tuple[float, bytes]:
        begun = time.monotonic()
        ended = subprocess.run([GOQ], env=env, cwd=served.away, capture_output=True, timeout=60, check=True)
        return time.monotonic() - begun, ended.stdout

    with_answer_s = served.wait_until(
        lambda: min((s for s, said in (tab(), tab(), tab()) if said), default=0.0)
    )
    served.daemons[0].freeze()
    without_s, nothing = min(tab() for _ in range(5))
    served.daemons[0].thaw()

    assert b"" == nothing
    # Beside what the same took with an answer; whatever the machine's speed, its own patience is seconds.
    assert without_s < 2 * with_answer_s + 2 * WITHIN_S


@pytest.mark.parametrize("shell", SHELLS)
def test_the_shell_of_the_user_is_guessed(cluster: Cluster, shell: str) -> None:
    """And another one refused."""
    said = cluster.done("completion", shell)

    assert said == cluster.done("completion", env={"SHELL": f"/usr/bin/{shell}"})
    refused = cluster.goq("completion", env={"SHELL": "/bin/dash"})
    assert (2, b"goq: for which shell? Say: goq completion bash|zsh|fish\n") == (
        refused.returncode,
        refused.stderr,
    )
