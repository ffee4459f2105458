"""Which places wait for a job: as their worker has said last."""

from goq.core.board.idle import IdlePlaces
from goq.core.messages import Report
from goq.core.values.ids import WorkerId
from goq.core.values.job import Worker

WORKER = Worker(WorkerId("w"), "n1", 7)
FIRST, SECOND, THIRD = (WorkerId(f"w-{number}") for number in (1, 2, 3))


def heard(*reports: tuple[WorkerId, ...]) -> list[WorkerId]:
    """The places that wait, by how long they have, when these were free by one report after the other."""
    idle, found = IdlePlaces(), []
    for free in reports:
        idle.hear(Report(WORKER, 1), list(free))
    while firsts := idle.firsts():
        ((worker, place),) = firsts
        found.append(place.id)
        idle.take(worker, place)
    return found


def test_a_place_keeps_its_turn_from_report_to_report() -> None:
    assert [SECOND, FIRST] == heard((SECOND,), (FIRST, SECOND))
    assert [FIRST, SECOND] == heard((FIRST,), (FIRST, SECOND))


def test_a_place_that_is_free_no_more_waits_no_more() -> None:
    """Its worker has found something else for it."""
    assert [SECOND] == heard((FIRST, SECOND), (SECOND,))
    assert [SECOND, THIRD] == heard((FIRST, SECOND), (SECOND, THIRD))
    assert [] == heard((FIRST, SECOND), ())
