"""The curves of a job that runs: what is drawn of what was heard."""

from msgspec.structs import replace

from goq.core.values.lives import Life
from goq.core.values.shown import JobRow, Needs, Used, UsePoint
from goq.core.values.states import JobState
from goq.views.paper import Paper
from goq.web.used import spread_out, used_charts

GIB, S = 1 << 30, 10**9
NOW = 1_795_703_530 * S  # 14:32:10
PAPER = Paper(now_ns=NOW)


def before(hours: float) -> int:
    return NOW - int(hours * 3600 * S)


NEEDS = Needs(5, 40 * GIB)
TRAIN = JobRow(
    14226, "bob", JobState.RUNNING, before(5), before(1.8), NEEDS, attempt=2, started_at=before(1.8)
)
LIFE = Life(9, TRAIN, ("python", "train.py"), "/data/bob/fold", "bob@head", {})
POINTS = (UsePoint(before(1.2), 4.0, 31 * GIB), UsePoint(NOW - 60 * S, 5.0, 28 * GIB))
USED = Used(4.7 * 6420, 31 * GIB, 28 * GIB, 5.0, before(1.2), NOW - 60 * S)


def test_steps_are_equal_and_reach_to_now() -> None:
    """Each is of the look that it belongs to; after the last look nothing else is known."""
    points = [UsePoint(at, at / 10, at) for at in (10, 20, 80)]

    assert [10, 20, 80, 80, 80, 80, 80, 80, 80, 80] == [each.at for each in spread_out(points, 0, 100, 10)]
    assert [20, 80] == [each.at for each in spread_out(points, 0, 40, 2)]
    assert [80] == [each.at for each in spread_out(points, 0, 100, 1)]


def test_a_running_job_has_curves() -> None:
    """Beside what it asked for, in words too."""
    life = replace(LIFE, row=replace(TRAIN, used=USED), curve=POINTS)
    memory, cpus = used_charts(life, PAPER)

    assert ("Memory: 31 of 40 GiB", "Cpus: 4.7 of 5") == (memory.head, cpus.head)
    assert "most so far, 13:20; 28 GiB now; the dashed line is what was asked" == memory.words
    assert "94 % of what was asked is used; 5.0 now" == cpus.words
    assert 1 == memory.picture.count('class="ask"') == cpus.picture.count('class="ask"')
    assert '<span class="y t">44</span>' in memory.picture
    assert "<span>12:44</span><span>13:38</span><span>now</span>" in memory.picture


def test_of_a_job_of_minutes_seconds_are_shown() -> None:
    """Or both ends would be of the same time."""
    began = NOW - 60 * S
    row = replace(TRAIN, started_at=began, used=replace(USED, at=NOW))
    (memory, _) = used_charts(replace(LIFE, row=row, curve=(UsePoint(NOW, 1.0, GIB),)), PAPER)

    assert "<span>14:31:10</span><span>14:31:40</span><span>now</span>" in memory.picture


def test_without_a_bound_nothing_is_dashed() -> None:
    row = replace(TRAIN, used=USED, needs=Needs(5))
    memory, _ = used_charts(replace(LIFE, row=row, curve=POINTS), PAPER)

    assert "Memory: 31 GiB" == memory.head
    assert "ask" not in memory.picture


def test_of_what_nobody_has_looked_at_nothing_is_drawn() -> None:
    """It is short, has ended, or its server has just begun."""
    assert [] == used_charts(LIFE, PAPER)
    assert [] == used_charts(replace(LIFE, row=replace(TRAIN, used=USED)), PAPER)
