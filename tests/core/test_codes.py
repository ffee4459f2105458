"""Lists of exit statuses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goq.core.values.codes import BadCodes, codes_of


@pytest.mark.parametrize(
    ("word", "codes"),
    [
        ("1,5-7,143", (1, 5, 6, 7, 143)),
        ("0", (0,)),
        ("255", (255,)),
        ("7,5-6,5", (5, 6, 7)),
        ("3-3", (3,)),
        ("0-255", tuple(range(256))),
        ("007", (7,)),
        (",".join(map(str, range(256))), tuple(range(256))),
    ],
)
def test_the_notation_of_codes(word: str, codes: tuple[int, ...]) -> None:
    """Each once, in order."""
    assert codes == codes_of(word)


BAD = {
    "": "'' in ''",
    "1,": "''",
    "-1": "'-1'",
    "1-": "'1-'",
    "256": "'256' in '256' is above 255",
    "5-256": "'5-256'",
    "300-5": "above 255",
    "7-5": "'7-5' in '7-5' is the wrong way round; write 5-7",
    "1 2": "'1 2'",
    "1,x": "'x' in '1,x' is no exit status; write 1,5-7,143",
    "1\n": r"'1\n'",
    "٣": "is no exit status",
    "SIGKILL": "'SIGKILL'",
    "9" * 1000: "is no exit status",
    "1," * 5000: "too long",
    "\udcff": "is no exit status",
}


@pytest.mark.parametrize(("word", "says"), BAD.items(), ids=[ascii(word)[:20] for word in BAD])
def test_a_bad_list_is_refused_by_name(word: str, says: str) -> None:
    """One line, not too long, that shows what was wrong."""
    with pytest.raises(BadCodes) as refusal:
        codes_of(word)

    assert says in str(refusal.value)
    assert str(refusal.value).isprintable()
    assert len(str(refusal.value)) < 200


@given(st.sets(st.integers(0, 255), min_size=1), st.randoms())
def test_codes_are_read_as_they_are_written(codes: set[int], chance: object) -> None:
    """In any order, ranges or not."""
    parts = [f"{code}-{code}" if code % 2 else str(code) for code in codes]
    chance.shuffle(parts)  # type: ignore[attr-defined]  # hypothesis gives a Random

    assert tuple(sorted(codes)) == codes_of(",".join(parts))
