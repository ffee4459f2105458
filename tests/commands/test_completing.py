"""What is offered to shells, and how it is told to each: pure parts; tests/system/test_completion.py has the shells."""

import shlex

import click
import pytest
from click.shell_completion import CompletionItem
from hypothesis import given
from hypothesis import strategies as st

from goq.commands.completing import _items, states
from goq.commands.main import COMMANDS, cli
from goq.commands.shells import VARIABLE, Complete, answer_shell

CONTEXT = click.Context(click.Command("kill"))
PARAMETER = click.Option(["--state"])


@given(st.text(max_size=12), st.text(max_size=3))
def test_only_what_is_one_word_to_every_shell_is_offered(name: str, text: str) -> None:
    """It is typed for somebody, who presses Enter next."""
    for item in _items({name: text + "\n\t\x1b[0m"}, ""):
        assert name == item.value
        assert [name] == shlex.split(name, comments=True)
        assert not set(name) & set("$`!*?[]{}()<>|&;~#\\\"'^ =")
        assert item.help is not None
        assert item.help.isprintable()


def test_what_does_not_begin_as_typed_is_not_offered() -> None:
    """A shell would take it for what is meant."""
    assert ["fold"] == [item.value for item in _items({"fold": "", "merge": ""}, "fol")]


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("he", {"held"}), ("waiting,he", {"waiting,held"}), ("waiting,", None), ("x", set())],
)
def test_states_are_completed_behind_a_comma(typed: str, offered: set[str] | None) -> None:
    """`--state waiting,held` is one word."""
    found = {item.value for item in states(CONTEXT, PARAMETER, typed)}

    assert (9 == len(found)) if offered is None else offered == found


@pytest.mark.parametrize(
    ("value", "incomplete", "breaks", "word"),
    [
        ("tag:night", "tag:ni", ":=", "night"),
        ("tag:night", "tag:ni", "", "tag:night"),
        ("tag:night", "ta", ":=", "tag:night"),
        ("always", "--color=al", ":=", "always"),
        ("always", "--color=al", "", "--color=always"),
        ("tag:night", "--after-ok=tag:n", ":=", "night"),
        ("tag:night", "--after-ok=tag:n", "", "--after-ok=tag:night"),
        ("kill", "ki", ":=", "kill"),
    ],
)
def test_each_shell_is_told_what_it_puts_at_the_cursor(
    value: str, incomplete: str, breaks: str, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """bash replaces what is behind the last : or =, zsh and fish all that is behind the last blank."""
    monkeypatch.setenv("_GOQ_WORDBREAKS", breaks)

    assert word == Complete(cli, {}, "goq", VARIABLE)._word(CompletionItem(value), incomplete)


@pytest.mark.parametrize(
    ("line", "args", "incomplete"),
    [
        ("goq ", [], ""),
        ("goq ki", [], "ki"),
        ("goq kill ", ["kill"], ""),
        ("goq kill 'a b' x", ["kill", "a b"], "x"),
        ("goq kill 'a b", ["kill"], "a b"),
        ("goq", [], ""),
        ("", [], ""),
    ],
)
def test_the_line_is_split_as_a_shell_does(
    line: str, args: list[str], incomplete: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Up to the cursor, also within quotes."""
    monkeypatch.setenv("_GOQ_LINE", line)

    assert (args, incomplete) == Complete(cli, {}, "goq", VARIABLE).get_completion_args()


def test_commands_are_offered_with_what_they_are_for_and_without_being_loaded(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A Tab must not take as long as all of goq."""
    monkeypatch.setattr(type(cli), "get_command", lambda *_: pytest.fail("a command was loaded"))
    monkeypatch.setenv("_GOQ_LINE", "goq ")

    assert 0 == answer_shell(cli)
    assert {f"plain\t{name}\t{text}" for name, (_, text) in COMMANDS.items()} == set(
        capsys.readouterr().out.splitlines()
    )
