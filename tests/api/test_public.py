"""What `import goq` gives: names that are there, documented, typed, and loaded when they are wanted."""

import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import goq

ROOT = Path(goq.__file__).parent
PUBLIC: dict[str, str] = vars(goq)["_PUBLIC"]


def test_types_are_told_of_the_same_names() -> None:
    """Type checkers read the .pyi, Python the .py."""
    stub = (ROOT / "__init__.pyi").read_text()
    told = {name: module for module, name in re.findall(r"from goq\.(\S+) import (\w+) as \2\n", stub)}

    assert PUBLIC == told
    assert {*told, "__version__"} == set(vars(goq)["__all__"])
    assert (ROOT / "py.typed").exists()


@pytest.mark.parametrize("name", PUBLIC)
def test_what_is_public_says_what_it_is_for(name: str) -> None:
    """The class, and each method and property of it."""
    thing = getattr(goq, name)

    assert thing.__module__ == f"goq.{PUBLIC[name]}"
    assert inspect.getdoc(thing)
    for each, member in inspect.getmembers(thing):
        if not each.startswith("_") and callable(member) and not hasattr(Exception, each):
            assert inspect.getdoc(member), f"{name}.{each}"


def test_what_is_not_there_is_no_attribute() -> None:
    """As of any module."""
    with pytest.raises(AttributeError, match="goq has no Thing"):
        getattr(goq, "Thing")  # noqa: B009 - which mypy knows not to be there
    assert "Client" in dir(goq)


def test_importing_goq_loads_next_to_nothing() -> None:
    """A program that imports it may never ask anything."""
    loaded = "import sys; before = set(sys.modules); import goq; print(len(set(sys.modules) - before))"
    said = subprocess.run([sys.executable, "-I", "-c", loaded], check=True, capture_output=True, text=True)

    assert 1 == int(said.stdout)
