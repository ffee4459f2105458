"""Arrays and lists: which numbers there are, what each line makes of a command, and both as a text."""

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goq.core.values.ids import Argv, join_argv, split_argv
from goq.core.values.items import (
    ITEMS_LIMIT,
    NUMBER_LIMIT,
    PARTS_LIMIT,
    PLACEHOLDER_LIMIT,
    RANGES_LIMIT,
    TEXT_LIMIT,
    BadItems,
    EachLine,
    Items,
    Numbers,
    Step,
    array_of,
    check,
    fill,
    items_text,
    read_items,
)

gaps = st.integers(1, 5)
shapes = st.lists(st.tuples(gaps, st.integers(1, 6), gaps), min_size=1, max_size=6)


def _numbers(shape: list[tuple[int, int, int]]) -> Numbers:
    """Ranges one behind the other: how far from the last one, how many, in which step."""
    ranges: list[Step] = []
    behind = -1
    for gap, count, step in shape:
        first = behind + gap
        behind = first + (count - 1) * step
        ranges.append((first, behind, step))
    return Numbers(tuple(ranges))


arrays = shapes.map(_numbers)
words = st.text(st.characters(codec="utf-8", categories=["L", "P", "S", "N"]), min_size=1, max_size=9)
each_line = st.builds(EachLine, words, st.just("") | words)


def _all(numbers: Numbers) -> list[int]:
    return [number for first, last, step in numbers.ranges for number in range(first, last + 1, step)]


# --- numbers --------------------------------------------------------------------------------------


@given(arrays, st.integers(-3, 250), st.integers(-3, 250))
def test_an_array_is_the_list_of_its_numbers(numbers: Numbers, low: int, high: int) -> None:
    """What is worked out from ranges is what counting them one by one would give."""
    plain = _all(numbers)
    found = [index for start, stop in numbers.indices(low, high) for index in range(start, stop)]

    assert plain == [numbers.number(index) for index in range(len(numbers))]
    assert [plain.index(low) if low in plain else None] == [numbers.index(low)]
    assert [index for index, number in enumerate(plain) if low <= number <= high] == found
    assert (plain[0], plain[-1]) == (numbers.first, numbers.last)


@given(arrays, st.randoms())
def test_an_array_is_read_as_it_is_written(numbers: Numbers, chance: object) -> None:
    """In any order of its ranges."""
    parts = [f"{first}-{last}:{step}" for first, last, step in numbers.ranges]
    chance.shuffle(parts)  # type: ignore[attr-defined]  # hypothesis gives a Random

    assert (numbers, 0) == array_of(",".join(parts))
    assert (numbers, 7) == array_of(",".join(parts) + "%7")


@pytest.mark.parametrize(
    ("word", "ranges", "at_once"),
    [
        ("0-9,20-100000:2%50", ((0, 9, 1), (20, 100000, 2)), 50),
        ("7", ((7, 7, 1),), 0),
        ("0", ((0, 0, 1),), 0),
        ("5,1-3", ((1, 3, 1), (5, 5, 1)), 0),
        ("1-10:4,10", ((1, 9, 4), (10, 10, 1)), 0),
        ("007-09", ((7, 9, 1),), 0),
        ("3-3:5%1", ((3, 3, 5),), 1),
        (f"1-{ITEMS_LIMIT}%{ITEMS_LIMIT}", ((1, ITEMS_LIMIT, 1),), ITEMS_LIMIT),
        (f"{NUMBER_LIMIT}", ((NUMBER_LIMIT, NUMBER_LIMIT, 1),), 0),
    ],
)
def test_the_notation_of_arrays(word: str, ranges: tuple[Step, ...], at_once: int) -> None:
    """A range ends with a number that is in it."""
    assert (Numbers(ranges), at_once) == array_of(word)


def test_an_array_tells_its_ends_and_its_step() -> None:
    """GOQ_TASK_FIRST, GOQ_TASK_LAST and GOQ_TASK_STEP."""
    numbers, _ = array_of("20-100:10,1-8:3")

    assert (1, 100, 3) == (numbers.first, numbers.last, numbers.step)
    assert 12 == len(numbers)


def test_there_is_no_item_outside() -> None:
    """A caller that asks for one is wrong."""
    for index in (-1, 10, ITEMS_LIMIT):
        with pytest.raises(IndexError):
            array_of("0-9")[0].number(index)


BAD_ARRAYS = {
    "": "array of nothing",
    "%5": "array of nothing",
    "9-0": "wrong way round; write 0-9",
    "0-9:0": "step of 0",
    "-1": "'-1'",
    "-5-3": "'-5-3'",
    "0--3": "'0--3'",
    "a": "'a'",
    "1,,2": "'' in '1,,2'",
    "1-3,": "''",
    " 1": "' 1'",
    "1\n": r"'1\n'",
    "1.5": "'1.5'",
    "5:2": "'5:2'",
    "1-": "'1-'",
    "1-2-3": "'1-2-3'",
    "1-9:": "'1-9:'",
    "१-९": "no range of numbers",
    "0-5,5-9": "'0-5' and '5-9' overlap",
    "7,7": "'7' and '7' overlap",
    "0-10:2,1-11:2": "overlap",
    "5-9,0-5": "'0-5' and '5-9' overlap",
    "0-9%": "'%'",
    "0-9%0": "'%0'",
    "0-9%-1": "'%-1'",
    "0-9%x": "'%x'",
    "0-9%5%5": "'%5%5'",
    "0-9%²": "count of tasks",
    f"0-9%{ITEMS_LIMIT + 1}": "lets none run",
    "0-9%" + "9" * 5000: "count of tasks",
    f"0-{ITEMS_LIMIT}": "in '0-10000000' 10000001 items are more than 10000000; write 0-9999999",
    f"0-{ITEMS_LIMIT - 1},{ITEMS_LIMIT}": "10000001 items",
    f"{NUMBER_LIMIT + 1}": "too large",
    "9" * 5000: "too large",
    "0-9:" + "9" * 5000: "too large",
    ",".join(map(str, range(RANGES_LIMIT + 1))): "1001 ranges",
    "\udcff": "no range of numbers",
}


@pytest.mark.parametrize(("word", "says"), BAD_ARRAYS.items(), ids=[ascii(word)[:20] for word in BAD_ARRAYS])
def test_a_bad_array_is_refused_by_name(word: str, says: str) -> None:
    """One line, not too long, that shows what was wrong."""
    with pytest.raises(BadItems, match="^[ -~]{1,220}$" if word.isascii() else None) as refusal:
        array_of(word)

    assert says in str(refusal.value)


@given(st.text(alphabet="0123456789-:,% x", max_size=12) | st.text(max_size=8))
def test_any_word_is_an_array_or_refused(word: str) -> None:
    """Nothing else comes of it."""
    try:
        numbers, at_once = array_of(word)
    except BadItems as error:
        refusal = str(error)
    else:
        refusal = ""
        assert len(numbers) >= 1
        assert at_once >= 0

    assert refusal.isprintable()


def test_as_many_ranges_as_may_be_are_read() -> None:
    """With the largest numbers, what is kept is still within its bound."""
    top = NUMBER_LIMIT - 2 * RANGES_LIMIT
    ranges = tuple((at, at, NUMBER_LIMIT) for at in range(top, NUMBER_LIMIT, 2))

    assert Numbers(ranges) == read_items(items_text(Numbers(ranges)))


# --- lines ----------------------------------------------------------------------------------------


def _filled(command: str, line: str, each: EachLine | None = None) -> list[str]:
    argv = join_argv([word.encode() for word in command.split(" ")])
    check(argv, line.encode(), each or EachLine())
    return [word.decode() for word in split_argv(fill(argv, line.encode(), each or EachLine()))]


@pytest.mark.parametrize(
    ("command", "line", "words"),
    [
        ("fold {}", "a b", ["fold", "a b"]),
        ("fold -i {} -o {}.out", "x", ["fold", "-i", "x", "-o", "x.out"]),
        ("fold", "a b", ["fold", "a b"]),
        ("fold", "", ["fold", ""]),
        ("fold {2} {1}", " a \t b  c ", ["fold", "b", "a"]),
        ("fold {1}{1}", "a", ["fold", "aa"]),
        ("{1} {2}", "prog arg", ["prog", "arg"]),
        ("fold {2}", "{} {1}", ["fold", "{1}"]),
        ("fold {}", "{} {1}", ["fold", "{} {1}"]),
        ("fold {}", r"\1 \g<0>", ["fold", r"\1 \g<0>"]),
        ("fold {x} { } {1", "a", ["fold", "{x}", "{", "}", "{1", "a"]),
        ("fold {{}}", "a", ["fold", "{a}"]),
        ("fold {10}", "1 2 3 4 5 6 7 8 9 ten", ["fold", "ten"]),
    ],
)
def test_a_line_fills_a_command(command: str, line: str, words: list[str]) -> None:
    """The line is one word, or its columns are, and what comes of it is left alone."""
    assert words == _filled(command, line)


@pytest.mark.parametrize(
    ("colsep", "line", "words"),
    [
        (",", "a,b c,", ["b c", "a", ""]),
        ("\t", "a\tb\t c", ["b", "a", " c"]),
        (r"\t", "a\tb\tc", ["b", "a", "c"]),
        ("::", "a::b:::c", ["b", "a", ":c"]),
        ("é", "aébéc", ["b", "a", "c"]),
        (".", "a.b.c", ["b", "a", "c"]),
    ],
)
def test_columns_are_parted_by_what_one_says(colsep: str, line: str, words: list[str]) -> None:
    """An empty column is one, where blanks do not part them."""
    assert words == _filled("{2} {1} {3}", line, EachLine(colsep=colsep))


@pytest.mark.parametrize(
    ("placeholder", "command", "words"),
    [
        ("@@", "fold @@ @1@ {} {1} @", ["fold", "a b", "a", "{}", "{1}", "@"]),
        ("[]", "fold [] [2]", ["fold", "a b", "b"]),
        ("{{}}", "fold {{}} {{2}} {2}", ["fold", "a b", "b", "{2}"]),
        ("%", "fold % %1", ["fold", "a b", "a b1"]),
        ("LINE!", "fold LINE! {}", ["fold", "a b", "{}"]),
        ("@@", "fold {}", ["fold", "{}", "a b"]),
        (".*", "fold .* .1*", ["fold", "a b", "a"]),
        ("äö", "fold äö ä2ö", ["fold", "a b", "b"]),
    ],
)
def test_another_placeholder_leaves_braces_alone(placeholder: str, command: str, words: list[str]) -> None:
    """A number in its middle names a column."""
    assert words == _filled(command, "a b", EachLine(placeholder))


@pytest.mark.parametrize(
    ("command", "line", "each", "says"),
    [
        ("fold {3}", "a b", EachLine(), "'{3}' is not in the line 'a b', which has only columns 1 to 2"),
        ("fold {1}", "", EachLine(), "'{1}' is not in the line '', which has no columns"),
        ("fold {0}", "a b", EachLine(), "'{0}'"),
        ("fold {01}", "a b", EachLine(), "'{01}'"),
        ("fold {1} {2}", "a,b", EachLine(), "'{2}'"),
        ("fold {3}", "a,b", EachLine(colsep=","), "'{3}'"),
        ("grep @3@ {}", "a b", EachLine("@@"), "'@3@'"),
        ("fold {" + "9" * 5000 + "}", "a", EachLine(), "'{999"),
        ("fold", "a\0b", EachLine(), "NUL"),
    ],
)
def test_what_a_line_lacks_is_told_at_once(command: str, line: str, each: EachLine, says: str) -> None:
    """And not by a million jobs that fail in the night."""
    with pytest.raises(BadItems) as refusal:
        _filled(command, line, each)

    assert says in str(refusal.value)
    assert str(refusal.value).isprintable()


@given(st.lists(st.binary(max_size=8), min_size=1), st.binary(max_size=20), each_line)
def test_any_command_is_filled(words: list[bytes], line: bytes, each: EachLine) -> None:
    """One that was not checked too: a server never stumbles over what it is sent."""
    argv = join_argv(words)
    filled = fill(argv, line, each)

    assert isinstance(filled, bytes)
    if b"\0" not in line:
        assert argv.count(b"\0") <= filled.count(b"\0") <= argv.count(b"\0") + 1


@given(st.binary(max_size=20).filter(lambda line: b"\0" not in line), each_line)
def test_a_line_is_one_word_whatever_it_holds(line: bytes, each: EachLine) -> None:
    """No line becomes an option, a second word, or a column."""
    argv = Argv(b"\t\0" + each.placeholder.encode() + b"\0\t")

    assert [b"\t", line, b"\t"] == split_argv(fill(argv, line, each))
    assert [b"\t", line] == split_argv(fill(Argv(b"\t"), line, each))


@pytest.mark.parametrize("word", ["a\nb", "\0", "\udcff", "x" * (PLACEHOLDER_LIMIT + 1)])
def test_a_word_that_can_stand_in_no_line_parts_none(word: str) -> None:
    """It could be neither typed, nor kept, nor shown."""
    for make in (EachLine, lambda word: EachLine(colsep=word)):
        with pytest.raises(BadItems, match="can stand in no line"):
            make(word)


@pytest.mark.parametrize("word", ["", " "])
def test_nothing_is_no_placeholder(word: str) -> None:
    """It would be everywhere."""
    with pytest.raises(BadItems, match="is no placeholder"):
        EachLine(word)


def test_lines_are_counted_from_one() -> None:
    """As editors do, and the messages about lists."""
    each = EachLine()

    assert [1, 5] == [each.number(0), each.number(4)]
    assert [0, 4, None] == [each.index(1), each.index(5), each.index(0)]
    assert [(2, 7)] == list(each.indices(3, 7))
    assert [(0, 1)] == list(each.indices(0, 1))
    assert [] == list(each.indices(-3, 0)) == list(each.indices(5, 4))


# --- as text --------------------------------------------------------------------------------------


@given(st.none() | arrays | each_line)
def test_items_are_read_as_they_were_written(items: Items | None) -> None:
    """On the wire and in the journal; equal ones are one object."""
    assert items == read_items(items_text(items))
    assert read_items(items_text(items)) is read_items(items_text(items))


def test_plain_jobs_have_no_items() -> None:
    """The absent field of a message."""
    assert b"" == items_text(None)
    assert read_items(b"") is None


NONSENSE = {
    "no kind": b"{}",
    "another kind": b'{"type":"words"}',
    "no ranges": b'{"type":"numbers","ranges":[]}',
    "a range the wrong way round": b'{"type":"numbers","ranges":[[9,0,1]]}',
    "a negative number": b'{"type":"numbers","ranges":[[-1,3,1]]}',
    "a step of 0": b'{"type":"numbers","ranges":[[0,9,0]]}',
    "an end that is no number of the range": b'{"type":"numbers","ranges":[[0,9,2]]}',
    "ranges in no order": b'{"type":"numbers","ranges":[[5,9,1],[0,3,1]]}',
    "ranges that overlap": b'{"type":"numbers","ranges":[[0,5,1],[5,9,1]]}',
    "too many items": b'{"type":"numbers","ranges":[[0,10000000,1]]}',
    "a huge number": b'{"type":"numbers","ranges":[[1000000000000000,1000000000000000,1]]}',
    "a huge step": b'{"type":"numbers","ranges":[[1,1,1000000000000000]]}',
    "too many ranges": b'{"type":"numbers","ranges":[[0,0,1]%b]}'
    % b"".join(b",[%d,%d,1]" % (at, at) for at in range(1, PARTS_LIMIT + 1)),
    "half a range": b'{"type":"numbers","ranges":[[0,5]]}',
    "an empty placeholder": b'{"type":"lines","placeholder":""}',
    "a line in a placeholder": b'{"type":"lines","placeholder":"\\n"}',
    "a field of a newer goq": b'{"type":"lines","x":1}',
    "half a character": b'{"type":"lines","colsep":"\\ud800"}',
    "no text": b"\xff",
    "no object": b"[1]",
    "depths": b'{"type":' * 5000,
    "too much of it": b" " * TEXT_LIMIT + b'{"type":"lines"}',
}


@pytest.mark.parametrize("text", NONSENSE.values(), ids=NONSENSE)
def test_nonsense_is_refused(text: bytes) -> None:
    """Whatever a peer sends, and whatever stands in a file."""
    with pytest.raises(BadItems) as refusal:
        read_items(text)

    assert str(refusal.value).isprintable()


@given(st.binary(max_size=20).filter(lambda line: b"\0" not in line))
def test_no_line_is_looked_at_by_a_shell(line: bytes) -> None:
    """`goq sub --shell --each FILE 'cat {} | wc'`: what stands in the file is one word, whatever it is."""
    each = EachLine(for_shell=True)
    for command in (b"printf %s {}", b"printf %s"):
        argv = split_argv(fill(join_argv([b"sh", b"-c", command]), line, each))
        printed = subprocess.run(argv, stdout=subprocess.PIPE, check=True).stdout

        assert line == printed
