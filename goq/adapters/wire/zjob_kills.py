"""Kills in the fields of a Zjob."""

from itertools import pairwise

from goq.adapters.wire import zjob
from goq.adapters.wire.zjob import Zjob
from goq.core import messages as m
from goq.core.values.job import By
from goq.core.values.result import SIGTERM


def read_kill(z: Zjob) -> tuple[int, By]:
    """How to kill, and who wants that."""
    return zjob.read_signal(z.killSignal) or SIGTERM, zjob.read_by(z)


def write_cancel_ranges(z: Zjob, cancel: m.CancelRanges) -> None:
    z.kept = [edge for both in cancel.ranges for edge in both]
    z.killSignal = cancel.signal
    z.maxshow = cancel.at_most
    zjob.write_by(z, cancel.by)


def read_cancel_ranges(z: Zjob) -> m.CancelRanges:
    edges = zjob.read_kept(z)
    if not edges or len(edges) % 2 or any(low >= high for low, high in pairwise(edges)) or z.maxshow < 0:
        raise ValueError("no ranges in order")
    ranges = tuple(zip(edges[::2], edges[1::2], strict=True))
    return m.CancelRanges(ranges, *read_kill(z), z.maxshow)


def write_ack_cancel_ranges(z: Zjob, ack: m.AckCancelRanges) -> None:
    z.counts = [ack.waiting, ack.running, ack.ended, ack.unknown, ack.left]
    z.haderror = not ack.done


def read_ack_cancel_ranges(z: Zjob) -> m.AckCancelRanges:
    if len(z.counts) != 5:
        raise ValueError("not the counts of a kill")
    waiting, running, ended, unknown, left = z.counts
    return m.AckCancelRanges(waiting, running, ended, unknown, left, not z.haderror)
