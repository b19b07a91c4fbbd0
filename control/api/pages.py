"""The pages: rendered once in the asked language; what lives in them comes over the stream."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from fastapi import APIRouter, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope as Asked

from coldport.errors import NotFoundError
from control.access.party import Scope
from control.api import vendor
from control.api.access.policy import needs
from control.api.context import InContext

LANGUAGES = ("zh", "en")

_REVALIDATE = {"Cache-Control": "no-cache"}

Catalogue = Mapping[str, str]


class OwnStatic(StaticFiles):
    """Our own files, always asked for again: after an update no page runs on half of the old ones."""

    async def get_response(self, path: str, scope: Asked) -> Response:
        """Return the file, or 304."""
        response = await super().get_response(path, scope)
        response.headers.update(_REVALIDATE)
        return response


def load_catalogues(web_root: Path) -> dict[str, Catalogue]:
    """Return every text of the pages by language and key."""
    return {
        language: json.loads((web_root / "i18n" / f"{language}.json").read_text(encoding="utf-8"))
        for language in LANGUAGES
    }


def environment(web_root: Path) -> Environment:
    """Return what renders the templates; every value is text and no markup."""
    return Environment(
        loader=FileSystemLoader(web_root / "templates"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def router(web_root: Path, build: str) -> APIRouter:
    """Return the routes of the pages that exist, and of what they load besides our own static files."""
    catalogues = load_catalogues(web_root)
    vendored = vendor.load()
    templates = environment(web_root)
    routes = APIRouter(include_in_schema=False, dependencies=[needs(Scope.SITE_READ, platform=False)])

    @routes.get("/")
    async def start(request: Request) -> RedirectResponse:
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"/cold{query}", headers=_REVALIDATE)

    @routes.get("/cold")
    async def cold(
        context: InContext,
        lang: Literal["zh", "en"] = "zh",
        theme: Literal["dark", "light"] = "dark",
        mode: Literal["wall", "desk", "phone", "touch"] | None = None,
    ) -> HTMLResponse:
        site = context.desk.site
        values: dict[str, Any] = {
            "page": "cold",
            "lang": lang,
            "theme": theme,
            "mode": mode,
            "t": catalogues[lang],
            "other": catalogues["en" if lang == "zh" else "zh"],
            "site_name": site.name.zh if lang == "zh" else site.name.en,
            "simulated": context.hub.simulated,
            "build": build,
            "has_uplot": bool(vendored),
        }
        return HTMLResponse(templates.get_template("cold.html").render(values), headers=_REVALIDATE)

    @routes.get("/i18n/{lang}.json")
    async def catalogue(lang: str) -> JSONResponse:
        if lang not in catalogues:
            raise NotFoundError(f"no texts in {lang!r}")
        return JSONResponse(catalogues[lang], headers=_REVALIDATE)

    @routes.get("/static/vendor/{name}")
    async def vendor_file(name: str) -> Response:
        if name not in vendored:
            raise NotFoundError(f"no vendored file {name!r}")
        kind = "text/javascript" if name.endswith(".js") else "text/css"
        return Response(vendored[name], media_type=kind, headers=_REVALIDATE)

    return routes
