"""Kills and other changes in the fields of a Zjob."""

from goq.adapters.wire import zjob
from goq.adapters.wire.zjob import Zjob
from goq.core import messages as m
from goq.core.values.changes import change_text, read_change
from goq.core.values.job import By
from goq.core.values.result import SIGTERM
from goq.core.values.selectors import read_selector, selector_text

_COUNTS = 8


def read_kill(z: Zjob) -> tuple[int, By]:
    """How to kill, and who wants that."""
    return zjob.read_signal(z.killSignal) or SIGTERM, zjob.read_by(z)


def write_change(z: Zjob, change: m.Change) -> None:
    z.selector = selector_text(change.selector)
    z.what = change_text(change.what)
    z.maxshow = change.at_most
    zjob.write_by(z, change.by)


def read_change_of(z: Zjob) -> m.Change:
    if z.maxshow < 0:
        raise ValueError("more than less than nothing")
    selector, what = read_selector(bytes(z.selector)), read_change(bytes(z.what))
    return m.Change(selector, what, zjob.read_by(z), z.maxshow)


def write_ack_change(z: Zjob, ack: m.AckChange) -> None:
    z.counts = [ack.changed, ack.same, ack.running, ack.ended, ack.unknown, ack.others, ack.left, ack.waiting]
    z.haderror = not ack.done


def read_ack_change(z: Zjob) -> m.AckChange:
    if len(z.counts) != _COUNTS:
        raise ValueError("not the counts of a change")
    changed, same, running, ended, unknown, others, left, waiting = z.counts
    return m.AckChange(changed, same, running, ended, unknown, others, left, not z.haderror, waiting)
