"""Who is logged in, who guesses, and which codes are good."""

import itertools
import os
import time
from pathlib import Path

import pytest

from goq.adapters.files.tickets import GOOD_S, new_ticket, take_ticket
from goq.web.sessions import LOCK_S, NOTE_S, SESSION_S, SESSIONS_LIMIT, WRONG_LIMIT, Guesses, Sessions


@pytest.fixture
def sessions() -> Sessions:
    count = itertools.count()
    return Sessions(lambda: f"secret {next(count)}")


def test_a_cookie_is_good_for_twelve_hours(sessions: Sessions) -> None:
    cookie = sessions.begin(1000.0)

    assert sessions.find(cookie, 1000.0 + SESSION_S - 1)
    assert sessions.find(cookie, 1000.0 + SESSION_S) is None
    assert sessions.find(cookie, 1000.0) is None


def test_who_logs_out_is_out_and_others_are_not(sessions: Sessions) -> None:
    mine, other = sessions.begin(0.0), sessions.begin(0.0)
    sessions.end(mine)

    assert sessions.find(mine, 1.0) is None
    assert sessions.find(other, 1.0)


def test_each_login_has_a_token_of_its_own_that_is_not_its_cookie(sessions: Sessions) -> None:
    cookies = [sessions.begin(0.0) for _ in range(2)]
    found = [sessions.find(cookie, 0.0) for cookie in cookies]

    assert len({*cookies, *(each.token for each in found if each)}) == 4


def test_a_note_is_shown_for_a_moment(sessions: Sessions) -> None:
    """Also by a page that is loaded again at once."""
    session = sessions.find(sessions.begin(0.0), 0.0)
    assert session
    session.note("5 held", 1.0)

    assert [session.noted(1.0), session.noted(2.0)] == [["5 held"]] * 2
    assert session.noted(1.0 + NOTE_S) == []


def test_only_a_hash_of_the_cookie_is_kept(sessions: Sessions) -> None:
    """Who reads our memory is not let in by that."""
    cookie = sessions.begin(0.0)

    assert cookie not in repr(vars(sessions))


def test_there_are_not_too_many_logins(sessions: Sessions) -> None:
    first = sessions.begin(0.0)
    last = [sessions.begin(0.0) for _ in range(SESSIONS_LIMIT)][-1]

    assert sessions.find(first, 0.0) is None
    assert sessions.find(last, 0.0)


def test_ten_wrong_codes_lock_the_door_for_a_minute() -> None:
    guesses = Guesses()
    for _ in range(WRONG_LIMIT - 1):
        guesses.wrong(100.0)
        assert guesses.wait_s(100.0) == 0

    guesses.wrong(101.0)

    assert guesses.wait_s(101.0) == LOCK_S
    assert guesses.wait_s(101.0 + LOCK_S) == 0


def test_wrong_codes_of_long_ago_count_no_more() -> None:
    guesses = Guesses()
    for at_s in range(0, int(LOCK_S) * WRONG_LIMIT, int(LOCK_S)):
        guesses.wrong(float(at_s))

    assert guesses.wait_s(LOCK_S * WRONG_LIMIT) == 0


def test_a_code_is_good_once(tmp_path: Path) -> None:
    code = new_ticket(tmp_path / "web", "8776")

    assert take_ticket(tmp_path / "web", "8776", f" {code}\n")
    assert not take_ticket(tmp_path / "web", "8776", code)


def test_a_code_is_good_at_its_own_door_only(tmp_path: Path) -> None:
    code = new_ticket(tmp_path, "8776")

    assert not take_ticket(tmp_path, "8777", code)
    assert take_ticket(tmp_path, "8776", code)


def test_a_code_is_good_for_ten_minutes(tmp_path: Path) -> None:
    code = new_ticket(tmp_path, "8776")
    (file,) = tmp_path.iterdir()
    old_s = time.time() - GOOD_S
    os.utime(file, (old_s, old_s))

    assert not take_ticket(tmp_path, "8776", code)


def test_old_codes_are_taken_away(tmp_path: Path) -> None:
    new_ticket(tmp_path, "8776")
    (old,) = tmp_path.iterdir()
    os.utime(old, (0, 0))
    new_ticket(tmp_path, "8776")

    assert len(list(tmp_path.iterdir())) == 1
    assert not old.exists()


def test_the_code_is_nowhere_in_the_folder(tmp_path: Path) -> None:
    """A backup of GOQ_HOME has no codes in it."""
    code = new_ticket(tmp_path, "8776")
    (file,) = tmp_path.iterdir()

    assert code not in file.name
    assert file.read_bytes() == b""
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("word", ["", "../x", "a" * 10_000, "\0", "\ud800"])
def test_nonsense_is_no_code(tmp_path: Path, word: str) -> None:
    assert not take_ticket(tmp_path, "8776", word)
