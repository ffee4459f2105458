"""The silence of a connection: when to ask for a sign of life, when to give it up."""

from hypothesis import given
from hypothesis import strategies as st

from goq.core.waits.pulse import PATIENCE_BEATS, Pulse, Sign

BEAT_S = 5.0


def signs(pulse: Pulse, until_s: float, from_s: float = 0.0) -> list[tuple[float, Sign]]:
    """What is to be done and when, if nobody speaks and every deadline is kept."""
    found: list[tuple[float, Sign]] = []
    now_s = from_s
    while (now_s := max(now_s, pulse.next_deadline())) <= until_s and len(found) < 100:
        found.append((now_s, pulse.turn(now_s)))
    return found


def begun(at_s: float = 0.0) -> Pulse:
    pulse = Pulse(BEAT_S)
    pulse.begin(at_s)
    return pulse


def test_after_a_beat_it_is_asked_and_after_three_given_up() -> None:
    """Three heartbeats without a word: that is what is promised."""
    assert [(5.0, Sign.ASK), (15.0, Sign.GIVE_UP)] == signs(begun(), 15.0)


def test_before_its_time_nothing_is_to_be_done() -> None:
    """The loop turns for many other reasons."""
    pulse = begun(100.0)

    assert [Sign.NOTHING] * 3 == [pulse.turn(now_s) for now_s in (100.0, 102.0, 104.9)]


def test_it_is_asked_once() -> None:
    """A server that is busy must not be asked again and again."""
    pulse = begun()
    pulse.turn(5.0)

    assert [Sign.NOTHING] * 2 == [pulse.turn(now_s) for now_s in (5.0, 14.9)]


def test_any_word_is_a_sign_of_life() -> None:
    """Also one that comes in the last moment; then all begins anew."""
    pulse = begun()
    pulse.turn(5.0)
    pulse.heard(14.9)

    assert [(19.9, Sign.ASK), (29.9, Sign.GIVE_UP)] == signs(pulse, 29.9, from_s=14.9)


def test_who_goes_on_being_silent_is_given_up_more_rarely() -> None:
    """It may be a server whose disk is full, and whose connections are all well."""
    given_up = [now_s for now_s, sign in signs(begun(), 600.0) if sign is Sign.GIVE_UP]

    assert [15.0, 45.0, 105.0, 225.0, 345.0, 465.0, 585.0] == given_up


def test_a_word_makes_it_impatient_again() -> None:
    """The next connection may die as well."""
    pulse = begun()
    signs(pulse, 105.0)
    pulse.heard(200.0)

    assert [(205.0, Sign.ASK), (215.0, Sign.GIVE_UP)] == signs(pulse, 215.0, from_s=200.0)


def test_a_new_connection_has_its_time() -> None:
    """Its silence counts from its beginning; but it alone is no word of the server."""
    pulse = begun()
    signs(pulse, 15.0)
    pulse.begin(20.0)

    assert [(25.0, Sign.ASK), (50.0, Sign.GIVE_UP)] == signs(pulse, 50.0, from_s=20.0)


def test_who_wakes_late_gives_up_at_once_and_does_not_ask() -> None:
    """After the sleep of a laptop the connection is dead, most likely."""
    pulse = begun()

    assert Sign.GIVE_UP is pulse.turn(10_000.0)
    assert Sign.NOTHING is pulse.turn(10_000.0)


@given(
    beat_s=st.floats(0.5, 10.0),
    steps=st.lists(st.tuples(st.floats(0.0, 40.0), st.booleans()), max_size=60),
)
def test_nobody_is_given_up_who_was_heard_within_three_beats(
    beat_s: float, steps: list[tuple[float, bool]]
) -> None:
    """However often the loop turns; and after three beats of silence somebody is, but for the doublings."""
    pulse = Pulse(beat_s)
    pulse.begin(0.0)
    now_s = heard_s = 0.0
    for gap_s, heard in steps:
        now_s += gap_s
        if pulse.turn(now_s) is Sign.GIVE_UP:
            assert now_s - heard_s >= PATIENCE_BEATS * beat_s - 1e-6
        if heard:
            pulse.heard(now_s)
            heard_s = now_s
        assert pulse.next_deadline() > now_s - 1e-6 or pulse.turn(now_s) is not Sign.NOTHING
