"""What looks like a file system that is not mounted, and what like a mistyped name."""

import errno
import os
from pathlib import Path

import pytest

from goq.adapters.jobs import mounts
from goq.adapters.jobs.mounts import how_lacking, lacking, lacking_of_path


@pytest.fixture(name="apps")
def _apps(tmp_path: Path) -> Path:
    """An empty folder, as where something is to be mounted."""
    apps = tmp_path / "apps"
    apps.mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    return apps


def of_path(*folders: Path | str, home: Path | None = None, where: Path = Path("/")) -> bytes:
    """What is lacking where these are the PATH."""
    environment = {b"PATH": b":".join(map(os.fsencode, folders))}
    if home is not None:
        environment[b"HOME"] = bytes(home)
    return lacking_of_path(b"tool", bytes(where), environment)


def test_an_empty_folder_on_the_way_is_lacking(apps: Path) -> None:
    """Whether the place would lie in it, or far below."""
    for place in ("tool", "bin/tool", "a/b/tool", "../apps/./bin//tool"):
        assert bytes(apps) == lacking(bytes(apps / place)), place
    assert how_lacking(bytes(apps)).startswith("is empty")


def test_a_mistyped_name_beside_others_lacks_nothing(apps: Path) -> None:
    """It would not be there on any host, either."""
    (apps / "file").touch()
    for place in ("tool", "bni/tool", "file/tool"):
        assert b"" == lacking(bytes(apps / place)), place


def test_links_are_followed_to_what_is_lacking(apps: Path) -> None:
    """To a folder, to a file, in steps, relative or not: they lead where somebody has been."""
    here = apps.parent / "here"
    here.mkdir()
    (here / "bin").symlink_to(apps / "bin")
    (here / "tool").symlink_to(apps / "tool")
    (here / "again").symlink_to("bin")
    (here / "up").symlink_to("../apps/bin")
    for place in ("bin/tool", "tool", "again/tool", "up/tool"):
        assert bytes(apps) == lacking(bytes(here / place)), place


def test_a_link_into_a_folder_that_is_not_there_lacks_it(apps: Path) -> None:
    """Whoever made the link had that folder, whatever lies beside it."""
    here, gone = apps.parent / "full", apps.parent / "gone"
    (here / "bin").symlink_to(gone)
    (here / "tool").symlink_to(gone / "bin" / "tool")

    assert bytes(gone) == lacking(bytes(here / "bin" / "tool"))
    assert bytes(gone) == lacking(bytes(here / "tool"))
    assert "is not there" == how_lacking(bytes(gone))


def test_a_link_to_a_file_that_is_not_there_lacks_nothing(apps: Path) -> None:
    """Its folder is there; and what is mistyped behind a good link is mistyped."""
    full = apps.parent / "full"
    (full / "tool").symlink_to(full / "none")
    (full / "link").symlink_to(full)
    (full / "circle").symlink_to("circle")
    for place in ("tool", "link/none", "link/none/tool", "circle/tool"):
        assert b"" == lacking(bytes(full / place)), place


def test_a_folder_of_the_path_may_be_lacking(apps: Path) -> None:
    """Missing or empty, or behind a link; the others tell nothing."""
    full = apps.parent / "full"
    (full / "bin").symlink_to(apps / "bin")

    assert bytes(apps) == of_path(full, apps / "bin")
    assert bytes(apps) == of_path(apps, full)
    assert bytes(apps) == of_path("/usr/bin", full / "bin")
    assert bytes(apps) == of_path("bin", where=full)
    assert b"" == of_path(full, full / "none", "/no/such/bin", "/usr/bin")
    assert b"" == lacking_of_path(b"tool", b"/", {})


def test_what_is_often_empty_tells_nothing(apps: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else one mistyped command would shut the host, on a machine that lacks nothing."""
    assert b"" == of_path(apps, home=apps)
    assert b"" == of_path(apps / "bin", home=apps.parent)
    assert bytes(apps) == of_path(apps, home=apps.parent / "app")
    assert b"" == of_path("", ".", where=apps)
    monkeypatch.setattr(mounts, "_OFTEN_EMPTY", {bytes(apps)})
    assert b"" == of_path(apps)
    assert b"/usr/local/bin" not in of_path("/usr/local/bin", "/usr/local/sbin", "/usr/games")


@pytest.mark.parametrize("number", [errno.ESTALE, errno.ETIMEDOUT, errno.ENODEV])
def test_a_dead_mount_in_the_path_is_lacking(
    apps: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """The C library passes over it in its search."""

    def dead(place: bytes) -> bytes:
        raise OSError(number if place == bytes(apps) else errno.EINVAL, "")

    monkeypatch.setattr(os, "readlink", dead)
    assert bytes(apps) == of_path(apps)
