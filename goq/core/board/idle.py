"""The places that wait for a job, by their workers. Pure, and volatile."""

from goq.core.messages import Report
from goq.core.values.ids import WorkerId
from goq.core.values.job import Worker


class IdlePlaces:
    """Free places, each with a number that says since when: of two the lower has waited longer.

    A place keeps its number from one report of its worker to the next; only while that waits for an answer can it
    be given anything.
    """

    def __init__(self) -> None:
        self._numbers = 0
        self._places: dict[WorkerId, dict[Worker, int]] = {}  # each in the order in which they came
        self._open: set[WorkerId] = set()

    def __bool__(self) -> bool:
        return bool(self._open)

    def hear(self, report: Report, free: list[WorkerId]) -> None:
        """These places of the worker wait for a job, and nothing else of it does; it waits for an answer."""
        worker = report.worker
        if not free:
            self.forget(worker.id)
            return
        places = self._places.setdefault(worker.id, {})
        known = {place.id: place for place in places}
        if list(known) != free:
            for gone in known.keys() - set(free):
                del places[known[gone]]
            for place in free:
                if place not in known:
                    self._numbers += 1
                    places[Worker(place, worker.host, worker.pid)] = self._numbers
        self._open.add(worker.id)

    def close(self, worker: WorkerId) -> None:
        """The worker has its answer, and waits for none."""
        self._open.discard(worker)

    def forget(self, worker: WorkerId) -> None:
        """No place of the worker waits any more."""
        self._places.pop(worker, None)
        self._open.discard(worker)

    def take(self, worker: WorkerId, place: Worker) -> None:
        """The place is given something."""
        places = self._places[worker]
        del places[place]
        if not places:
            self.forget(worker)

    def all(self) -> list[Worker]:
        """Those that wait and can be given something."""
        return [place for worker in self._open for place in self._places[worker]]

    def count(self) -> int:
        """How many wait that can be given something."""
        return sum(len(self._places[worker]) for worker in self._open)

    def firsts(self) -> list[tuple[WorkerId, Worker]]:
        """Of each worker that can be given something the longest waiting place; the longest waiting of these first."""
        firsts = [(next(iter(self._places[worker].items())), worker) for worker in self._open]
        return [(worker, place) for (place, _), worker in sorted(firsts, key=lambda first: first[0][1])]
