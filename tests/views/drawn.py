"""What the tests of pictures need: they are read back as XML, and measured."""

import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from goq.views.style import STYLE

MARKUP = "<>&\"'"


def read(markup: str) -> ET.Element:
    """The picture's tree; fails if it is not well formed, has a style of its own or a class that nobody styles."""
    assert "style=" not in markup
    tree = ET.fromstring(markup)
    for each in tree.iter():
        for name in each.get("class", "").split():
            assert re.search(rf"\.{name}(?![\w-])", STYLE), f"no rule for .{name}"
    return tree


def classes(tree: ET.Element, tag: str = "rect") -> list[str]:
    """Of all elements of a kind, in their order."""
    return [each.get("class", "") for each in tree.iter(tag) if each.get("class")]


def numbers(tree: ET.Element, *attributes: str) -> Iterator[float]:
    """All coordinates in these, without their percent signs."""
    for each in tree.iter():
        for attribute in attributes:
            for word in re.findall(r"-?[0-9.]+|nan|inf", each.get(attribute, "")):
                yield float(word)


def text(tree: ET.Element) -> str:
    """All that is said in it."""
    return " ".join(filter(None, (each.text for each in tree.iter())))
