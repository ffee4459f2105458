"""Whether jobs can be started on a host: how long it pauses, and when there is no hope."""

import pytest

from goq.core.worker.health import Health
from goq.core.worker.rules import LAST_DEATH, LONGEST_PAUSE_S, PAUSE_S, RELAUNCH_S

NOW_S = 1000.0


@pytest.fixture(name="health")
def _health() -> Health:
    return Health()


def test_a_pause_is_longer_each_time(health: Health) -> None:
    """From a second to a minute: a host that stays sick is asked seldom."""
    pauses, now_s = [], NOW_S
    for _ in range(8):
        health.has_trouble("no room", now_s)
        pauses.append(health.paused_until_s - now_s)
        now_s = health.paused_until_s

    assert [1, 2, 4, 8, 16, 32, 60, 60] == pauses
    assert (PAUSE_S, LONGEST_PAUSE_S) == (pauses[0], pauses[-1])


def test_what_fails_during_a_pause_does_not_make_it_longer(health: Health) -> None:
    """A hand full of jobs fails at once, for one reason."""
    health.has_trouble("no room", NOW_S)
    for _ in range(5):
        health.has_trouble("no room", NOW_S + PAUSE_S / 2)

    assert NOW_S + PAUSE_S == health.paused_until_s


def test_a_start_ends_the_pause_and_its_growth(health: Health) -> None:
    """All is well again."""
    health.has_trouble("no room", NOW_S)
    health.has_trouble("no room", NOW_S + 10)
    health.has_started()
    assert health.paused_until_s <= NOW_S
    assert not health.is_troubled
    health.has_trouble("no room", NOW_S + 20)

    assert NOW_S + 20 + PAUSE_S == health.paused_until_s


def test_trouble_is_news_once(health: Health) -> None:
    """The log says it when it changes."""
    news = [
        health.has_trouble(problem, NOW_S) for problem in ("no room", "no room", "no memory", "no memory")
    ]
    health.has_started()

    assert [True, False, True, False] == news
    assert health.has_trouble("no memory", NOW_S)


def test_shepherds_that_die_early_follow_each_other_slower_and_slower(health: Health) -> None:
    """Until there is no hope."""
    waits = []
    while not health.is_hopeless:
        waits.append(health.has_died())
        assert health.is_troubled

    assert [RELAUNCH_S * 2**at for at in range(LAST_DEATH)] == waits


def test_a_start_gives_hope_again(health: Health) -> None:
    """Deaths of a long life are not added up."""
    for _ in range(3 * LAST_DEATH):
        assert RELAUNCH_S == health.has_died()
        assert not health.is_hopeless
        health.has_started()
