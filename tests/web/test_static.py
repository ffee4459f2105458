"""What browsers load: ours, and one file of others, as it was published."""

from hashlib import sha256
from importlib.resources import files

import pytest

from goq.web.static import assets
from web.house import House, Visitor

IDIOMORPH = "idiomorph-0.8.0.min.js"
IDIOMORPH_DIGEST = "4cbd535caf7663a51eda9bce6595371c384fc430d54b8d414e29a61167f19f96"


def test_the_script_of_others_is_as_it_was_published() -> None:
    """Whoever changes it, or takes another version, says so here; its licence goes with it."""
    folder = files("goq.web") / "static"

    assert sha256((folder / IDIOMORPH).read_bytes()).hexdigest() == IDIOMORPH_DIGEST
    assert "Zero-Clause BSD" in (folder / "idiomorph-LICENSE.txt").read_text()


@pytest.mark.parametrize("name", sorted(assets()))
def test_a_file_is_kept_by_browsers_as_long_as_it_says_the_same(house: House, name: str) -> None:
    """Its address changes with it, so that no browser has an old one."""
    found = assets()[name]
    stranger = Visitor(house.port)
    answer = stranger.get(f"/static/{found.digest}/{name}")

    assert answer.status == 200
    assert answer.body == found.content
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert stranger.get(f"/static/0123456789abcdef/{name}").status == 404


@pytest.mark.parametrize(
    "path", ["/static/x/../../guard.py", "/static/x/%2e%2e%2fguard.py", "/static/x/guard.py"]
)
def test_there_are_no_other_files(house: House, path: str) -> None:
    assert Visitor(house.port).get(path).status in (303, 404)
