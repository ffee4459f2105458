"""What servers drew at their starts, as it travels: 8 bytes behind the queue."""

from goq.core.values.ids import DRAW_BITS, QUEUE_BYTES, Epoch

DRAW_BYTES = 8
WHOSE_BYTES = QUEUE_BYTES + DRAW_BYTES


def draw_bytes(epoch: Epoch) -> bytes:
    """What the server of that epoch drew."""
    return epoch.draw.to_bytes(DRAW_BYTES)


def read_draw(told: bytes) -> int:
    """The same; 0: not known. Raises ValueError."""
    draw = int.from_bytes(told)
    if draw >= 1 << DRAW_BITS:
        raise ValueError("a server draws 63 bits")
    return draw
