"""No route without a policy; the table says of every route what is really answered."""

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import iter_route_contexts

from control.access.party import PartyKind, Scope
from control.api.access.describe import cases, table
from control.api.access.policy import OPEN, UndeclaredError, declared, for_platform, needs


def test_every_route_and_stream_of_the_application_has_a_row(house):
    page = table(house.app.routes)
    routes = {getattr(one.original_route, "path", "") for one in iter_route_contexts(house.app.routes)} - set(OPEN)
    assert len(routes) > 50
    for path in routes:
        assert f" {path}`" in page
    assert "| `WebSocket /api/v1/stream` |" in page


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_a_route_without_a_policy_cannot_be_served(kind):
    router = APIRouter()

    async def bare() -> None: ...

    if kind == "http":
        router.add_api_route("/bare", bare)
    else:
        router.add_api_websocket_route("/bare", bare)
    app = FastAPI()
    app.include_router(router)
    with pytest.raises(UndeclaredError, match="/bare"):
        list(declared(app.router.routes[-1:]))
    with pytest.raises(UndeclaredError, match="/bare"):
        for_platform(router)


def test_a_route_has_one_policy_and_not_two():
    router = APIRouter(dependencies=[needs(Scope.LOTS_READ)])
    router.add_api_route("/twice", lambda: None, dependencies=[needs(Scope.POINTS_READ)])
    with pytest.raises(UndeclaredError, match="2 policies"):
        for_platform(router)


def test_every_row_says_what_is_answered_for_what_is_the_sites(house):
    """Each site-wide route, asked by each kind of party with a grant of the site and without one."""
    rows = [row for row in declared(house.platform.routes) if row[2].whose.sites and row[0] == "GET"]
    assert len(rows) > 20
    kinds = [kind for kind in PartyKind if kind is not PartyKind.SITE]
    for kind in kinds:
        house.add(f"bare-{kind}", kind)
        house.add(f"granted-{kind}", kind)
        for scope in {policy.scope for _, _, policy in rows}:
            house.grant("site", f"granted-{kind}", scope)
    for kind in kinds:
        for who, name in (("granted", "granted"), ("others'", "bare")):
            for _, path, policy in rows:
                key = house.key(f"{name}-{kind}", policy.scope)
                answer = house.there.get(path.replace("{point}", "c1-door"), headers=key)
                house.desk.access.state.keys.clear()
                expected = dict(cases(kind, policy.scope, sites=True))[who]
                listed = policy.whose.find is None
                assert (answer.status_code != 403) == (expected or listed), (path, kind, who, answer.text)
                if listed and not expected:
                    assert answer.json() == []
