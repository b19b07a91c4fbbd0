"""The page behind the code on a thing, for whoever has the thing in hand: no key, no script, no other host.

Opening the page in a browser counts as a scan. A button would be cleaner, but who holds a copy does not press it, and a
counter that nobody moves betrays no copy. So that neither robots nor previews count, and nobody fills the journal, only
what a browser calls a person's own navigation counts, a few times a passport and so many a day of all.
"""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
from fastapi import APIRouter, Query
from jinja2 import Environment
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from coldport.errors import NotFoundError, UnavailableError
from coldport.web.pages import environment
from control.access.bucket import Buckets
from control.api.access.policy import open_to_all
from control.api.context import Context, InContext
from control.api.pages import load_catalogues
from control.api.passport.curve import draw
from control.api.passport.linked import json_ld, linkset
from control.api.passport.sheet import Sheet, Sheets
from control.passport.acts import PassportScanned
from control.passport.code import name_at
from control.passport.passports import SCAN_LIMIT, Passport, name_of

ASKED_BURST, ASKED_PER_SECOND = 40, 20.0
"""Requests of everybody together: ten times a busy day, and a small part of what one core answers. Alarms go first."""
EACH_BURST, EACH_PER_SECOND = 3, 1 / 60
"""Scans of one passport that count: a family around a table, and one a minute."""
ALL_BURST, ALL_PER_SECOND = 100, 1.0
"""Scans of all passports that count: 86,400 a day at most, some 10 MB of journal."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Vary": "Accept",
    "X-Robots-Tag": "noindex",
}
Lang = Annotated[str, Query(max_length=20)]
Link = Annotated[str, Query(alias="linkType", max_length=80)]

WHY = "what its issuer made public of one thing (control/passport/DESIGN.md)"


class BusyError(UnavailableError):
    """Too many ask at once."""

    code = "busy"


class Public:
    """The pages of one site."""

    def __init__(self, web_root: Path) -> None:
        """Read templates and texts."""
        self._catalogues = load_catalogues(web_root)
        self._templates: Environment = environment(web_root)
        self._asked = Buckets(ASKED_BURST, ASKED_PER_SECOND)
        self._each = Buckets(EACH_BURST, EACH_PER_SECOND)
        self._all = Buckets(ALL_BURST, ALL_PER_SECOND)
        self._sheets: Sheets | None = None

    async def answer(self, context: Context, request: Request, path: str, language: str, link: str) -> Response:
        """Answer whoever looks a passport up.

        Raises:
            BusyError: Too many ask.
            UnavailableError: The events are away.
        """
        if self.asked_too_often(context):
            raise BusyError("too many look up passports now; there is a second to wait")
        kind = wanted(request.headers, link)
        try:
            passport = context.desk.passports.find(name_at(path) or path)
        except NotFoundError:
            if kind != "page":
                raise
            return self._page({"lang": language, "sheet": None, "asked": path, "path": f"/{path}"}, 404)
        self._sheets = self._sheets or Sheets(context)
        if kind == "page":
            passport = self._counted(context, passport, request.headers)
        sheet = await self._sheets.sheet(passport, language)
        if kind == "page":
            return self._page(self._values(context, sheet, language), 200)
        body, media = (linkset(sheet), "linkset+json") if kind == "links" else (json_ld(sheet), "ld+json")
        return Response(msgspec.json.encode(body), media_type=f"application/{media}", headers=HEADERS)

    def asked_too_often(self, context: Context) -> bool:
        """Take one of the requests that everybody together has, or say that none is left."""
        return self._asked.wait_s("", context.desk.now()) > 0

    def _counted(self, context: Context, passport: Passport, headers: Headers) -> Passport:
        """Return the passport, with this scan if it counts; that it could not be written keeps nobody from the page."""
        name, now = name_of(passport.issued), context.desk.now()
        if not is_a_look(headers) or passport.scans >= SCAN_LIMIT:
            return passport
        if self._each.wait_s(name, now) > 0 or self._all.wait_s("", now) > 0:
            return passport
        with suppress(UnavailableError):
            context.desk.record(PassportScanned(passport=name, at=now))
        return context.desk.passports.find(name)

    def _values(self, context: Context, sheet: Sheet, language: str) -> dict[str, Any]:
        words, zone = self._catalogues[language], ZoneInfo(context.desk.site.timezone)
        drawn = draw(sheet.curve, zone, words["passport.temperature.say"]) if sheet.curve is not None else ""
        return {
            "lang": language,
            "sheet": sheet,
            "curve": drawn,
            "limits": sorted({(one.least, one.most) for one in sheet.curve.columns}) if sheet.curve else [],
            "zone": zone,
            "path": sheet.address.removeprefix(context.passports.address),
        }

    def _page(self, values: Mapping[str, Any], status: int) -> Response:
        language = values["lang"]
        texts = {"t": self._catalogues[language], "other": self._catalogues["en" if language == "zh" else "zh"]}
        page = self._templates.get_template("passport.html").render({**values, **texts})
        return HTMLResponse(page, status, headers=HEADERS)


def router(web_root: Path) -> APIRouter:
    """Return the routes of the page; an application and its platform share them, and so the limits."""
    public = Public(web_root)
    routes = APIRouter(include_in_schema=False, dependencies=[open_to_all(WHY)])

    @routes.get("/01/{path:path}")
    async def by_link(context: InContext, request: Request, path: str, lang: Lang = "zh", link: Link = "") -> Response:
        return await public.answer(context, request, f"01/{path}", "en" if lang == "en" else "zh", link)

    @routes.get("/p/{code}")
    async def by_code(context: InContext, request: Request, code: str, lang: Lang = "zh", link: Link = "") -> Response:
        return await public.answer(context, request, f"p/{code}", "en" if lang == "en" else "zh", link)

    return routes


def wanted(headers: Headers, link: str) -> str:
    """Return whether a `page`, `data` or `links` are asked for, by `linkType` first and then by `Accept`."""
    accept = headers.get("accept", "")
    word = link.rpartition(":")[2]
    if word in {"linkset", "all"} or (not word and "linkset" in accept):
        return "links"
    if word in {"traceability", "epcis"} or (not word and "json" in accept and "text/html" not in accept):
        return "data"
    return "page"


def is_a_look(headers: Headers) -> bool:
    """Whether a person's browser opens the page by itself: not a robot, a preview, or a link within the page.

    By what browsers say of a request (Fetch Metadata): those from before 2023, and whoever leaves it out, do not count.
    """
    ahead = headers.get("sec-purpose", "") + headers.get("purpose", "")
    return (
        headers.get("sec-fetch-mode") == "navigate"
        and headers.get("sec-fetch-dest") == "document"
        and headers.get("sec-fetch-site") in {"none", "cross-site"}
        and not ahead
    )
