"""The goq of another revision, installed beside this one for the time of a comparison."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.figure import Counts, Figure, Readings
from bench.lab import HERE, Build, Lab
from bench.results import Outcome
from bench.table import shown


@contextmanager
def installed(lab: Lab, root: Path, revision: str) -> Iterator[Build]:
    """A work tree of the revision with an environment of its own; both are gone afterwards."""
    checkout = lab.root / "base"
    git = ["git", "-C", str(root), "worktree"]
    try:
        lab.run([*git, "add", "--detach", str(checkout), revision])
        lab.say(f"installing {revision}")
        lab.run([sys.executable, "-m", "venv", str(checkout / ".venv")])
        programs = checkout / ".venv" / "bin"
        lab.run([str(programs / "python"), "-m", "pip", "install", "--quiet", "--editable", str(checkout)])
        # A simulated worker speaks the protocol of its revision; the first ones had no bench.
        theirs = checkout / "bench" / "simulated.py"
        yield Build(revision, programs, theirs if theirs.exists() else HERE / "simulated.py")
    finally:
        if checkout.exists():
            lab.run([*git, "remove", "--force", str(checkout)])


def run_alternately(
    lab: Lab, builds: tuple[Build, Build], chosen: list[Figure], counts: Counts, times: int
) -> list[tuple[Outcome, Outcome]]:
    """All chosen figures of two builds, repetition by repetition, each first in turn."""
    pairs = []
    for figure in chosen:
        with ExitStack() as stack:
            measures = [stack.enter_context(figure.ready(lab, build, counts)) for build in builds]
            gathered: tuple[list[Readings], list[Readings]] = ([], [])
            for number in range(times):
                for at in (0, 1) if number % 2 == 0 else (1, 0):
                    gathered[at].append(measures[at]())
                    readings = ", ".join(f"{name} {shown(value)}" for name, value in gathered[at][-1].items())
                    lab.say(f"{figure.name} {number + 1}/{times}, {builds[at].name}: {readings}")
        pairs += [
            (Outcome(figure.name, row, gathered[0]), Outcome(figure.name, row, gathered[1]))
            for row in figure.rows
        ]
    return pairs
