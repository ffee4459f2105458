"""What is said of a word that is none: what may be meant, and only what there is."""

import pytest

from goq.commands.main import GROUPS
from goq.commands.overview import overview
from goq.commands.suggestions import OPTIONS_ELSEWHERE, meant_among, option_suggestion


def test_of_an_option_of_elsewhere_only_what_the_command_has_is_meant() -> None:
    """Another command's option would be refused next."""
    said = "there is no option '--job-name'"

    assert f"{said}; did you mean '--name'?" == option_suggestion("--job-name", ["-N", "--name"], [])
    assert said == option_suggestion("--job-name", ["--color"], [])
    assert said == option_suggestion("--job-name", ["--json"], ["--json"]), "whatever it looks like"


def test_no_option_of_elsewhere_is_meant_twice() -> None:
    """One answer to one question."""
    words = [word for words in OPTIONS_ELSEWHERE.values() for word in words.split()]

    assert len(words) == len(set(words))


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("NEVRE", "a, never or always, and not 'NEVRE'; did you mean 'never'?"),
        ("x\x1by", "a, never or always, and not 'x\\x1by'"),
    ],
)
def test_a_value_is_held_against_the_right_ones(word: str, said: str) -> None:
    """However it is written; nothing of it moves the cursor."""
    assert said == meant_among(word, ["a", "never", "always"])


@pytest.mark.parametrize("width", [20, 78, 100])
def test_every_command_is_in_the_overview_once(width: int) -> None:
    """In two columns or in one, under its group."""
    shown = overview(GROUPS, width)

    for title, group in GROUPS.items():
        assert 1 == shown.count(title)
        for name, (_, text) in group.items():
            longest = max(map(len, group))
            assert 1 == shown.count(f"  {name.ljust(longest)}  {text}")
    assert max(map(len, shown.splitlines()[1:-1])) <= 80


def test_two_columns_are_as_short_as_can_be() -> None:
    """One screen is the aim."""
    lines = overview(GROUPS, 78).splitlines()
    rows = sum(1 + len(group) for group in GROUPS.values())

    assert len(lines) - 2 <= rows / 2 + max(len(group) for group in GROUPS.values()) / 2
