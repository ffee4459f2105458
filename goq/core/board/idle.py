"""The places that wait for a job, by their workers' processes. Pure, and volatile."""

from goq.core.board.rooms import Process, process_of
from goq.core.values.job import Worker
from goq.core.waits.parking import Parked, ParkingLot


class IdleWorkers(ParkingLot[Worker]):
    """Requests for work, one a worker."""

    def __init__(self) -> None:
        super().__init__(each=1)
        self._numbers = 0
        self._of_process: dict[Process, dict[Worker, int]] = {}  # each in the order in which they came

    def park(self, key: Worker, parked: Parked, until_s: float) -> None:
        """Keep a worker's request, in the place that it has already."""
        super().park(key, parked, until_s)
        self._numbers += 1
        self._of_process.setdefault(process_of(key), {}).setdefault(key, self._numbers)

    def firsts(self) -> list[Worker]:
        """The longest waiting place of each process, the longest waiting one first."""
        firsts = (next(iter(workers.items())) for workers in self._of_process.values())
        return [worker for worker, _ in sorted(firsts, key=lambda first: first[1])]

    def _left(self, key: Worker) -> None:
        workers = self._of_process.get(process_of(key), {})
        workers.pop(key, None)
        if not workers:
            self._of_process.pop(process_of(key), None)
