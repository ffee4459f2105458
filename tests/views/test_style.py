"""The stylesheet: its colours can be told apart, and it loads nothing."""

import re

import pytest

from goq.views.style import FILLS, PALETTE, STYLE, USERS, user_fill

LIGHT, DARK = 0, 1
GROUNDS = ("bg", "card", "soft")
BLOCKS = (*(f"u{rank}" for rank in range(USERS)), "kept", "rest", "wait", "soft")
STATES = ("run", "ok", "bad", "warn")
TEXTS = [
    *((text, ground) for text in ("ink", "mute", "link", *STATES) for ground in GROUNDS),
    *(("ink", block) for block in BLOCKS),
    *(("card", state) for state in STATES),
]
MARKS = [
    *((mark, ground) for mark in (*STATES, "hist", "focus", "mute") for ground in GROUNDS),
    *(("mute", block) for block in BLOCKS if block != "wait"),
]


def luminance(color: str) -> float:
    """As WCAG 2.2 defines it."""
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str, scheme: int) -> float:
    """From 1 to 21."""
    darker, lighter = sorted(luminance(PALETTE[name][scheme]) for name in (one, other))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_measured_as_it_is_defined() -> None:
    """Black on white is 21, and a known grey is what it is."""
    assert luminance("#ffffff") == pytest.approx(1)
    assert luminance("#000000") == 0
    assert 4.54 == pytest.approx((luminance("#ffffff") + 0.05) / (luminance("#767676") + 0.05), abs=0.01)


@pytest.mark.parametrize("scheme", [LIGHT, DARK])
@pytest.mark.parametrize(("text", "ground"), TEXTS)
def test_text_can_be_read(text: str, ground: str, scheme: int) -> None:
    """On everything that it stands on, by day and by night."""
    assert 4.5 <= contrast(text, ground, scheme)


@pytest.mark.parametrize("scheme", [LIGHT, DARK])
@pytest.mark.parametrize(("mark", "ground"), MARKS)
def test_marks_can_be_seen(mark: str, ground: str, scheme: int) -> None:
    """Also the outline of what is only pale."""
    assert 3 <= contrast(mark, ground, scheme)


@pytest.mark.parametrize("scheme", [LIGHT, DARK])
def test_users_have_different_colours(scheme: int) -> None:
    """Eight of them, and one for all others."""
    fills = [user_fill(rank) for rank in range(20)]

    assert USERS + 1 == len(set(fills))
    assert {"f-rest"} == set(fills[USERS:])
    assert USERS + 1 == len({PALETTE[fill.removeprefix("f-")][scheme] for fill in fills})


def test_every_colour_is_in_both_schemes_and_every_name_is_one() -> None:
    """One that is missing would be black."""
    for scheme in (LIGHT, DARK):
        assert all(f"--{name}:{colors[scheme]}" in STYLE for name, colors in PALETTE.items())
    assert set(re.findall(r"var\(--([\w-]+)\)", STYLE)) == set(PALETTE)
    assert all(f".f-{name}{{fill:var(--{name})}}" in STYLE for name in FILLS)


def test_it_loads_nothing_and_ends_nothing() -> None:
    """A report is one file, and a page may load from its own server alone."""
    for word in ("url(", "@import", "http", "</", "expression"):
        assert word not in STYLE
    assert STYLE.count("{") == STYLE.count("}")
    assert STYLE.isascii()


def test_there_are_rules_for_the_dark_for_paper_and_for_telephones() -> None:
    """Dark on a screen only, since ink is for white paper."""
    assert "@media screen and (prefers-color-scheme:dark)" in STYLE
    assert "@media print" in STYLE
    assert "@media (max-width:700px)" in STYLE
    assert "content:attr(data-th)" in STYLE
    assert STYLE.index("prefers-color-scheme:dark") < STYLE.index("@media print")
