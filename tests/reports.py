"""What workers say in tests, each report newer than those before it; and what they are told."""

from itertools import count

from goq.core.messages import Done, Held, Orders, Report, Returned
from goq.core.values.ids import WorkerId, worker_of
from goq.core.values.job import Claim, Job, Worker
from goq.core.values.room import ANYTHING, Offer

_SERIALS = count(1)


def asks(worker: Worker, offer: Offer = ANYTHING) -> Report:
    """The one place of this worker is free; both have one id."""
    return Report(worker, next(_SERIALS), offer, wants=((worker.id, 1),))


def beats(claim: Claim, told: int = 0) -> Report:
    """The claim's worker runs that, and nothing else."""
    return tells(claim.worker, held=(Held(claim, is_on=True, told=told),))


def tells(
    place: WorkerId,
    done: tuple[Done, ...] = (),
    returned: tuple[Returned, ...] = (),
    held: tuple[Held, ...] = (),
    wants: int = 0,
) -> Report:
    """The place's worker tells what has ended, what it returns, what it still has, and how much more it wants."""
    worker = Worker(worker_of(place), "h", 1)
    return Report(worker, next(_SERIALS), ANYTHING, held, done, returned, ((place, wants),) if wants else ())


def jobs_in(orders: object) -> list[Job]:
    """The jobs that they bring."""
    assert isinstance(orders, Orders), orders
    return [job for batch in orders.run for job in batch.jobs]
