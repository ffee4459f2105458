"""Where the jobs of all users have their temporary files."""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from goq.adapters.files import temporary
from goq.adapters.files.temporary import is_fit_for_all, make_temporary
from goq.errors import BadSetting

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root has what all users share")


@pytest.fixture(name="place")
def _place() -> Iterator[Path]:
    """A folder of root's that everybody gets to; pytest's own ones are root's alone."""
    path = Path(tempfile.mkdtemp(prefix="goq-test-", dir="/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


def test_all_pass_through_it_and_none_looks_around(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the umask of who starts the worker."""
    monkeypatch.setenv("TMPDIR", str(place))
    before = os.umask(0o077)
    try:
        made = make_temporary(tmp_path / "link", is_shared=True)
    finally:
        os.umask(before)

    assert place == made.parent
    assert made == (tmp_path / "link").readlink()
    assert 0o711 == stat.S_IMODE(made.stat().st_mode)


def test_it_lies_where_nobody_can_put_another_in_its_place(place: Path) -> None:
    """In what is root's, all the way; or where each can take away his own alone, as in /tmp."""
    inner = place / "inner"
    inner.mkdir()
    (place / "link").symlink_to(inner)
    for mode, is_fit in (
        (0o755, True),
        (0o711, True),
        (0o700, False),
        (0o777, False),
        (0o1777, True),
        (0o775, False),
    ):
        inner.chmod(mode)

        assert is_fit is is_fit_for_all(str(inner))
        assert is_fit is is_fit_for_all(str(place / "link"))
    inner.chmod(0o755)
    place.chmod(0o700)
    assert not is_fit_for_all(str(inner))
    place.chmod(0o755)
    os.chown(place, 65534, -1)
    assert not is_fit_for_all(str(inner))
    assert not is_fit_for_all(str(place / "none"))


def test_a_place_that_does_not_serve_is_passed_over(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """root has a TMPDIR of his own at some sites."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(temporary, "_PLACES", (str(place),))
    assert place == make_temporary(tmp_path / "link", is_shared=True).parent
    monkeypatch.setattr(temporary, "_PLACES", ())
    with pytest.raises(BadSetting, match="set TMPDIR"):
        make_temporary(tmp_path / "other", is_shared=True)

    assert not (tmp_path / "other").is_symlink()
