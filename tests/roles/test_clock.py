"""The attended clock: time in which the server could not listen does not count against workers."""

from types import SimpleNamespace

import pytest

from goq.core.values.ids import Now
from goq.roles.server import clock
from goq.roles.server.clock import HEAR_S, LATE_S, SLACK_S, AttendedClock

WALL_NS = 1_700_000_000_000_000_000


@pytest.fixture(name="machine")
def _machine(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The machine's own clocks, in our hands."""
    machine = SimpleNamespace(at_s=5000.0, wall_ns=WALL_NS)
    own = SimpleNamespace(monotonic=lambda: machine.at_s, time_ns=lambda: machine.wall_ns)
    monkeypatch.setattr(clock, "time", own)
    return machine


def test_the_clock_begins_at_zero(machine: SimpleNamespace) -> None:
    """A machine that has been up for years is no reason for a lease to end."""
    assert Now(0.0, WALL_NS) == AttendedClock().read(0.0)


def test_time_that_was_slept_as_planned_counts(machine: SimpleNamespace) -> None:
    """Leases end although nothing happens."""
    clock = AttendedClock()
    for _ in range(3):
        machine.at_s += 20.0
        now = clock.read(20.0)

    assert 60.0 == now.attended_s


def test_waking_early_counts_the_time_that_passed(machine: SimpleNamespace) -> None:
    """A frame came."""
    clock = AttendedClock()
    machine.at_s += 0.25

    assert 0.25 == clock.read(20.0).attended_s


def test_time_that_was_overslept_does_not_count(machine: SimpleNamespace) -> None:
    """A suspended laptop, a stopped process, a disk that hung: no heartbeat could be heard meanwhile."""
    clock = AttendedClock()
    machine.at_s += 3600.0

    assert 5.0 + SLACK_S == clock.read(5.0).attended_s


def test_a_turn_that_took_long_counts_little(machine: SimpleNamespace) -> None:
    """A commit on a slow disk, with no sleep planned."""
    clock = AttendedClock()
    machine.at_s += 30.0

    assert SLACK_S == clock.read(0.0).attended_s


def test_the_wall_clock_is_passed_on_as_it_is(machine: SimpleNamespace) -> None:
    """It may be set back by hours, which moves no lease."""
    clock = AttendedClock()
    machine.at_s += 1.0
    machine.wall_ns = 12
    now = clock.read(1.0)

    assert Now(1.0, 12) == now


def test_who_was_away_has_not_heard_what_came_meanwhile(machine: SimpleNamespace) -> None:
    """It lies in the machine's own buffers, and other threads of ours have to fetch it."""
    clock = AttendedClock()
    machine.at_s += 3600.0
    away = clock.read(5.0)
    machine.at_s += HEAR_S / 2
    still = clock.read(5.0)
    machine.at_s += HEAR_S / 2
    back = clock.read(5.0)

    assert [False, False, True] == [away.has_heard, still.has_heard, back.has_heard]
    assert 5.0 + SLACK_S + HEAR_S == back.attended_s, "a lease that begins now is a full one"


def test_who_is_in_time_has_heard_all(machine: SimpleNamespace) -> None:
    """However long it slept: it was there to listen."""
    clock = AttendedClock()
    machine.at_s += 20.0 + LATE_S

    assert clock.read(20.0).has_heard


def test_a_second_absence_lets_the_time_of_hearing_go_on(machine: SimpleNamespace) -> None:
    """Of that absence only so much counts as listening as was planned, and a little."""
    clock = AttendedClock()
    heard = []
    for passed_s in (3600.0, 0.01, 3600.0, HEAR_S):
        machine.at_s += passed_s
        heard.append(clock.read(0.01).has_heard)

    assert [False, False, False, True] == heard


def test_a_server_with_a_slow_disk_judges_now_and_then(machine: SimpleNamespace) -> None:
    """Each of its turns is late, and none of its sleeps; dead workers are found all the same."""
    clock = AttendedClock()
    heard = 0
    for _ in range(100):
        machine.at_s += 2.0
        clock.read(0.0)
        heard += clock.read(0.0).has_heard

    assert heard >= 25


def test_the_real_clocks_go_forward() -> None:
    """Seconds that are seconds."""
    real = AttendedClock()
    readings = [real.read(1.0) for _ in range(1000)]

    assert sorted(now.attended_s for now in readings) == [now.attended_s for now in readings]
    assert readings[-1].attended_s < 10.0
