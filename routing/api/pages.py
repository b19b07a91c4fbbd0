"""The planner's pages: rendered once in the asked language; what they show they ask of the routes beside them."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, FastAPI
from fastapi import Path as InPath
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse

from coldport.errors import NotFoundError
from coldport.web.pages import (
    LANGUAGES,
    REVALIDATE,
    Asked,
    Catalogue,
    Look,
    OwnStatic,
    environment,
    read_catalogue,
)
from routing.api.context import InContext

TIMEZONE = "Asia/Shanghai"
"""Whose clock the screens show, wherever they hang."""

Digest = Annotated[str, InPath(pattern="^[0-9a-f]{32}$")]


class Pages:
    """Renders the pages."""

    def __init__(self, web_root: Path) -> None:
        """Read the texts and templates."""
        texts = web_root / "i18n"
        self.catalogues: dict[str, Catalogue] = {
            one: {**read_catalogue(texts, one), **read_catalogue(texts / "planner", one)} for one in LANGUAGES
        }
        self._templates = environment(web_root)

    def show(self, name: str, look: Look, **more: object) -> HTMLResponse:
        """Render a page by its name."""
        values: dict[str, object] = {
            "page": name,
            "lang": look.lang,
            "theme": look.theme,
            "mode": look.mode,
            "zone": TIMEZONE,
            "t": self.catalogues[look.lang],
            "other": self.catalogues["en" if look.lang == "zh" else "zh"],
            "plan": None,
            **more,
        }
        return HTMLResponse(self._templates.get_template(f"{name}.html").render(values), headers=REVALIDATE)


def add_pages(app: FastAPI, web_root: Path) -> None:
    """Serve the pages and what they load, out of the folder with `templates/`, `static/` and `i18n/`."""
    app.include_router(_router(web_root))
    app.mount("/static", OwnStatic(directory=web_root / "static"), name="static")


def _router(web_root: Path) -> APIRouter:
    pages = Pages(web_root)
    routes = APIRouter(include_in_schema=False)

    @routes.get("/")
    async def start() -> RedirectResponse:
        return RedirectResponse("/plan", headers=REVALIDATE)

    @routes.get("/plan")
    async def plans(context: InContext, look: Asked) -> HTMLResponse:
        return pages.show("plans", look, networks=sorted(context.networks))

    @routes.get("/plan/{plan}")
    async def one_plan(context: InContext, plan: Digest, look: Asked) -> HTMLResponse:
        context.office.ledger.board.plan(plan)
        return pages.show("plan", look, plan=plan)

    @routes.get("/i18n/{lang}.json")
    async def catalogue(lang: str) -> JSONResponse:
        if lang not in pages.catalogues:
            raise NotFoundError(f"no texts in {lang!r}")
        return JSONResponse(pages.catalogues[lang], headers=REVALIDATE)

    return routes
