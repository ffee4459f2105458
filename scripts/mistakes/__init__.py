"""The mistakes that `make mutants` plants: each is one that somebody could make; a file for each room."""

from mistakes import (
    board_hands,
    board_lanes,
    dispatch_door,
    dispatch_freshness,
    dispatch_moves,
    dispatch_people,
    dispatch_workers,
    files_spool,
    jobs_executor,
    jobs_link,
    jobs_processes,
    jobs_shepherd,
    state_state,
    store_writer,
    values_spans,
    waits_deadlines,
    waits_parking,
    wire_codec,
    wire_zjob,
    worker_hand,
    worker_reports,
    worker_slot,
)
from mistakes.fault import Fault

_ROOMS = (
    files_spool,
    jobs_executor,
    jobs_link,
    jobs_processes,
    jobs_shepherd,
    store_writer,
    wire_codec,
    wire_zjob,
    board_hands,
    board_lanes,
    dispatch_door,
    dispatch_freshness,
    dispatch_moves,
    dispatch_people,
    dispatch_workers,
    state_state,
    values_spans,
    waits_deadlines,
    waits_parking,
    worker_hand,
    worker_reports,
    worker_slot,
)
FAULTS: list[Fault] = [fault for room in _ROOMS for fault in room.FAULTS]

__all__ = ["FAULTS", "Fault"]
