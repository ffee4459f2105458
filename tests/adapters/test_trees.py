"""Folders that go with all that is in them."""

from pathlib import Path

from goq.adapters.files.trees import remove_tree


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
