"""What happens to the queue, as it happens: pages of the journal, and between them a wait for news."""

import math
import time
from collections.abc import Iterator

from goq.api.desk import Desk
from goq.api.talks import look, news
from goq.core.values.happenings import Happening, Happenings, HappeningsSince
from goq.errors import RequestRefused

TRIES = 6  # of a look that is refused, as by a server that is busy with others
FIRST_REST_S = 0.1  # and then twice as long each time


def events_of(desk: Desk, since: int, *, follow: bool) -> Iterator[Happening]:
    """What happened behind that number, in order; with `follow` without an end, through restarts of the server."""
    while True:
        page = _page(desk, since, follow=follow)
        yield from page.rows
        since = page.seq
        if page.is_all:
            if not follow:
                return
            desk.run(news(desk.here, since, math.inf))


def _page(desk: Desk, since: int, *, follow: bool) -> Happenings:
    """The next ones. Who follows them stays though no server is there, or it is busy for a while."""
    query = HappeningsSince(since)
    rest_s = FIRST_REST_S
    for _ in range(TRIES if follow else 1):
        try:
            return desk.run(look(desk.here, query, math.inf if follow else None))
        except RequestRefused as error:
            refusal = error
            if follow:
                time.sleep(rest_s)  # there is nothing to wait on: the server says no at once
                rest_s *= 2
    raise refusal
