"""Which jobs a selector means, by what each job says of itself: what the resolver is held against."""

from ledger import Ledger, Life, Place

from goq.core.values.ids import JobId
from goq.core.values.selectors import Jobs, Named, Number, Owned, Part, Selector, Tagged, Tasks
from goq.core.values.states import JobState


def meant_by(ledger: Ledger, selector: Selector, owner: str) -> set[JobId]:
    """The live jobs that are meant."""
    live = {job: life for job, life in ledger.lives.items() if life.place is not Place.ENDED}
    return {job for job, life in live.items() if _is_meant(job, life, selector, owner)}


def numbered(selector: Selector) -> set[JobId]:
    """The numbers that are named, whether there are such jobs or not."""
    found: set[JobId] = set()
    for part in selector.parts:
        match part:
            case Number(job):
                found.add(job)
            case Jobs(first, end):
                found.update(map(JobId, range(first, end)))
    return found


def _is_meant(job: JobId, life: Life, selector: Selector, owner: str) -> bool:
    state = JobState.RUNNING if life.place is Place.RUNNING else JobState.WAITING
    if life.stopped and state is JobState.RUNNING:
        state = JobState.PAUSED
    if life.held and state is JobState.WAITING:
        state = JobState.HELD
    whose = life.origin.submitter.partition("@")[0]
    if (selector.states and state not in selector.states) or selector.user not in ("", whose):
        return False
    return not selector.parts or any(_fits(job, life, part, whose, owner) for part in selector.parts)


def _fits(job: JobId, life: Life, part: Part, whose: str, owner: str) -> bool:
    match part:
        case Number(one):
            return one == job
        case Jobs(first, end):
            return first <= job < end
        case Tasks():
            return False  # no arrays are in these histories
        case Named():
            return part.meets(life.terms.name) and whose == owner
        case Tagged(tag):
            return tag in life.terms.tags
        case Owned(user):
            return whose == user
