"""Builds the HTTP application of the planner around an office.

There is no login: whoever can connect on loopback is the planner. What stands before it is the guard that control has:
only loopback names, no post from another site's page, bounded bodies.
"""

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI

from coldport.clock import Clock
from coldport.web.compress import compress
from coldport.web.guards import Guards
from coldport.web.problems import PROBLEM_RESPONSES, schemas
from routing.api import explanations, instances, jobs, pictures, plans, problems, status
from routing.api.context import Context
from routing.api.limits import body_limit
from routing.jobs.office import Office
from routing.network_settings import Network

PARTS = (status, instances, jobs, plans, pictures, explanations)


class DescribedApi(FastAPI):
    """An application whose description knows problem details, though no route returns them by itself."""

    def openapi(self) -> dict[str, Any]:
        """Return the description, made once."""
        described = super().openapi()
        described["components"]["schemas"].update(schemas())
        return described


def create_app(office: Office, networks: Mapping[str, Network], clock: Clock) -> FastAPI:
    """Return the application, which does not run the office; serve it on loopback only."""
    app = bare_app()
    app.state.context = Context(office=office, networks=networks, clock=clock)
    compress(app)
    app.add_middleware(Guards, body_limit=body_limit)
    return app


def bare_app() -> FastAPI:
    """Return the application with its routes and nothing behind them: enough to describe it."""
    app = DescribedApi(
        title="Coldport planner",
        summary="Instances, jobs and plans of one site.",
        version=version("coldport"),
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        responses=PROBLEM_RESPONSES,
    )
    problems.install(app)
    for part in PARTS:
        app.include_router(part.router)
    return app
