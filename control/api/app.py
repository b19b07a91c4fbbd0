"""Builds the HTTP application of control from a desk and a historian."""

import asyncio
import contextlib
import functools
import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI

from coldport.clock import Clock, SystemClock
from coldport.ids import PointId
from coldport.web.compress import compress
from coldport.web.guards import Guards
from coldport.web.pages import OwnStatic
from coldport.web.problems import PROBLEM_RESPONSES
from coldport.web.problems import schemas as problem_schemas
from control.access_log.memory import MemoryAccessLog
from control.access_log.ports import AccessLog
from control.alarms.definition import Definition
from control.api import alarm_health, alarms, fsma, lots, pages, points, problems, status, stream
from control.api.access import routes as access
from control.api.access.describe import secured
from control.api.access.identify import Identify
from control.api.access.policy import declared, for_platform
from control.api.archive import Archive
from control.api.context import Context, Past
from control.api.epcis import capture, events, queries
from control.api.floor import acts, answer, picks, selection, sheets, views, warehouse
from control.api.guards import body_limit
from control.api.hub import Hub
from control.api.passport import public
from control.api.passport import routes as passports
from control.api.press import Press
from control.exposure_archive import ExposureArchive
from control.passport_settings import PassportFile
from control.ports import Desk, Historian
from control.traceability.memory import MemoryTraces
from control.traceability.ports import Traces


def create_app(  # noqa: PLR0913 - the parts behind the routes, most of them by name
    desk: Desk,
    historian: Historian,
    web_root: Path,
    *,
    definitions: Sequence[Definition] = (),
    exposures: ExposureArchive | None = None,
    past: Past = lambda _, standing: standing,
    traces: Traces | None = None,
    access_log: AccessLog | None = None,
    looked_up: PassportFile | None = None,
    clock: Clock | None = None,
) -> FastAPI:
    """Return the application; serve it on loopback only.

    Args:
        desk: Control, as the HTTP border sees it. It is only touched on the event loop.
        historian: The series. It is only touched in threads, several at a time.
        web_root: The folder with `templates/`, `static/` and `i18n/`: `dashboards.web_root()`.
        definitions: What the site's alarms mean, for the texts of the alarm list.
        exposures: What zones did to products; without it no product is known, and so no lot.
        traces: The EPCIS events; without them there are none, and what is captured is forgotten at the end.
        access_log: What was done with keys; without it that is forgotten at the end.
        looked_up: Where passports are looked up.
        past: Finds earlier occurrences of alarms; without it only those that stand are known.
        clock: Paces the live stream.
    """
    build = build_id(web_root)
    clock = clock or SystemClock()
    context = Context(
        desk=desk,
        archive=Archive(historian),
        hub=Hub(desk, clock, build),
        definitions=tuple(definitions),
        exposures=exposures or ExposureArchive(desk.site, {}, historian),
        past=past,
        traces=traces or MemoryTraces(),
        access_log=access_log or MemoryAccessLog(),
        passports=looked_up or PassportFile(),
        press=Press(),
        clock=clock,
        points={PointId(p.id): (zone, p) for zone in desk.site.zones for p in zone.points},
    )

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as tasks:
            ticking = tasks.create_task(context.hub.run(), name="hub")
            yield
            ticking.cancel()
        context.archive.close()

    app = bare_app(lifespan=lifespan)
    app.state.context = context
    app.include_router(pages.router(web_root, build))
    app.state.public = public.router(web_root)
    app.state.looks = OwnStatic(directory=web_root / "passport")
    app.mount("/static", OwnStatic(directory=web_root / "static"), name="static")
    _add_public(app, app)
    for _ in declared(app.routes):
        pass  # a route without a policy is not served: this raises
    compress(app)
    app.add_middleware(Identify)
    app.add_middleware(Guards, body_limit=body_limit)
    return app


def platform_app(app: FastAPI) -> FastAPI:
    """Return what partners are served of an application: the routes for them by a key, and what is open to all.

    It lives no longer than `app`, whose parts it shares.
    """
    platform = bare_app(platform=True)
    platform.state.context = app.state.context
    _add_public(platform, app)
    compress(platform)
    platform.add_middleware(Identify, platform=True)
    platform.add_middleware(Guards, body_limit=body_limit, any_host=True)
    return platform


def _add_public(app: FastAPI, whole: FastAPI) -> None:
    """Serve what is open to all, with the limits that all doors share."""
    app.include_router(whole.state.public)
    app.mount("/passport", whole.state.looks, name="passport")


class DescribedApi(FastAPI):
    """An application whose description knows problem details, though no route returns them by itself."""

    def openapi(self) -> dict[str, Any]:
        """Return the description, made once."""
        described = super().openapi()
        described["components"]["schemas"].update(problem_schemas() | answer.schemas())
        return secured(described, self.routes)


Lifespan = Callable[[FastAPI], contextlib.AbstractAsyncContextManager[None]]


PARTS = (
    status,
    points,
    alarm_health,
    alarms,
    lots,
    acts,
    views,
    warehouse,
    picks,
    sheets,
    selection,
    stream,
    capture,
    events,
    queries,
    fsma,
    passports,
    access,
)


def bare_app(lifespan: Lifespan | None = None, *, platform: bool = False) -> FastAPI:
    """Return the application with the API's routes and nothing behind them: enough to describe it.

    Raises:
        UndeclaredError: A route has no policy.
    """
    app = DescribedApi(
        title="Coldport control",
        summary="One site: its points, their series, its alarms.",
        version=version("coldport"),
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    problems.install(app)
    app.router.routes.extend(_api(platform=platform).routes)
    return app


@functools.cache
def _api(*, platform: bool) -> APIRouter:
    """Put the API's routes together, once a process: they hold nothing, and taking their types apart takes a while."""
    api = APIRouter(responses=PROBLEM_RESPONSES)
    for part in PARTS:
        api.include_router(for_platform(part.router) if platform else part.router)
    return api


def build_id(web_root: Path) -> str:
    """Return a short name of what the pages are made of; it changes with every byte of them."""
    digest = hashlib.sha256(version("coldport").encode())
    for path in sorted(web_root.rglob("*")):
        if path.is_file() and path.suffix in {".html", ".js", ".css", ".json", ".svg"}:
            digest.update(str(path.relative_to(web_root)).encode() + path.read_bytes())
    return digest.hexdigest()[:12]
