"""The page of a lab of ten people: what it says is typed, by root and by two people, on a head and a node."""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from networks import refusal

from system.accounts import why_not
from system.cluster import GOQ
from system.hall import HEAD, NODE, Hall, Person, a_hall, three_accounts

PAGE = Path(__file__).resolve().parents[2] / "docs" / "operations.md"
WHY = why_not() or ("" if shutil.which("setpriv") else "there is no setpriv here")
pytestmark = pytest.mark.skipif(bool(WHY), reason=WHY or "-")


class Prompt:
    """A shell of somebody's at a machine, with goq in its PATH, that commands are typed into."""

    def __init__(self, hall: Hall, person: Person, at: str) -> None:
        path = f"{Path(GOQ).parent}:{os.environ['PATH']}"
        self._bash = subprocess.Popen(
            [*hall.networks[at].enter, *person.by, "bash", "--norc", "--noprofile"],
            env=hall.cluster.variables({**person.env, "PATH": path}),
            cwd=person.env["HOME"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def type(self, command: str) -> str:
        """What it prints. It must go well."""
        assert self._bash.stdin is not None
        assert self._bash.stdout is not None
        self._bash.stdin.write(f"{command}\necho --done-- $?\n")
        self._bash.stdin.flush()
        printed = ""
        for line in self._bash.stdout:
            if line.startswith("--done--"):
                assert line == "--done-- 0\n", (command, printed)
                return printed
            printed += line
        raise AssertionError(f"the shell ended in {command!r}: {printed}")

    def close(self) -> None:
        """End it with all that it has started in the background."""
        os.killpg(self._bash.pid, signal.SIGKILL)
        self._bash.communicate()


class Desk:
    """The prompts of the page, and what stands for its names."""

    def __init__(self, hall: Hall, ann: Person, bob: Person, stack: ExitStack) -> None:
        self.hall = hall
        self.names = {"ann": ann.name, "bob": bob.name, "/srv/goq": str(hall.desk)}
        self.names["/var/log/goq.log"] = str(hall.ground / "node" / "goq.log")
        people = {"head#": (hall.root, HEAD), "n1#": (hall.node, NODE)}
        people |= {"ann$": (ann, HEAD), "bob$": (bob, HEAD)}
        self.prompts = {name: Prompt(hall, *who) for name, who in people.items()}
        for prompt in self.prompts.values():
            stack.callback(prompt.close)
        enter = " ".join([*hall.networks[NODE].enter, "env"])
        home = hall.node.env["GOQ_HOME"]
        self.prompts["head#"].type(f'ssh() {{ shift; {enter} GOQ_HOME={home} "$@"; }}')
        # What a login sets; PATH is not this one there.
        as_ann = " ".join([*ann.by, "env", "-u", "GOQ_HOME", f"HOME={ann.env['HOME']}"])
        self.prompts["head#"].type(f'su() {{ {as_ann} sh -c "$3"; }}')
        self.token = ""

    def type(self, prompt: str, command: str) -> str:
        """One line of the page; bob pastes what root was told."""
        for name, real in self.names.items():
            command = re.sub(rf"(?<![\w.]){re.escape(name)}(?![\w.])", real, command)
        if prompt == "bob$" and "--join" in command:
            command = f"{command} <<< {self.token}"
        printed = self.prompts[prompt].type(command)
        self.token = printed.strip() if printed.startswith("goq-") else self.token
        if "goq serve" in command:
            self.wait_for(self.hall.desk / "serve.log", "listening")
        if "goq work" in command:
            self.wait_for(Path(self.names["/var/log/goq.log"]), "each job as its owner")
        return printed

    def wait_for(self, log: Path, word: str) -> None:
        """Until a log says that."""
        self.hall.cluster.wait_until(lambda: log.exists() and word in log.read_text())


def typed() -> list[tuple[str, str]]:
    """Each prompt of the section with what is typed there."""
    section = PAGE.read_text().split("## A lab of ten people in ten minutes\n")[1].split("\n## ")[0]
    blocks = re.findall(r"```console\n(.*?)```", section, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    return [tuple(line.split(" ", 1)) for line in lines]


@pytest.fixture(name="desk")
def _desk(tmp_path: Path) -> Iterator[Desk]:
    if reason := refusal():
        pytest.skip(f"no network namespace is allowed here ({reason}), so this was not shown")
    with three_accounts() as (ann, bob, _), a_hall(tmp_path / "lab") as hall, ExitStack() as stack:
        yield Desk(hall, hall.account(ann), hall.account(bob), stack)


def test_what_the_page_says_makes_a_lab(desk: Desk) -> None:
    """Line by line; each must go well, and what comes of it is what the page says of it."""
    said = {f"{prompt} {command}": desk.type(prompt, command) for prompt, command in typed()}
    ann, bob = desk.names["ann"], desk.names["bob"]
    limits = desk.prompts["head#"].type("goq limit")

    assert len(said) > 15
    assert ann in said["ann$ goq sub --wait id -un"]
    assert {ann, bob} == {each.name for each in desk.hall.outputs.iterdir()}
    assert all(f"{name}:{who}" in limits for name, who in (("weight", ann), ("kept", bob), ("priority", ann)))
    assert re.search(rf"{bob}\s+removed", said["head# goq user list"])
    assert re.search(rf"{ann}\s+2\b", said["head# goq user list"])
    assert desk.prompts["ann$"].type("goq sub -p 10 --wait id -un").endswith(f"{ann}\n")
