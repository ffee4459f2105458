"""Durations and sizes, as people write them and as they are told them."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goq.core.values.quantities import BadQuantity, duration_s, show_duration, show_size, size_bytes

UNITS = {"w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}


@pytest.mark.parametrize(
    ("word", "seconds"),
    [
        ("90", 90),
        ("0", 0),
        ("0.2", 0.2),
        ("0.2s", 0.2),
        ("150ms", 0.15),
        ("1h30m", 5400),
        ("1.5h", 5400),
        ("2d", 172800),
        ("1w2d3h4m5s", 604800 + 2 * 86400 + 3 * 3600 + 4 * 60 + 5),
        ("1m1ms", 60.001),
        ("36500d", 3153600000),
        ("1:30:00", 5400),
        ("00:00:01.5", 1.5),
        ("100:00:00", 360000),
        ("1-12:00:00", 129600),
    ],
)
def test_a_duration_is_what_people_write(word: str, seconds: float) -> None:
    """Those of sleep, of timeout, of Grid Engine and of Slurm, where these agree."""
    assert seconds == duration_s(word)


@pytest.mark.parametrize(
    "word",
    [
        *(
            "",
            "-1",
            "+1",
            "1e3",
            "inf",
            "nan",
            "1x",
            "h",
            "1h30",
            "30m1h",
            "1h1h",
            "1 h",
            " 1",
            "1\n",
            "1H",
            "1M",
        ),
        *(
            ".5s",
            "5.",
            "1.s",
            "1:30",
            "1:60:00",
            "1:00:60",
            "-1:00:00",
            "1-12",
            "1_000",
            "0x10",
            "\u0661s",
            "\xb2s",
        ),
        *("1,5h", "1mo", "1min", "1.5.5s", "s1", "1smm", "1\u017f"),
    ],
)
def test_what_is_no_duration_is_named(word: str) -> None:
    """1:30 is minutes for one system, and hours for another."""
    with pytest.raises(BadQuantity, match=r"is no duration; 90, 0.5s, 1h30m and 2d are"):
        duration_s(word)


@pytest.mark.parametrize("word", ["36501d", "9" * 90, "9" * 20 + "d", "9" * 30 + ":00:00"])
def test_a_duration_has_a_bound(word: str) -> None:
    """Which every sum of a clock and a duration can hold."""
    with pytest.raises(BadQuantity, match="is longer than 100 years"):
        duration_s(word)


def test_a_long_word_is_not_worked_through() -> None:
    """Nor shown."""
    for parse in (duration_s, size_bytes):
        with pytest.raises(BadQuantity, match=r"^'9{40}\.\.\.' is no "):
            parse("9" * 1_000_000)


def test_a_bad_word_is_shown_on_one_line() -> None:
    """Whatever is in it."""
    with pytest.raises(BadQuantity, match=r"^'1\\n\\x1b' is no duration"):
        duration_s("1\n\x1b")


@given(st.sets(st.sampled_from(list(UNITS)), min_size=1), st.data())
def test_parts_add_up(units: set[str], data: st.DataObject) -> None:
    """The longer before the shorter."""
    chosen = [unit for unit in UNITS if unit in units]
    numbers = [data.draw(st.integers(0, 60)) for _ in chosen]
    word = "".join(f"{number}{unit}" for number, unit in zip(numbers, chosen, strict=True))

    assert sum(number * UNITS[unit] for number, unit in zip(numbers, chosen, strict=True)) == duration_s(word)


@pytest.mark.parametrize(
    ("word", "size"),
    [
        ("512M", 512 << 20),
        ("512m", 512 << 20),
        ("512MB", 512 << 20),
        ("512MiB", 512 << 20),
        ("512", 512 << 20),
        ("0.5", 512 << 10),
        ("4G", 4 << 30),
        ("1.5GiB", 3 << 29),
        ("100kb", 100 << 10),
        ("8Gi", 8 << 30),
        ("2T", 2 << 40),
        ("1P", 1 << 50),
        ("1E", 1 << 60),
        ("512B", 512),
        ("0.1B", 0),
        ("0", 0),
        ("0.3G", 322122547),
    ],
)
def test_a_size_is_what_people_write(word: str, size: int) -> None:
    """Slurm's, whose bare number is MiB; a byte count of memory is long, and nobody types it."""
    assert size == size_bytes(word)


@pytest.mark.parametrize(
    "word",
    [
        "",
        "-1",
        "G",
        "1X",
        "1iB",
        "1 G",
        "1e9",
        "4GG",
        "1.G",
        "1i",
        "\u096aG",
        "4K\n",
        "inf",
        "\u212a",
        "1\u212a",
    ],
)
def test_what_is_no_size_is_named(word: str) -> None:
    """With what is one."""
    with pytest.raises(BadQuantity, match=r"is no size; 512M, 4G and 1.5GiB are"):
        size_bytes(word)


@pytest.mark.parametrize("word", ["1.1E", "1025P", "9" * 90, "9" * 30 + "B"])
def test_a_size_has_a_bound(word: str) -> None:
    """That 64 bits hold."""
    with pytest.raises(BadQuantity, match="is more than 1 EiB"):
        size_bytes(word)


@given(st.text(max_size=12))
def test_any_word_is_a_quantity_or_a_complaint(word: str) -> None:
    """Nothing else comes of it."""
    for parse in (duration_s, size_bytes):
        with suppress(BadQuantity):
            assert parse(word) >= 0


def test_durations_are_said_as_people_say_them() -> None:
    """In a sentence, of which a person reads the first two parts."""
    said = [show_duration(each) for each in (0.2, 2.0, 90, 120, 5400, 86399.6, 172800, 93784)]

    assert ["0.2 s", "2 s", "90 s", "2 min", "1 h 30 min", "1 d", "2 d", "1 d 2 h 3 min 4 s"] == said


def test_sizes_are_said_as_people_say_them() -> None:
    """Three digits are enough."""
    sizes = (0, 1, 1023, 1024, 1536, 812 << 20, 512 << 20, 3 << 29, 1023 << 20, 200 << 50, 1 << 60)
    wanted = "0 bytes|1 byte|1023 bytes|1 KiB|1.5 KiB|812 MiB|512 MiB|1.5 GiB|1023 MiB|200 PiB|1 EiB"

    assert wanted.split("|") == [show_size(each) for each in sizes]
