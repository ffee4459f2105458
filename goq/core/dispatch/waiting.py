"""How many jobs wait, for which reason, and since when: numbers for who watches a cluster. Pure."""

from collections import Counter
from heapq import nlargest
from itertools import islice

from goq.core.dispatch.moves import Moves
from goq.core.dispatch.whys import Whys
from goq.core.messages import WaitingShown
from goq.core.values.ranges import Ranges, merged, size, without

LANES_LOOKED_AT = 100  # for their reasons, the largest ones
LANES_COUNTED = 10_000
PIECES_LIMIT = 10_000  # of ranges that are told from each other
OTHER = "other"  # for whatever there was no time to look


def waiting_of(moves: Moves, whys: Whys) -> WaitingShown:
    """As it is now. Each job counts once, for the reason that it would be shown first; they add up to all that wait."""
    state, lanes = moves.state, list(islice(moves.lanes.all(), LANES_COUNTED))
    counts: Counter[str] = Counter()
    survey = whys.survey()
    for lane in nlargest(LANES_LOOKED_AT, lanes, key=lambda lane: len(lane.jobs)):
        counts[whys.reason(lane.jobs.first, survey).code] += len(lane.jobs)
    taken: Ranges = ()
    for code, ranges in moves.gates.why_shut():
        if len(taken) + len(ranges) > PIECES_LIMIT:
            break
        new = without(state.waiting.among(merged(ranges)), taken)
        counts[code] += size(new)
        taken = merged([*taken, *new])
    counts[OTHER] += len(state.waiting) - counts.total()
    oldest = min((lane.jobs.first for lane in lanes), default=None)
    ready = sum(len(lane.jobs) for lane in moves.lanes.all())
    since_ns = state.submissions[oldest].submission.at_ns if oldest else 0
    return WaitingShown(ready, since_ns, {code: count for code, count in counts.items() if count > 0})
