"""What pages load: our style and scripts, at addresses that change with what they say."""

from hashlib import sha256
from importlib.resources import files

from msgspec import Struct
from starlette.responses import PlainTextResponse, Response

from goq.views.style import STYLE

FOREVER = "public, max-age=31536000, immutable"
_CSS, _JAVASCRIPT = "text/css", "text/javascript"
_FILES = {
    "web.css": _CSS,
    "idiomorph-0.8.0.min.js": _JAVASCRIPT,
    "live.js": _JAVASCRIPT,
    "log.js": _JAVASCRIPT,
    "icon.svg": "image/svg+xml",
}


class Asset(Struct, frozen=True):
    """One file."""

    content: bytes
    kind: str
    digest: str


def assets() -> dict[str, Asset]:
    """All of them, by name."""
    folder = files("goq.web") / "static"
    found = {name: _asset((folder / name).read_bytes(), kind) for name, kind in _FILES.items()}
    return {"style.css": _asset(STYLE.encode(), _CSS), **found}


def answer(found: Asset | None, digest: str) -> Response:
    """What a browser may keep for as long as it likes."""
    if found is None or found.digest != digest:
        return PlainTextResponse("there is no such file\n", 404)
    return Response(found.content, media_type=found.kind, headers={"cache-control": FOREVER})


def _asset(content: bytes, kind: str) -> Asset:
    return Asset(content, kind, sha256(content).hexdigest()[:16])
