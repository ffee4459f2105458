"""Pages from templates: all that is put into one is escaped, and of a page parts may be asked for by their names.

A part is a section whose id is the name of its block.
"""

from collections.abc import Mapping
from typing import Any

import jinja2
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse
from starlette.types import Scope

from goq import __version__
from goq.web.clock import now_s
from goq.web.guard import SECTIONS
from goq.web.site import Site
from goq.web.static import Asset

FRAME = "page.html"
SECTIONS_LIMIT = 30


class Pages:
    """Makes them. `shown` are what templates may call beside what they are given."""

    def __init__(self, site: Site, assets: Mapping[str, Asset], shown: Mapping[str, object]) -> None:
        self.url = site.path
        self.may_act = site.may_act
        self._env = jinja2.Environment(
            loader=jinja2.PackageLoader("goq.web"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            cache_size=-1,
        )
        self._env.globals.update(shown)
        self._env.globals.update(
            site=site,
            version=__version__,
            assets={name: site.path(f"/static/{asset.digest}/{name}") for name, asset in assets.items()},
            url=site.path,
        )
        self._env.globals["parts"] = self._env.get_template("_parts.html").module

    def page(self, scope: Scope, name: str, /, status: int = 200, **told: Any) -> HTMLResponse:
        """The page, or those of its sections that were asked for."""
        session = scope.get("goq.session")
        told |= {"token": session.token if session else "", "path": scope["path"]}
        wanted = Headers(scope=scope).get(SECTIONS)
        template = self._env.get_template(name)
        if wanted is None:
            told["flashes"] = session.noted(now_s()) if session else []
            return HTMLResponse(template.render(told), status)
        return HTMLResponse(self._parts(template, wanted.split(",")[:SECTIONS_LIMIT], told), status)

    def _parts(self, template: jinja2.Template, wanted: list[str], told: dict[str, Any]) -> str:
        blocks = {**self._env.get_template(FRAME).blocks, **template.blocks}
        context = template.new_context(told)
        asked = dict.fromkeys(name for name in wanted if name in blocks)
        return "".join(piece for name in asked for piece in blocks[name](context))
