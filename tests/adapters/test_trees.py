"""Folders that go with all that is in them."""

import os
import resource
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from goq.adapters.files import trees
from goq.adapters.files.trees import remove_tree


def open_descriptors() -> int:
    """So many this process has."""
    return len(os.listdir("/proc/self/fd"))


def test_a_folder_goes_with_all_that_is_in_it(tmp_path: Path) -> None:
    """Whatever its mode, and however deep."""
    top = tmp_path / "top"
    deep = top / "/".join("abcdefgh" * 20)
    deep.mkdir(parents=True)
    (deep / "file").touch()
    (top / "closed").mkdir()
    (top / "closed" / "file").touch()
    (top / "closed").chmod(0)
    (top / "name\udcff\n").touch()
    remove_tree(bytes(top))

    assert [] == list(tmp_path.iterdir())


def test_of_a_link_the_link_goes_and_nothing_else(tmp_path: Path) -> None:
    """At the top and below; also one that leads nowhere."""
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").touch()
    top = tmp_path / "top"
    top.mkdir()
    (top / "link").symlink_to(kept)
    (top / "nowhere").symlink_to("nowhere")
    link = tmp_path / "link"
    link.symlink_to(kept)
    for path in (top, link):
        remove_tree(bytes(path))

    assert [kept] == list(tmp_path.iterdir())
    assert (kept / "file").exists()


def test_what_is_not_there_is_no_error(tmp_path: Path) -> None:
    """Somebody was faster."""
    (tmp_path / "file").touch()
    for name in ("none", "none/deep", "file"):
        remove_tree(bytes(tmp_path / name))

    assert [] == list(tmp_path.iterdir())


def test_what_is_very_deep_goes_too(tmp_path: Path) -> None:
    """Deeper than there are descriptors, and than a path may be long."""
    top = tmp_path / "top"
    top.mkdir()
    where = os.open(top, os.O_RDONLY | os.O_DIRECTORY)
    for _ in range(3000):
        os.mkdir("deeper", dir_fd=where)
        inner = os.open("deeper", os.O_RDONLY | os.O_DIRECTORY, dir_fd=where)
        os.close(where)
        where = inner
    os.close(os.open("file", os.O_WRONLY | os.O_CREAT, dir_fd=where))
    os.close(where)
    before = open_descriptors()
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before + 100, limits[1]))
    try:
        remove_tree(bytes(top))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)

    assert [] == list(tmp_path.iterdir())
    assert before == open_descriptors()


def test_a_folder_that_becomes_a_link_meanwhile_leads_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its owner may do so between two looks of root, to whom nothing is closed."""
    kept = tmp_path / "kept"
    kept.mkdir(mode=0o755)
    (kept / "file").touch()
    top = tmp_path / "top"
    for name in ("a", "b/c"):
        (top / name).mkdir(parents=True)
    look = trees._folders_in

    def look_and_exchange(folder: int) -> list[str]:
        found = look(folder)
        for name in found:
            os.rename(name, f"was {name}", src_dir_fd=folder, dst_dir_fd=folder)
            os.symlink(kept, name, dir_fd=folder)
        return found

    monkeypatch.setattr(trees, "_folders_in", look_and_exchange)
    remove_tree(bytes(top))

    assert (kept / "file").exists()
    assert 0o755 == stat.S_IMODE(kept.stat().st_mode)


CLOSED = """
import os, sys
from goq.adapters.files.trees import remove_tree
if os.geteuid() == 0:
    os.chown(sys.argv[1], 65534, 65534)
    os.setresuid(65534, 65534, 65534)
os.chdir(sys.argv[1])
for name, mode in ((b"top/a/b", 0o500), (b"top/a", 0), (b"top/c", 0o300)):
    os.makedirs(name, exist_ok=True)
    open(name + b"/file", "w").close()
    os.chmod(name, mode)
remove_tree(b"top")
sys.exit(os.path.lexists("top"))
"""


def test_what_its_owner_has_closed_to_himself_goes(tmp_path: Path) -> None:
    """Root gets everywhere, and others do not."""
    with tempfile.TemporaryDirectory(prefix="goq-test-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        (Path(folder) / "home").mkdir()

        assert 0 == subprocess.run([sys.executable, "-c", CLOSED, f"{folder}/home"], check=False).returncode
