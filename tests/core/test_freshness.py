"""The freshness gate: once-only requests are admitted once, whatever is replayed and when."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goq.core.dispatch.freshness import NS_PER_S, FreshnessGate, Verdict
from goq.core.values.ids import Nonce, Now

WINDOW_S = 60
START_S = 1_000_000


def now(second: float) -> Now:
    """So many seconds after the server's start."""
    return Now(second, round((START_S + second) * NS_PER_S))


def at(second: float) -> int:
    """The wall clock then."""
    return now(second).wall_ns


@pytest.fixture
def gate() -> FreshnessGate:
    """A gate with little memory, opened at second 0."""
    return FreshnessGate(WINDOW_S, now(0), limit=3)


@pytest.mark.parametrize("sent_s", [-60, -30, 0, 60])
def test_what_was_sent_within_the_window_is_fresh(gate: FreshnessGate, sent_s: int) -> None:
    """Clocks of one cluster differ a little, both ways."""
    assert gate.is_fresh(at(sent_s), now(0))


@pytest.mark.parametrize("sent_s", [-60.001, -3600, 60.001, 3600])
def test_what_was_sent_outside_the_window_is_stale(gate: FreshnessGate, sent_s: float) -> None:
    """An old capture must be worthless, and one that is dated ahead as well."""
    assert not gate.is_fresh(at(sent_s), now(0))


def test_a_request_is_admitted_once(gate: FreshnessGate) -> None:
    """A captured shutdown must not work a second time."""
    assert Verdict.FRESH is gate.admit_once(Nonce(b"n"), at(1), now(1))
    assert Verdict.REPEATED is gate.admit_once(Nonce(b"n"), at(1), now(2))


def test_a_request_from_before_the_start_is_stale(gate: FreshnessGate) -> None:
    """The server before this one may have admitted it, and its memory is gone."""
    assert Verdict.STALE is gate.admit_once(Nonce(b"n"), at(0) - 1, now(0))
    assert Verdict.FRESH is gate.admit_once(Nonce(b"n"), at(0), now(0))


def test_a_clock_that_was_ahead_at_the_start_may_be_set_back(gate: FreshnessGate) -> None:
    """A head node boots with a wrong clock; no worker could get a job until that time has come again."""
    set_back = Now(10.0, at(10) - 3600 * NS_PER_S)
    began_ns = at(0) - 3600 * NS_PER_S

    assert Verdict.FRESH is gate.admit_once(Nonce(b"n"), set_back.wall_ns, set_back)
    assert Verdict.STALE is gate.admit_once(Nonce(b"m"), began_ns - 1, set_back)


def test_time_that_the_server_was_not_there_is_no_later_start(gate: FreshnessGate) -> None:
    """It was frozen for 40 s: what was sent meanwhile is new all the same."""
    thawed = Now(1.0, at(41))

    assert Verdict.FRESH is gate.admit_once(Nonce(b"n"), at(2), thawed)


def test_a_stale_request_is_not_remembered(gate: FreshnessGate) -> None:
    """Old captures must not fill the memory."""
    gate.admit_once(Nonce(b"n"), at(-100), now(0))

    assert 0 == len(gate)


def test_a_full_gate_refuses_rather_than_forgets(gate: FreshnessGate) -> None:
    """A nonce that is forgotten to make room could be used again."""
    for name in (b"1", b"2", b"3"):
        gate.admit_once(Nonce(name), at(0), now(0))

    assert Verdict.FULL is gate.admit_once(Nonce(b"4"), at(0), now(0))
    assert Verdict.REPEATED is gate.admit_once(Nonce(b"1"), at(0), now(0))
    assert 3 == len(gate)


def test_a_full_gate_has_room_again_when_the_copies_have_gone_stale(gate: FreshnessGate) -> None:
    """Refusing lasts two windows at most, without a restart."""
    for name in (b"1", b"2", b"3"):
        gate.admit_once(Nonce(name), at(0), now(0))

    assert Verdict.FULL is gate.admit_once(Nonce(b"4"), at(120), now(120))
    assert Verdict.FRESH is gate.admit_once(Nonce(b"4"), at(121), now(121))
    assert 1 == len(gate)


def test_a_request_dated_ahead_is_remembered_until_it_is_stale(gate: FreshnessGate) -> None:
    """It looks fresh for two windows, so it must be remembered as long."""
    gate.admit_once(Nonce(b"n"), at(60), now(0))

    assert Verdict.REPEATED is gate.admit_once(Nonce(b"n"), at(60), now(120))
    assert Verdict.STALE is gate.admit_once(Nonce(b"n"), at(60), now(120.001))


@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.sampled_from([b"a", b"b", b"c", b"d", b"e"]), st.integers(-70, 70)),
        max_size=40,
    )
)
def test_no_nonce_gets_in_twice_however_time_passes(steps: list[tuple[int, bytes, int]]) -> None:
    """A signed request has one send time; copies of it may come at any moment."""
    gate = FreshnessGate(WINDOW_S, now(0), limit=3)
    sent_at: dict[bytes, int] = {}
    admitted: list[bytes] = []
    second = 0
    for pause_s, name, skew_s in steps:
        second += pause_s
        sent_ns = sent_at.setdefault(name, at(second + skew_s))
        verdict = gate.admit_once(Nonce(name), sent_ns, now(second))
        if verdict is Verdict.FRESH:
            admitted.append(name)
        elif verdict is Verdict.REPEATED:
            assert name in admitted

    assert len(set(admitted)) == len(admitted)
    assert len(gate) <= 3
