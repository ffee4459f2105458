"""Elements as text, with everything escaped that others wrote."""

import pytest
from drawn import MARKUP, read
from hypothesis import given
from hypothesis import strategies as st

from goq.core.values.text import printable
from goq.views.svg import HATCHED, HATCHING, Entry, element, escaped, legend, number, picture, share


@given(st.text())
def test_strangers_text_stays_text(word: str) -> None:
    """In an attribute and out of one; whatever a job is called, it is no markup."""
    tree = read(element("p", escaped(word), title=word))

    assert printable(word) == (tree.text or "")
    assert printable(word) == tree.get("title", "")
    assert not set("<>\"'") & set(escaped(word))


def test_an_element_closes() -> None:
    """With what is inside, or at once."""
    assert '<rect class="f-ok" width="100%" height="2.5"/>' == element(
        "rect", class_="f-ok", width="100%", height=2.5, x=""
    )
    assert '<p aria-label="a&lt;b">c</p>' == element("p", "c", aria_label="a<b")


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (-0.01, "0"), (3.14, "3.1"), (100, "100"), (99.96, "100"), (-2.5, "-2.5")]
)
def test_a_coordinate_is_short(value: float, text: str) -> None:
    """A picture has thousands of them."""
    assert text == number(value)


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0%"), (1, "100%"), (0.1, "10%"), (1 / 3, "33.33%"), (0.00001, "0%")]
)
def test_a_share_is_in_percent(value: float, text: str) -> None:
    """So pictures are as wide as their place."""
    assert text == share(value)


def test_a_picture_can_be_heard() -> None:
    """Who cannot see it is told what it shows."""
    tree = read(picture(MARKUP, height=12))

    assert ("img", MARKUP, "100%", "12") == tuple(
        tree.get(name) for name in ("role", "aria-label", "width", "height")
    )


def test_a_legend_says_what_colours_are() -> None:
    """And what failed is hatched there too."""
    tree = read(legend([Entry("f-ok", "6,412 done"), Entry("f-bad", f"37 {MARKUP}", is_hatched=True)]))

    assert [None, None, HATCHED] == [each.get("fill") for each in tree.iter("rect")]
    assert ["6,412 done", f"37 {MARKUP}"] == [each.tail for each in tree.iter("svg")]
    assert "hx" == next(read(HATCHING).iter("pattern")).get("id")
