"""What fills the screen: how far it is scrolled, a log that goes on, and what is sought in it."""

from hypothesis import given
from hypothesis import strategies as st

from goq.top.entry import LIMIT, Entry
from goq.top.sheets import LINE_LIMIT, LINES_LIMIT, Log, Sheet, line_of
from goq.views.lines import Ink, Span, line, line_cells, rendered
from top.afternoon import PAPER

HEIGHT = 13  # of which ten are for the log


def shown(log: Sheet, width: int = 80) -> list[str]:
    return ["".join(span.text for span in each) for each in log.page(width, HEIGHT, "", PAPER)][2:-1]


def log_of(many: int) -> Log:
    log = Log("log")
    log.add("".join(f"line {number}\n" for number in range(many)))
    return log


@given(pieces=st.lists(st.text(alphabet="ab\n", max_size=8), max_size=12))
def test_however_a_text_comes_in_pieces_its_lines_are_the_same(pieces: list[str]) -> None:
    log = Log("log")
    for piece in pieces:
        log.add(piece)

    assert "".join(pieces).split("\n") == [*log.text, *([""] if not log._is_open else [])]


def test_a_log_shows_its_end_and_goes_on_with_it() -> None:
    log = log_of(50)
    assert "line 49" == shown(log)[-1]

    log.add("line 50\n")
    assert "line 50" == shown(log)[-1]


def test_who_scrolls_up_stays_there_until_he_is_at_the_end_again() -> None:
    """Lines that come do not take away what somebody reads."""
    log = log_of(50)
    shown(log)
    log.scroll(-5)
    log.add("line 50\n")
    assert "line 44" == shown(log)[-1]

    log.scroll(100)
    log.add("line 51\n")
    assert "line 51" == shown(log)[-1]


def test_g_goes_to_the_end_and_follows() -> None:
    log = log_of(50)
    shown(log)
    log.scroll(-30)
    log.end()
    log.add("line 50\n")

    assert "line 50" == shown(log)[-1]


def test_a_search_goes_from_match_to_match_and_round() -> None:
    log = log_of(50)
    shown(log)

    found = [(log.search("LINE 4"), shown(log)[0]) for _ in range(3)]

    assert (True, "line 40") in found
    assert "line 4" in log.text
    assert not log.search("nowhere")


def test_each_match_is_found_once_in_a_round() -> None:
    log = log_of(100)
    shown(log)

    at = []
    for _ in range(10):
        assert log.search("7")
        at.append(log._found)

    assert len(set(at)) == len(at)
    assert all("7" in log.text[number] for number in at)


def test_what_was_found_is_on_the_screen_however_long_its_line_is() -> None:
    log = Log("log")
    log.add("x" * 5000 + "needle" + "y" * 5000 + "\n")

    assert log.search("needle")
    assert "needle" in shown(log)[0]


def test_a_log_keeps_so_many_lines_and_of_each_so_much() -> None:
    """A job may write for weeks, without an end of line."""
    log = Log("log")
    for _ in range(3):
        log.add("a\n" * LINES_LIMIT)
    for _ in range(3):
        log.add("b" * LINE_LIMIT)

    assert LINES_LIMIT == len(log.text)
    assert LINE_LIMIT == len(log.text[-1])
    assert 2 * LINES_LIMIT + 1 == log.left_out


def test_lines_of_goqs_own_are_dim_and_end_what_was_open() -> None:
    log = Log("log")
    log.add("half a line")
    log.say("exit 1 on n12")
    log.add("next\n")

    assert ["half a line", "── exit 1 on n12 ──", "next"] == shown(log)[:3]
    assert Ink.DIM == log.page(80, HEIGHT, "", PAPER)[3][0].ink


@given(text=st.text(max_size=200), width=st.integers(1, 100))
def test_no_line_of_a_log_is_wider_than_the_screen(text: str, width: int) -> None:
    log = Log("log")
    log.add(text)

    assert all(line_cells(each) <= width for each in log.page(width, HEIGHT, "", PAPER))


@given(spans=st.lists(st.tuples(st.text("abc ", min_size=1), st.sampled_from(Ink)), max_size=5))
def test_a_rendered_line_can_be_read_back(spans: list[tuple[str, Ink]]) -> None:
    drawn = line(*(Span(text, ink) for text, ink in spans))

    def letters(of: tuple[Span, ...]) -> list[tuple[str, Ink]]:
        return [(letter, span.ink) for span in of for letter in span.text]

    assert letters(drawn) == letters(line_of(rendered(drawn, PAPER)))


def typed(*keys: str, begin: str = "") -> Entry:
    entry = Entry("filter: ", lambda _: None, begin, len(begin))
    for key in keys:
        entry.press(key)
    return entry


def test_a_line_that_is_typed_is_edited_as_everywhere() -> None:
    assert "fold" == typed("f", "o", "l", "d").text
    assert "fol" == typed("f", "o", "l", "d", "backspace").text
    assert "old" == typed("home", "delete", begin="fold").text
    assert "xfold!" == typed("home", "x", "end", "!", begin="fold").text
    assert "d" == typed("left", "ctrl+u", begin="fold").text
    assert "fold" == typed("left", "left", "right", "right", "right", "up", begin="fold").text


def test_what_is_pasted_has_no_control_characters_and_an_end() -> None:
    entry = typed()
    entry.type("a\x1b[31mb\nc" + "x" * LIMIT)

    assert entry.text.startswith("a[31mbc")
    assert LIMIT == len(entry.text)


@given(text=st.text("ab", max_size=100), back=st.integers(0, 100), width=st.integers(30, 60))
def test_the_cursor_of_a_long_line_is_seen(text: str, back: int, width: int) -> None:
    entry = typed(*["left"] * back, begin=text)

    drawn = entry.line(width)

    assert line_cells(drawn) <= width
    assert Ink.LOOK in [span.ink for span in drawn[2:]]


def test_the_foot_of_a_page_names_the_keys_that_do_something_there() -> None:
    """`?` opens nothing on it, and `q` goes back, not away."""
    foot = Sheet("keys", lambda _paper, _height: ()).page(80, HEIGHT, "", PAPER)[-1]

    assert " ↑↓ move  esc q back" == "".join(span.text for span in foot)
