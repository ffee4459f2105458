"""Who speaks, in an answer, and who is spoken to: queues and epochs of whole messages."""

from goq.adapters.wire.draws import WHOSE_BYTES, read_draw
from goq.adapters.wire.zjob import Zjob, check, read_queue
from goq.core.values.ids import NO_EPOCH, QUEUE_BYTES, Epoch


def read_speaker(z: Zjob) -> Epoch:
    """Whose queue speaks, in an answer."""
    check(z.serverEpoch > 0, "epochs count from 1")
    return Epoch(read_queue(z), z.serverEpoch, read_draw(bytes(z.queue)[QUEUE_BYTES:WHOSE_BYTES]))


def read_addressee(z: Zjob) -> Epoch:
    """Whose queue a question is for, and the latest epoch of it that the asker knows of."""
    if not len(z.queue):
        return NO_EPOCH
    check(z.serverEpoch >= 0, "epochs count from 1")
    return Epoch(read_queue(z), z.serverEpoch, read_draw(bytes(z.queue)[QUEUE_BYTES:WHOSE_BYTES]))
