"""The queue and the epoch that tests speak of."""

from goq.core.values.ids import Epoch, QueueId

QUEUE = QueueId(bytes(range(100, 116)))
EPOCH = Epoch(QUEUE, 1)
LATER = Epoch(QUEUE, 2)
FOREIGN = Epoch(QueueId(bytes(16)), 1)
