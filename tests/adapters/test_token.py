"""A token: what it holds comes out again, what is not whole is refused, and nothing of it is shown."""

import base64
import hashlib
import re

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from goq.adapters.token import (
    PREFIX,
    WORD_LIMIT,
    Token,
    is_token,
    read_token,
    text,
)
from goq.adapters.wire.certificates import new_key_pair
from goq.core.values.ids import QueueId
from goq.core.values.who import ADMINISTRATOR, GENERATIONS_LIMIT, NAME_LIMIT, Role, Who
from goq.errors import BadSetting

CERTIFICATE = new_key_pair().certificate.strip()
KEY = "0123456789abcdef" * 4
ALICE = Who(Role.USER, "alice", 1)
TOKEN = Token(ALICE, KEY, "head:1776", CERTIFICATE, QueueId(b"q" * 16))
WORD = text(TOKEN)

names = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}", fullmatch=True)
tokens = st.builds(
    Token,
    st.builds(Who, st.sampled_from([Role.USER, Role.NODE]), names, st.integers(1, GENERATIONS_LIMIT)),
    st.binary(min_size=32, max_size=32).map(bytes.hex),
    st.sampled_from(
        ["head:1776", "[fd00::7]:1", "192.0.2.7:65535", "[fe80::1%eth0]:99", "h" * 63 + ".example:1"]
    ),
    st.sampled_from(["", CERTIFICATE]),
    st.binary(min_size=16, max_size=16).map(QueueId),
)


@given(token=tokens)
@example(token=replace(TOKEN, who=Who(Role.NODE, "a" * NAME_LIMIT, GENERATIONS_LIMIT)))
def test_what_it_holds_comes_out_again(token: Token) -> None:
    """As one word, that can be pasted at a terminal."""
    word = text(token)

    assert token == read_token(word)
    assert re.fullmatch(r"goq-[A-Za-z0-9_-]+", word)
    assert is_token(word)
    assert len(word) <= WORD_LIMIT


def test_it_is_as_short_as_can_be() -> None:
    """Somebody may have to type it off a sheet of paper; a certificate is random but for its form."""
    assert len(text(replace(TOKEN, certificate=""))) < 150
    assert len(WORD) < 800


def test_a_certificate_comes_out_as_all_programs_write_it() -> None:
    """However its lines were broken."""
    body = "".join(CERTIFICATE.splitlines()[1:-1])
    odd = f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"

    assert TOKEN == read_token(text(replace(TOKEN, certificate=odd)))


def refusal(word: str) -> str:
    """What is said of a word that is refused, which is one line and holds nothing of it."""
    with pytest.raises(BadSetting) as refused:
        read_token(word)
    said = str(refused.value)
    assert "\n" not in said
    assert refused.value.__cause__ is None, "a traceback would show it"
    assert not any(word[at : at + 12] in said for at in range(4, len(word) - 12))
    assert KEY[:12] not in said
    return said


@given(cut=st.integers(0, len(WORD) - 1))
def test_what_was_cut_is_not_whole(cut: int) -> None:
    """Wherever: a terminal or a mail has broken it."""
    assert "this token is not whole" in refusal(WORD[:cut])
    if cut:
        assert "this token is not whole" in refusal(WORD[cut:])


@given(
    at=st.integers(len(PREFIX), len(WORD) - 1),
    other=st.sampled_from("ABCDEFGHabcdefgh0123456789-_=+/ \u00e4"),
)
@example(at=len(WORD) - 1, other="A")
def test_what_was_mistyped_is_not_whole(at: int, other: str) -> None:
    """One letter is enough, the last one too, of which not all bits count."""
    if WORD[at] != other:
        assert "this token is not whole" in refusal(WORD[:at] + other + WORD[at + 1 :])


@pytest.mark.parametrize("name", ["a", "al", "ali"])
def test_no_two_words_are_one_token(name: str) -> None:
    """Of the last letter not all bits count, which depends on how long the whole is."""
    word = text(replace(TOKEN, who=Who(Role.USER, name, 1)))
    for other in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_":
        if other != word[-1]:
            assert "this token is not whole" in refusal(word[:-1] + other)


@pytest.mark.parametrize(
    "word", ["", "goq-", "goq-A", "GOQ-" + WORD[4:], WORD + "A", f"goq-{'A' * WORD_LIMIT}", WORD + WORD]
)
def test_other_words_are_not_whole(word: str) -> None:
    """Neither is one that is too long to be looked at."""
    assert "this token is not whole" in refusal(word)


def packed(*fields: object, version: bytes = b"\x01") -> str:
    """A word with a check that fits, as somebody could make it."""
    data = version + msgspec.msgpack.encode(fields)
    check = hashlib.sha256(b"goq token " + data).digest()[:6]
    return PREFIX + base64.urlsafe_b64encode(check + data).decode().rstrip("=")


GOOD = ("user:alice:1", bytes.fromhex(KEY), "head:1776", b"", b"q" * 16)


def test_this_is_how_it_is_packed() -> None:
    """So that what follows tries what it says."""
    assert replace(TOKEN, certificate="") == read_token(packed(*GOOD))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (0, ""),
        (0, "administrator:alice:1"),
        (0, "administrator::0"),
        (0, "user::1"),
        (0, "user:a:b:1"),
        (0, "user:a\nb:1"),
        (0, "user:../a:1"),
        (0, f"user:{'a' * (NAME_LIMIT + 1)}:1"),
        (0, "user:alice:0"),
        (0, f"user:alice:{GENERATIONS_LIMIT + 1}"),
        (0, f"user:{'a' * 200}:1"),
        (0, b"user:alice:1"),
        (1, b"k" * 31),
        (1, b"k" * 33),
        (1, KEY),
        (2, ""),
        (2, "head"),
        (2, "head:0"),
        (2, "a b:1"),
        (2, "head:1\nserver"),
        (2, "h" * 400 + ":1"),
        (3, b"c" * 2001),
        (3, CERTIFICATE),
        (4, b""),
        (4, b"q" * 17),
    ],
)
def test_what_a_token_may_not_hold_is_refused(field: int, value: object) -> None:
    """The check shows that nothing was lost on the way, not who has made it."""
    fields: list[object] = [*GOOD]
    fields[field] = value

    assert "this token" in refusal(packed(*fields))


def test_more_or_less_than_a_token_is_refused() -> None:
    """Nothing is passed over."""
    assert "makes no sense" in refusal(packed(*GOOD, "more"))
    assert "makes no sense" in refusal(packed(*GOOD[:-1]))
    assert "makes no sense" in refusal(packed())


def test_a_word_that_is_too_long_is_not_looked_at() -> None:
    """Even if its check fits."""
    assert "this token is not whole" in refusal(packed(*GOOD, b"m" * WORD_LIMIT))


def test_a_later_version_is_told() -> None:
    """By a goq that cannot read it."""
    assert "another version" in refusal(packed(*GOOD, version=b"\x02"))


@pytest.mark.parametrize(
    "harm",
    [
        {"who": ADMINISTRATOR},
        {"who": Who(Role.ADMINISTRATOR, "alice", 1)},
        {"who": Who(Role.USER, "a b", 1)},
        {"who": Who(Role.USER, "alice", 0)},
        {"who": Who(Role.USER, "alice", GENERATIONS_LIMIT + 1)},
        {"key": KEY[1:]},
        {"key": KEY.upper()},
        {"address": "head"},
        {"certificate": "none"},
        {"certificate": new_key_pair().private_key},
        {"certificate": CERTIFICATE[:100] + CERTIFICATE[-26:]},
        {"queue": b""},
    ],
)
def test_no_word_is_made_of_what_would_be_refused(harm: dict[str, object]) -> None:
    """Who makes it hears of it, not who gets it."""
    with pytest.raises(BadSetting) as refused:
        text(replace(TOKEN, **harm))
    assert KEY[1:] not in str(refused.value).lower()


def test_it_is_shown_without_its_key() -> None:
    """A traceback may show it."""
    assert KEY not in repr(TOKEN)
    assert "alice" in repr(TOKEN)


def test_its_holder_keeps_one_line() -> None:
    """With whose it is."""
    assert f"user:alice:1:{KEY}" == TOKEN.secret
