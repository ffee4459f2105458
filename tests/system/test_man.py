"""`goq --man`, and the pages in the wheel."""

import zipfile
from pathlib import Path

import pytest
from windows import Window

from goq.commands.main import COMMANDS
from system.cluster import GOQ, Cluster
from system.jobs import script


@pytest.mark.parametrize("words", [(), ("sub",)])
def test_in_a_pipe_the_page_is_as_it_is(cluster: Cluster, words: tuple[str, ...]) -> None:
    """For `man -l -`, or a file."""
    title = "-".join(["goq", *words]).upper()

    assert cluster.done("--man", *words).startswith(f'.TH "{title}" "1"')


def test_on_a_terminal_man_shows_it(cluster: Cluster) -> None:
    """It is given the page on its standard input."""
    programs = cluster.folder / "bin"
    programs.mkdir()
    script(programs / "man", "#!/bin/sh", 'echo "man says $*"', "head -n 1")
    window = Window(
        ["/usr/bin/env", f"PATH={programs}:/usr/bin:/bin", GOQ, "--man", "sub"], env=cluster.variables()
    )
    try:
        cluster.wait_until(lambda: "GOQ-SUB" in window.look(), or_show=lambda: window.shown)
        assert "man says -l -" in window.shown
    finally:
        window.end()


def test_without_man_the_help_is_named(cluster: Cluster) -> None:
    """One line, as ever."""
    window = Window(["/usr/bin/env", f"PATH={cluster.folder}", GOQ, "--man", "sub"], env=cluster.variables())
    try:
        said = "man is not installed here; goq sub -h tells the same"
        cluster.wait_until(lambda: said in window.look(), or_show=lambda: window.shown)
    finally:
        window.end()


@pytest.mark.parametrize(
    "words", [("--man", "nonsense"), ("--man", "sub", "stat"), ("--color", "never", "--man")]
)
def test_what_has_no_page_is_refused(cluster: Cluster, words: tuple[str, ...]) -> None:
    """Not with another page."""
    ended = cluster.goq(*words)

    assert (2, b"", 1) == (ended.returncode, ended.stdout, ended.stderr.count(b"\n"))


def test_the_wheel_holds_a_page_for_every_command(wheel: Path) -> None:
    """Where man(1) looks, below the environment that goq is installed in."""
    with zipfile.ZipFile(wheel) as opened:
        names = {name.partition(".data/data/")[2] for name in opened.namelist()}

        assert {"share/man/man1/goq.1", *(f"share/man/man1/goq-{name}.1" for name in COMMANDS)} <= names
        (sub,) = (name for name in opened.namelist() if name.endswith("man1/goq-sub.1"))
        assert b"--array" in opened.read(sub).replace(b"\\-", b"-")
