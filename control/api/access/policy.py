"""What a route asks for, declared beside it: a scope, and whose the thing is that is asked for.

A route without a policy cannot be served; `docs/reference/authorisation.md` is made from them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Depends
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from starlette.exceptions import WebSocketException
from starlette.requests import HTTPConnection
from starlette.routing import BaseRoute

from coldport.errors import NotFoundError
from control.access.decision import OF_THE_SITE, Owned
from control.access.party import Principal, Scope
from control.api.access.errors import ForbiddenError, KeyNeededError
from control.api.access.identify import caller_of
from control.api.access.visitor import Visitor
from control.api.context import Context, InContext

POLICY_VIOLATION = 1008
"""Close code of a stream that may not be opened. Source: RFC 6455 section 7.4.1."""


@dataclass(frozen=True, slots=True)
class Whose:
    """How the owner of what is asked for is found.

    `find` gets the names in the address, and raises NotFoundError when there is no such thing. Without it the route
    itself asks its `Visitor`: for each thing of its answer, or for what the body names.
    """

    label: str
    find: Callable[[Context, Mapping[str, Any]], Owned] | None = None
    sites: bool = False
    """It is the site's, and nobody else can own it."""


THE_SITES = Whose("the site's", lambda _context, _names: OF_THE_SITE, sites=True)
EACH = Whose("of each that is answered")
EACH_OF_THE_SITES = Whose("the site's, each shared by its room or point", sites=True)
IN_BODY = Whose("named in the body")


@dataclass(frozen=True, slots=True)
class Policy:
    """A dependency that lets a request through to its route, or answers it; what it gives the route is the visitor."""

    scope: Scope
    whose: Whose
    platform: bool

    async def __call__(self, connection: HTTPConnection, context: InContext) -> Visitor:
        """Decide.

        Raises:
            KeyNeededError: Nobody is known to ask.
            ForbiddenError: The key is not for this, or not for what is the site's.
            NotFoundError: There is no such thing, or it is another's: a key is not told which.
            UnavailableError: It cannot be written down.
        """
        try:
            visitor = Visitor(_known(caller_of(connection)), self.scope, context, connection)
            if self.whose.find is None:
                await visitor.may_ask()
            else:
                await visitor.must(lambda: self.find(context, connection.path_params))
        except (KeyNeededError, ForbiddenError, NotFoundError) as error:
            if connection.scope["type"] == "websocket":
                raise WebSocketException(POLICY_VIOLATION, error.code) from error
            raise
        return visitor

    def find(self, context: Context, names: Mapping[str, Any]) -> Owned:
        """Return whose the thing with these names is; raises NotFoundError."""
        return self.whose.find(context, names) if self.whose.find else OF_THE_SITE


@dataclass(frozen=True, slots=True)
class Anyone:
    """A policy that asks for nothing, and is served to partners too; `why` says what makes its answer public."""

    why: str
    platform: bool = True

    async def __call__(self) -> None:
        """Let everybody through."""


def open_to_all(why: str) -> Any:  # noqa: ANN401 - as FastAPI's Depends
    """Return the policy of a route that whoever can connect may ask."""
    return Depends(Anyone(why))


def _known(principal: Principal | None) -> Principal:
    if principal is None:
        raise KeyNeededError
    return principal


def needs(scope: Scope, whose: Whose = THE_SITES, *, platform: bool = True) -> Any:  # noqa: ANN401 - as FastAPI's Depends
    """Return a policy, to stand among the `dependencies` of a route, or in the annotation of its visitor.

    Args:
        scope: What a key must be for.
        whose: Whose the thing is; by default it is the site's.
        platform: Whether it is served to partners too; what people do on the floor is not.
    """
    return Depends(Policy(scope, whose, platform))


class UndeclaredError(TypeError):
    """A route has no policy, or more than one: a bug of whoever wrote it."""


def policy_of(route: BaseRoute) -> Policy | Anyone:
    """Return what a route asks for; raises UndeclaredError."""
    dependant = getattr(route, "dependant", None)
    found = list(_policies(dependant)) if isinstance(dependant, Dependant) else []
    if len(found) != 1:
        raise UndeclaredError(f"{getattr(route, 'path', route)}: {len(found)} policies, must be one")
    return found[0]


def declared(routes: Sequence[BaseRoute]) -> Iterator[tuple[str, str, Policy]]:
    """Return method, path and policy of each route that asks for a scope, in their order; raises UndeclaredError.

    What FastAPI itself serves, and mounted folders, are no routes of ours: `OPEN` has them.
    """
    for method, path, policy in _all(routes):
        if isinstance(policy, Policy):
            yield method, path, policy


def public(routes: Sequence[BaseRoute]) -> Iterator[tuple[str, str, Anyone]]:
    """Return method, path and policy of each route that is open to all; raises UndeclaredError."""
    for method, path, policy in _all(routes):
        if isinstance(policy, Anyone):
            yield method, path, policy


def _all(routes: Sequence[BaseRoute]) -> Iterator[tuple[str, str, Policy | Anyone]]:
    for context in iter_route_contexts(routes):
        route = context.original_route
        path = getattr(route, "path", "")
        if path in OPEN:
            continue
        policy = policy_of(route)
        for method in sorted(getattr(route, "methods", None) or {"WebSocket"}):
            yield method, path, policy


def for_platform(router: APIRouter) -> APIRouter:
    """Return a router with those of its routes that are served to partners; raises UndeclaredError."""
    kept = APIRouter()
    kept.routes = [route for route in router.routes if policy_of(route).platform]
    return kept


OPEN: Mapping[str, str] = {
    "/api/v1/openapi.json": "the description of the interface; on the platform too",
    "/static": "scripts and styles of the pages",
    "/passport": "the style of the page of a passport; on the platform too",
}
"""What is served to whoever can connect, with or without a key: nothing of the site is in it."""


def _policies(dependant: Dependant) -> Iterator[Policy | Anyone]:
    for inner in dependant.dependencies:
        if isinstance(inner.call, Policy | Anyone):
            yield inner.call
        yield from _policies(inner)
