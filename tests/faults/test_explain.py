"""The story of one job of a run: from a real room, read when all of it has ended."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from faults.explain import explain
from faults.room import Room
from faults.stops import Stops
from faults.submitter import JOB

_PATIENCE_S = 30.0


def test_the_story_of_a_job_has_what_was_done_meanwhile_in_order(tmp_path: Path) -> None:
    """By the clocks of the journal, of the job, of the logs and of the faults."""
    room = Room(tmp_path / "room", 1)
    try:
        room.start()
        worker = room.workers[0]
        _await(lambda: worker.has_begun)
        log = room.logs / "token-0"
        room.goq("sub", "sh", str(JOB), "token-0", str(log), "1", "0", "plain", folder=room.folders[0])
        _await(log.exists)
        worker.freeze(tree=False)
        worker.thaw()
        _await(lambda: "done with job 1:" in worker.said())
    finally:
        room.close()
    story = explain(room.folder, 1)

    told = (
        "-- worker0: started, pid",
        "** the job: start 1 ",
        "-- worker0: SIGSTOP of 1 processes",
        "-- worker0: SIGCONT",
        "** the job: end 1 ",
    )
    places = [story.find(each) for each in told]
    assert -1 not in places, story
    assert sorted(places) == places, story
    # The job's clock is one of hundredths, so these are before or after what it says.
    assert {"delegated", "finished"} == {
        each for each in ("delegated", "finished") if f"** journal: attempt 1 {each}" in story
    }
    assert "server: got job 1 submission." in story
    assert "worker0: done with job 1:" in story


def test_a_folder_that_is_no_room_is_named(tmp_path: Path) -> None:
    """The folder above it, for instance."""
    with pytest.raises(LookupError, match="no room of a run"):
        explain(tmp_path, 1)


def test_of_a_stop_counts_what_lies_in_the_time() -> None:
    """Two stops: of one a part lies there."""
    stops = Stops([(10, 20), (30, 40)])

    assert [0, 5, 15, 20] == [stops.within_ns(*span) for span in ((20, 30), (15, 25), (5, 35), (0, 50))]


def test_a_stop_lasts_until_it_goes_on() -> None:
    """Who was not stopped does not go on."""
    stops, before_ns = Stops(), time.time_ns()
    stops.end()
    stops.begin()
    began_ns = time.time_ns()
    time.sleep(0.01)
    stops.end()

    assert 10_000_000 <= stops.within_ns(began_ns, time.time_ns()) <= time.time_ns() - before_ns


def _await(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)
