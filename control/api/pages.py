"""The pages: rendered once in the asked language; what lives in them comes over the stream."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from coldport.errors import NotFoundError
from coldport.web.pages import (
    LANGUAGES,
    REVALIDATE,
    Asked,
    Catalogue,
    Look,
    environment,
    in_language,
    read_catalogue,
)
from control.access.party import Scope
from control.api import vendor
from control.api.access.policy import needs
from control.api.context import Context, InContext
from control.inspection.lane.settings import Lane
from control.inspection.lane.texts import catalogue as lane_words


def load_catalogues(web_root: Path) -> dict[str, Catalogue]:
    """Return every text of the pages by language and key; the words of lanes' verdicts are those of the lanes."""
    return {
        language: {**read_catalogue(web_root / "i18n", language)}
        | {f"verdict.{verdict.value}": words for verdict, words in said.verdict.items()}
        | {f"why.{why.value}": words for why, words in said.why.items()}
        for language in LANGUAGES
        if (said := lane_words(language))
    }


class Pages:
    """Renders the pages of one site."""

    def __init__(self, web_root: Path, build: str) -> None:
        """Read the texts and templates; `build` is told to the pages, which load anew when another one is served."""
        self.catalogues = load_catalogues(web_root)
        self.vendored = vendor.load()
        self._templates = environment(web_root)
        self._build = build

    def show(self, name: str, context: Context, look: Look, **more: object) -> HTMLResponse:
        """Render a page by its name."""
        values: dict[str, Any] = {
            "page": name,
            "lang": look.lang,
            "theme": look.theme,
            "mode": look.mode,
            "t": self.catalogues[look.lang],
            "other": self.catalogues["en" if look.lang == "zh" else "zh"],
            "site_name": in_language(look.lang, context.desk.site.name),
            "simulated": context.hub.simulated,
            "build": self._build,
            "has_uplot": bool(self.vendored) and name == "cold",
            **more,
        }
        return HTMLResponse(self._templates.get_template(f"{name}.html").render(values), headers=REVALIDATE)

    def lane(self, name: str, context: Context, look: Look) -> HTMLResponse:
        """Render the station of a lane; raises NotFoundError when the site has none of that name."""
        found = next((one for one in _lanes(context) if one.id == name), None)
        if found is None:
            raise NotFoundError(f"the site has no lane {name!r}")
        zone = next(zone for zone in context.desk.site.zones if zone.id == found.zone)
        return self.show("lane", context, look, lane={"id": found.id, "name": in_language(look.lang, zone.name)})


def router(web_root: Path, build: str) -> APIRouter:
    """Return the routes of the pages that exist, and of what they load besides our own static files."""
    pages = Pages(web_root, build)
    routes = APIRouter(include_in_schema=False, dependencies=[needs(Scope.SITE_READ, platform=False)])

    @routes.get("/")
    async def start(request: Request) -> RedirectResponse:
        return _redirect("/cold", request)

    @routes.get("/cold")
    async def cold(context: InContext, look: Asked) -> HTMLResponse:
        return pages.show("cold", context, look)

    @routes.get("/board")
    async def board(context: InContext, look: Asked) -> HTMLResponse:
        return pages.show("board", context, look)

    @routes.get("/lane")
    async def first_lane(context: InContext, request: Request) -> RedirectResponse:
        lanes = _lanes(context)
        return _redirect(f"/lane/{lanes[0].id}" if lanes else "/board", request)

    @routes.get("/lane/{lane}")
    async def one_lane(context: InContext, lane: str, look: Asked) -> HTMLResponse:
        return pages.lane(lane, context, look)

    @routes.get("/i18n/{lang}.json")
    async def catalogue(lang: str) -> JSONResponse:
        if lang not in pages.catalogues:
            raise NotFoundError(f"no texts in {lang!r}")
        return JSONResponse(pages.catalogues[lang], headers=REVALIDATE)

    @routes.get("/static/vendor/{name}")
    async def vendor_file(name: str) -> Response:
        if name not in pages.vendored:
            raise NotFoundError(f"no vendored file {name!r}")
        kind = "text/javascript" if name.endswith(".js") else "text/css"
        return Response(pages.vendored[name], media_type=kind, headers=REVALIDATE)

    return routes


def _redirect(path: str, request: Request) -> RedirectResponse:
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"{path}{query}", headers=REVALIDATE)


def _lanes(context: Context) -> Sequence[Lane]:
    lanes = context.desk.floor.lanes
    return lanes.settings if lanes is not None else ()
