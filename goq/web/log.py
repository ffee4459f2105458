"""What a job writes: the last of it in its page, any part of it by its offset, and what comes while it runs."""

import re
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from goq.api.client import Client
from goq.core.values.ids import JobId
from goq.core.values.logs import LENGTH_LIMIT, PART_LIMIT, AskLog, LogPart, Phase, Stand
from goq.core.values.result import ERR, OUT
from goq.views.numbers import size
from goq.web import questions
from goq.web.frame import Desk, Told
from goq.web.which import job_number

SHOWN_BYTES = 64 * 1024
_ESCAPES = re.compile(r"\x1b\[[0-9;:?]*[A-Za-z]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_BYTES = "application/octet-stream"


def plain(data: bytes) -> str:
    """What a job wrote as a page shows it: no colours, no control characters; as static/log.js does it."""
    text = _ESCAPES.sub("", data.decode("utf-8", "replace")).replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROLS.sub("\ufffd", text)


async def log_of(
    desk: Desk, job: JobId, stream: int = OUT, offset: int | None = None, attempt: int = 0
) -> Told:
    """What a page shows: 64 KiB from the offset on, None: the last ones."""
    stand = await _stand(desk, Stand(job, stream=stream), is_parked=False)
    upto = _upto(stand, attempt or stand.attempt)
    where = -SHOWN_BYTES if offset is None else offset
    part = await _part(desk, AskLog(job, attempt, stream, where, SHOWN_BYTES, upto))
    grows = stand.phase is Phase.RUNS and part.at.number == stand.attempt and part.end >= part.length
    return {
        "part": part,
        "text": plain(part.data),
        "stream": stream,
        "grows": grows,
        "waits": not part.at.number,
        "path": part.path,
        "size": size(part.length),
        "next": f"?{_query(stand, stream, part.at.number, part.end)}" if not part.is_elsewhere else "",
    }


async def log(desk: Desk, request: Request) -> Response:
    """The page of a log."""
    job = await job_number(desk, request)
    stream = ERR if request.query_params.get("err") else OUT
    offset = _number(request, "from", None)
    told = await log_of(desk, job, stream, offset, _number(request, "attempt", 0) or 0)
    return desk.answer(
        request,
        "log.html",
        "Jobs",
        job=job,
        shown=request.path_params["id"],
        log=told,
        bytes_a_page=SHOWN_BYTES,
    )


async def log_bytes(desk: Desk, request: Request) -> Response:
    """The bytes behind an offset: at once where there are some, else when some come, or none for a while."""
    job = await job_number(desk, request)
    stream, attempt, at = (
        _stream(request),
        _number(request, "attempt", 0) or 0,
        _number(request, "from", 0) or 0,
    )
    seen = Stand(job, attempt, Phase.RUNS if request.query_params.get("wait") else Phase.UNSEEN, at, stream)
    stand = await _stand(desk, seen, is_parked=seen.phase is not Phase.UNSEEN)
    part = await _part(desk, AskLog(job, attempt, stream, at, PART_LIMIT, _upto(stand, attempt)))
    is_over = stand.attempt != attempt or stand.phase is not Phase.RUNS
    has_more = part.end < part.length
    headers = {
        "goq-query": _query(stand, stream, attempt, part.end),
        "goq-over": "1" if is_over and not has_more else "",
    }
    return Response(part.data, media_type=_BYTES, headers=headers)


async def log_file(desk: Desk, request: Request) -> Response:
    """All of it, for a disk."""
    job = await job_number(desk, request)
    stream = _stream(request)
    stand = await _stand(desk, Stand(job, stream=stream), is_parked=False)
    first = await _part(desk, AskLog(job, 0, stream, 0, PART_LIMIT, _upto(stand, stand.attempt)))
    if first.is_elsewhere:
        return PlainTextResponse(f"this output is on {first.at.host}: {first.path}\n", 404)

    async def parts() -> AsyncIterator[bytes]:
        part = first
        while part.data:
            yield part.data
            part = await _part(
                desk, AskLog(job, part.at.number, stream, part.end, PART_LIMIT, _upto(stand, stand.attempt))
            )

    name = f"{'err' if stream == ERR else 'out'}.{request.path_params['id']}"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(parts(), media_type=_BYTES, headers=headers)


async def _part(desk: Desk, query: AskLog) -> LogPart:
    return await desk.source.ask(lambda client: client.look(query))


async def _stand(desk: Desk, seen: Stand, *, is_parked: bool) -> Stand:
    """How far the job is, or as far as was seen when nothing came for a while."""

    def follow(client: Client) -> Stand:
        return questions.stand(client, seen)

    return await (desk.source.parked(follow) if is_parked else desk.source.ask(follow))


def _upto(stand: Stand, attempt: int) -> int:
    """How much of that attempt is there, if it runs; a server that has begun anew knows of nothing, and its file has it."""
    return (stand.length or LENGTH_LIMIT) if attempt == stand.attempt else 0


def _query(stand: Stand, stream: int, attempt: int, at: int) -> str:
    """What asks for what comes next."""
    waits = "&wait=1" if stand.phase is Phase.RUNS and stand.attempt == attempt else ""
    return f"attempt={attempt}&from={at}&stream={stream}{waits}"


def _stream(request: Request) -> int:
    return ERR if _number(request, "stream", OUT) == ERR else OUT


def _number(request: Request, name: str, default: int | None) -> int | None:
    word = request.query_params.get(name, "")
    return int(word) if word.isascii() and word.isdecimal() and len(word) < 19 else default
