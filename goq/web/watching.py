"""For who watches the watchers: /metrics, to who has its token."""

from secrets import compare_digest

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from goq import __version__
from goq.api.client import Client
from goq.core.messages import Snapshot, TakeSnapshot
from goq.errors import GoqError
from goq.web import metrics, questions
from goq.web.frame import Desk


class Watch:
    """Answers /metrics; without a token there is no such page."""

    def __init__(self, desk: Desk, token: str) -> None:
        self._desk = desk
        self._token = token

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
            known = await self._desk.source.shared("metrics", _known)
        except GoqError as error:
            return PlainTextResponse(f"{error}\n", 503)
        return Response(metrics.text(known), headers={"content-type": metrics.KIND})


def _known(client: Client) -> metrics.Known:
    counters = client.ask(TakeSnapshot(0), Snapshot).counters
    cluster, workers, limits = questions.cluster(client), questions.workers(client), questions.limits(client)
    return metrics.Known(
        __version__, cluster, workers, limits, counters, questions.today(client, cluster.started_ns)
    )
