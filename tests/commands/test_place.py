"""The folder of a job, by the name that its submitter has for it."""

import os
from pathlib import Path

import pytest

from goq.api.place import folder_of
from goq.commands.place import outputs_of
from goq.core.values.ids import JobId
from goq.errors import BadCommand


@pytest.fixture(name="home")
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder behind a link, where we are, with another in it."""
    (tmp_path / "disk" / "deep").mkdir(parents=True)
    (tmp_path / "home").symlink_to(tmp_path / "disk")
    monkeypatch.chdir(tmp_path / "home")
    monkeypatch.setenv("PWD", str(tmp_path / "home"))
    return tmp_path / "home"


def names(*paths: Path) -> tuple[bytes, ...]:
    return tuple(map(os.fsencode, paths))


def test_without_a_name_it_is_the_current_one(home: Path) -> None:
    """As its user calls it."""
    assert names(home, home.resolve()) == folder_of(None)


@pytest.mark.parametrize("name", ["deep", "./deep", "deep/", "../home/deep", "deep/../deep"])
def test_a_relative_name_starts_where_we_are(home: Path, name: str) -> None:
    """And keeps the name by which we are here: nodes know that one."""
    assert names(home / "deep", home.resolve() / "deep") == folder_of(name)


def test_an_absolute_name_stands_for_itself(home: Path) -> None:
    """With its links."""
    assert names(home / "deep", home.resolve() / "deep") == folder_of(f"{home}/deep")
    assert (os.fsencode(home.resolve() / "deep"), b"") == folder_of(f"{home.resolve()}/deep")


def test_dots_behind_a_link_lead_where_the_system_says(home: Path, tmp_path: Path) -> None:
    """What the name only seems to mean is another folder."""
    (home / "far").symlink_to(tmp_path / "disk" / "deep")
    (tmp_path / "disk" / "deep" / "below").mkdir()
    (home / "away").symlink_to(tmp_path / "disk" / "deep" / "below")

    assert (os.fsencode(tmp_path / "disk" / "deep"), b"") == folder_of("away/..")


@pytest.mark.parametrize("name", ["", "none", "file", "file/x", "x" * 5000])
def test_what_is_no_folder_here_is_refused(home: Path, name: str) -> None:
    """A job that could start nowhere is better not queued."""
    (home / "file").touch()
    with pytest.raises(BadCommand, match=r"^-C '.*': .*; name a folder that is here"):
        folder_of(name)


@pytest.mark.parametrize(
    ("jobs", "files", "host", "shown"),
    [
        ((7, 7), (), "n1", "/o/out.00007"),
        ((7, 9), (), "", "/o/out.00007 to out.00009"),
        ((999_999, 1_000_000), (), "", "/o/out.999999 to 100/out.1000000"),
        ((7, 7), ((1, "a/x"),), "n1", "/o/a/x"),
        ((7, 9), ((1, "a/{task}"),), "", "/o/a/{task}"),
        ((7, 7), ((2, "e"),), "n1", "/o/out.00007, errors: /o/e"),
        ((7, 7), ((1, "/x"),), "n1", "/x at n1"),
        (
            (7, 7),
            ((1, "/x"), (2, "/y\x1b")),
            "",
            "/x at the host that runs it, errors: /y\\x1b at the host that runs it",
        ),
        ((7, 7), ((1, "x"), (2, "/y")), "n1", "/o/x, errors: /y at n1"),
    ],
)
def test_where_outputs_are_is_said_with_the_host_that_has_them(
    jobs: tuple[int, int], files: tuple[tuple[int, str], ...], host: str, shown: str
) -> None:
    """Whoever waits for a job wants to look next."""
    assert shown == outputs_of(b"/o", JobId(jobs[0]), JobId(jobs[1]), files, host)
