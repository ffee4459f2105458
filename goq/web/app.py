"""The page put together: which address is answered by what."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from secrets import token_urlsafe

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from goq.adapters.config import Config
from goq.web.acts import act, ask
from goq.web.frame import Desk, Making, made_by, nowhere
from goq.web.guard import Guard
from goq.web.job import job
from goq.web.jobs import jobs
from goq.web.log import log, log_bytes, log_file
from goq.web.login import Door, first_log_in
from goq.web.machines import machine, machines
from goq.web.news import Newsroom
from goq.web.overview import overview
from goq.web.people import people
from goq.web.render import Pages
from goq.web.report import report
from goq.web.sessions import Sessions
from goq.web.shown import SHOWN
from goq.web.site import Site
from goq.web.source import Source
from goq.web.static import answer, assets
from goq.web.watching import Watch

SECRET_BYTES = 32
PAGES: dict[str, Making] = {
    "/": overview,
    "/jobs": jobs,
    "/jobs/{id}": job,
    "/jobs/{id}/log": log,
    "/jobs/{id}/log/bytes": log_bytes,
    "/jobs/{id}/log/file": log_file,
    "/workers": machines,
    "/workers/{name}": machine,
    "/people": people,
    "/report": report,
    "/ask": ask,
}


def app_of(config: Config, site: Site, newsroom: Newsroom, tickets: Path, metrics_token: str = "") -> ASGIApp:
    """What a web server asks. `tickets` is the folder of the codes; with a token there is /metrics."""
    files = assets()
    pages = Pages(site, files, {**SHOWN, "cluster_name": lambda: newsroom.name})
    desk = Desk(Source(config, lambda: newsroom.latest.seq), pages, newsroom)
    sessions = Sessions(lambda: token_urlsafe(SECRET_BYTES))
    door = Door(site, pages, sessions, tickets)

    async def static(request: Request) -> Response:
        return answer(files.get(request.path_params["name"]), request.path_params["digest"])

    async def events(_: Request) -> Response:
        if not newsroom.has_room():
            return PlainTextResponse("too many pages listen\n", 503)
        return StreamingResponse(newsroom.stream(), media_type="text/event-stream")

    async def healthz(_: Request) -> Response:
        if newsroom.latest.is_away:
            return PlainTextResponse(f"no server answers at {config.address}\n", 503)
        return PlainTextResponse("ok\n")

    @asynccontextmanager
    async def life(_: Starlette) -> AsyncIterator[None]:
        newsroom.begin()
        yield
        newsroom.end()
        desk.source.close()

    routes = [
        *(Route(path, made_by(desk, making), methods=["GET"]) for path, making in PAGES.items()),
        Route("/act", made_by(desk, act), methods=["POST"]),
        Route("/login/", door.show, methods=["GET"]),
        Route("/login/", door.by_form, methods=["POST"]),
        Route("/login/{code}", door.by_link, methods=["GET"]),
        Route("/logout", door.log_out, methods=["POST"]),
        Route("/static/{digest}/{name}", static),
        Route("/events", events),
        Route("/healthz", healthz),
        Route("/metrics", Watch(desk, metrics_token).metrics),
    ]
    routes.append(Route("/{path:path}", made_by(desk, nowhere), methods=["GET"]))
    return Guard(Starlette(routes=routes, lifespan=life), site, sessions, partial(first_log_in, site, pages))
