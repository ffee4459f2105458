"""For who watches the watchers: /metrics, to who has its token."""

import threading
import time
from secrets import compare_digest

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from goq import __version__
from goq.api.client import Client
from goq.core.messages import AskWaiting, Snapshot, TakeSnapshot, WaitingShown
from goq.core.values.flows import Flow, FlowSince
from goq.errors import GoqError
from goq.web import questions
from goq.web.frame import Desk
from goq.web.metrics import KIND, Known, text

PARTS_LIMIT = 5  # of what went through, with one answer


class Watch:
    """Answers /metrics; without a token there is no such page."""

    def __init__(self, desk: Desk, token: str) -> None:
        self._desk = desk
        self._token = token
        self._flow: Flow | None = None
        self._since_s = 0.0
        self._counting = threading.Lock()

    async def metrics(self, request: Request) -> Response:
        """The numbers."""
        word = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not self._token:
            return PlainTextResponse(
                "there is no such page; 'goq web --metrics-token-file FILE' makes it\n", 404
            )
        if not compare_digest(word.encode(), self._token.encode()):
            return PlainTextResponse(
                "Authorization: Bearer TOKEN is right, with that of --metrics-token-file\n", 401
            )
        try:
            known = await self._desk.source.shared("metrics", self._known)
        except GoqError as error:
            return PlainTextResponse(f"{error}\n", 503)
        return Response(text(known), headers={"content-type": KIND})

    def _known(self, client: Client) -> Known:
        """All of them, in a thread of its own."""
        counters = client.ask(TakeSnapshot(0), Snapshot).counters
        cluster = questions.cluster(client)
        today = questions.today(client, cluster.started_ns)
        with self._counting:
            flow = self._count_on(client)
        return Known(
            *(__version__, cluster, questions.workers(client), questions.limits(client), counters, today),
            client.ask(AskWaiting(), WaitingShown),
            *(flow, self._since_s, time.time_ns()),
        )

    def _count_on(self, client: Client) -> Flow:
        """What went through up to now, or as far as there is time, from where it was first asked."""
        if self._flow is None:
            self._flow, self._since_s = Flow(client.latest().seq), time.time()
        for _ in range(PARTS_LIMIT):
            self._flow = self._flow.plus(client.look(FlowSince(self._flow.seq)))
            if self._flow.is_all:
                break
        return self._flow
