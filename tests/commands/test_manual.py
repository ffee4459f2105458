"""The manual pages: all that the help says, in roff that groff has nothing to complain of."""

import re
import shutil
import subprocess
from inspect import cleandoc

import click
import pytest

from goq.commands.main import ALL_GROUPS, COMMANDS, cli
from goq.commands.manual import Manual, _escaped, _line
from goq.errors import BadCommand

MANUAL = Manual(cli, ALL_GROUPS)


def rendered(page: str) -> str:
    """As a terminal shows it, without bold and the like; groff may warn of nothing."""
    groff = [shutil.which("groff") or "groff", "-man", "-Tutf8", "-ww", "-P-c"]
    ended = subprocess.run(groff, input=page.encode(), capture_output=True, check=True, timeout=60)
    assert b"" == ended.stderr, ended
    return re.sub(r".\x08", "", ended.stdout.decode())


def command_of(name: str) -> click.Command:
    command = cli.get_command(click.Context(cli, info_name="goq"), name)
    assert command is not None
    return command


def words(text: str) -> str:
    """The text, however its lines are broken."""
    return " ".join(text.replace("\b", "").replace("\u2010\n", "-").split())


@pytest.mark.parametrize("name", COMMANDS)
def test_a_page_says_all_that_the_help_says(name: str) -> None:
    """Made of the same, it cannot lag; no character of an example may be lost in roff."""
    command = command_of(name)
    shown = words(rendered(MANUAL.page(name)))

    for paragraph in cleandoc(command.help or "").split("\n\n"):
        said = words(paragraph).removeprefix("Examples: ")
        assert said in shown
    for param in command.params:
        if isinstance(param, click.Option) and not param.hidden:
            assert words(param.help or "") in shown
            assert all(flag in shown for flag in param.opts)
    assert f"goq-{name} - {COMMANDS[name][1]}" in shown
    assert "EXAMPLES" in shown
    assert "-h, --help" in shown


def test_examples_stay_in_lines_of_their_own() -> None:
    """They are copied."""
    help_text = "\n".join(cleandoc(command_of(name).help or "") for name in ("down", "limit"))
    shown = [words(line) for name in ("down", "limit") for line in rendered(MANUAL.page(name)).splitlines()]

    examples = [
        words(line) for line in help_text.splitlines() if line.startswith(("  goq ", "all N ", "tag:TAG N "))
    ]
    assert len(examples) > 3
    assert set(examples) <= set(shown)


def test_the_first_page_names_all_commands_and_options() -> None:
    """In the groups of `goq -h`."""
    shown = rendered(MANUAL.page(""))

    assert all(f"goq-{name}(1)" in shown for name in COMMANDS)
    assert all(title in shown for title in ALL_GROUPS)
    assert all(flag in shown for flag in ("--color", "--man", "--version"))


def test_each_command_has_one_page() -> None:
    """By the name that man(1) looks for."""
    pages = dict(MANUAL.pages())

    assert {"goq.1", *(f"goq-{name}.1" for name in COMMANDS)} == set(pages)
    assert all(text.startswith(f'.TH "{name.removesuffix(".1").upper()}"') for name, text in pages.items())


def test_what_roff_would_take_for_its_own_stays_text() -> None:
    """A dash or a quote that came out as another sign could not be copied into a shell."""
    lines = [".so /etc/passwd", "'tis", r"a\nb \fBc", "--name 'x' `id` ^~", '"quoted" \\', "a-b"]
    page = "\n".join((".TH X 1", ".nf", *map(_line, lines), ".fi")) + "\n"
    shown = rendered(page)

    for line in lines:
        assert line in shown
    assert r"\e" == _escaped("\\")


def test_a_command_that_is_none_has_no_page() -> None:
    """It is named."""
    with pytest.raises(BadCommand, match="'nonsense'"):
        MANUAL.page("nonsense")
