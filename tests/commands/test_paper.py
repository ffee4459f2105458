"""What a command writes on: who decides on colour, signs and hints, in which order."""

import io
import os
import time
from pathlib import Path
from typing import Any

import click
import pytest

from goq.commands.color import color_option
from goq.commands.paper import can_redraw, paper_of, wants_hints
from goq.errors import BadSetting
from goq.views.paper import Paper


class Stream(io.StringIO):
    """A stream that is a terminal, or is none."""

    def __init__(self, *, is_terminal: bool, encoding: str) -> None:
        super().__init__()
        self._is_terminal, self._encoding = is_terminal, encoding

    def isatty(self) -> bool:
        return self._is_terminal

    @property
    def encoding(self) -> str:  # type: ignore[override] # io.StringIO has none
        return self._encoding


@pytest.fixture(autouse=True)
def _plain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings, a terminal that can all, a locale of UTF-8."""
    for name in [name for name in os.environ if name.startswith(("GOQ_", "XDG_", "LC_"))]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in {
        "TERM": "xterm",
        "LANG": "en_GB.UTF-8",
        "COLUMNS": "120",
        "HOME": str(tmp_path),
    }.items():
        monkeypatch.setenv(name, value)


def paper(*words: str, is_terminal: bool = True, encoding: str = "utf-8") -> Paper:
    """What a command with these words is given."""
    found: list[Paper] = []

    @click.command()
    def command() -> None:
        found.append(paper_of(Stream(is_terminal=is_terminal, encoding=encoding)))

    command.params.append(color_option())
    command.main(list(words), standalone_mode=False)
    return found[0]


def test_a_terminal_has_all_and_a_pipe_nothing() -> None:
    """A pipe is for programs: nothing is cut, no colour, no hint."""
    shown, piped = paper(), paper(is_terminal=False)

    assert (120, True, True, False) == shown[:4]
    assert (80, False, False, False) == piped[:4]
    assert (True, True) == (can_redraw(shown), wants_hints(shown))
    assert (False, False) == (can_redraw(piped), wants_hints(piped))


def test_it_is_read_now_and_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the clocks of whoever looks, also for moments of another season."""
    before_ns = time.time_ns()
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()
    shown = paper()
    january_s, july_s = 1_767_225_600, 1_782_864_000

    assert before_ns <= shown.now_ns <= time.time_ns()
    assert (3600, 7200) == (shown.offset(january_s), shown.offset(july_s))
    monkeypatch.undo()
    time.tzset()


# From what counts least to what counts most.
ORDER: list[tuple[dict[str, str], list[str], bool]] = [
    ({}, [], True),
    ({"NO_COLOR": ""}, [], True),
    ({"NO_COLOR": "1"}, [], False),
    ({"NO_COLOR": "1", "GOQ_COLOR": "always"}, [], True),
    ({"GOQ_COLOR": "never"}, [], False),
    ({"GOQ_COLOR": "never"}, ["--color", "always"], True),
    ({"GOQ_COLOR": "always"}, ["--color", "never"], False),
    ({"GOQ_COLOR": "never"}, ["--color", "auto"], True),
    ({"TERM": "dumb"}, [], False),
    ({"TERM": "dumb"}, ["--color", "always"], True),
]


@pytest.mark.parametrize(("variables", "words", "has_color"), ORDER)
def test_the_option_counts_before_the_setting_and_that_before_no_color(
    variables: dict[str, str], words: list[str], has_color: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And each takes colour alone."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    found = paper(*words)

    assert has_color == found.has_color
    assert (False, True) == (found.is_ascii, wants_hints(found))
    assert ("dumb" != os.environ["TERM"]) == can_redraw(found)


def test_the_file_of_settings_counts_before_no_color(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is goq's own, and says more."""
    (tmp_path / ".config" / "goq").mkdir(parents=True)
    (tmp_path / ".config" / "goq" / "config.toml").write_text(
        'color = "always"\nhints = false\nascii = true\n'
    )
    monkeypatch.setenv("NO_COLOR", "1")
    found = paper(is_terminal=False)

    assert (True, True) == (found.has_color, found.is_ascii)
    assert not wants_hints(paper())


@pytest.mark.parametrize(
    ("variables", "encoding", "has_signs"),
    [
        ({}, "utf-8", True),
        ({}, "ascii", False),
        ({"LC_ALL": "C"}, "utf-8", False),
        ({"LANG": "ja_JP.UTF-8"}, "utf-8", False),
        ({"LC_ALL": "en_GB.UTF-8", "LANG": "C"}, "utf-8", True),
        ({"GOQ_ASCII": "1"}, "utf-8", False),
        ({"GOQ_ASCII": "0"}, "utf-8", True),
    ],
)
def test_signs_need_a_locale_that_shows_them_in_one_cell(
    variables: dict[str, str], encoding: str, has_signs: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else tables would be crooked, or full of question marks."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert has_signs != paper(encoding=encoding).is_ascii


@pytest.mark.parametrize(
    ("name", "value"), [("GOQ_COLOR", "green"), ("GOQ_ASCII", "yes"), ("GOQ_HINTS", "2")]
)
def test_a_bad_setting_is_refused_by_its_name(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As all others are."""
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSetting, match=f"{name} is '{value}'; it must be "):
        wants_hints(paper())


def test_what_click_itself_writes_follows_the_option() -> None:
    """It asks the context."""
    seen: list[Any] = []

    @click.command()
    @click.pass_context
    def command(context: click.Context) -> None:
        seen.append(context.color)

    command.params.append(color_option())
    for words in (["--color", "always"], ["--color", "never"], []):
        command.main(words, standalone_mode=False)

    assert [True, False, None] == seen
