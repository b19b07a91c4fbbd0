"""Queries with a name, and those who are told what they newly find."""

import asyncio
import contextlib
from collections.abc import Sequence
from http import HTTPStatus

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from coldport.errors import ColdportError, NotFoundError, RefusedError
from control.access.party import Scope
from control.api.access.policy import needs
from control.api.context import Context, InContext
from control.api.epcis.events import ASKED
from control.api.epcis.paging import answer, parameters
from control.api.epcis.schemas import QueryBody, SubscriptionBody, SubscriptionView
from control.traceability import subscriptions as told
from control.traceability.event import micros
from control.traceability.query import Order, Query
from control.traceability.subscriptions import NamedQuery, Subscription

router = APIRouter(prefix="/epcis/v2", tags=["epcis"])

POLICY_VIOLATION = 1008
"""Close code. Source: RFC 6455 section 7.4.1."""


@router.get("/queries", dependencies=[needs(Scope.EVENTS_READ, platform=False)])
async def get_queries(context: InContext) -> list[QueryBody]:
    """List the named queries."""
    return [QueryBody(name=one.name, query=one.query) for one in (await told.queries(context.traces)).values()]


@router.post("/queries", status_code=HTTPStatus.CREATED, dependencies=[needs(Scope.EVENTS_READ, platform=False)])
async def name_query(context: InContext, body: QueryBody) -> Response:
    """Keep a query under a name; 409 when the name is taken."""
    await told.name_query(context.traces, NamedQuery(name=body.name, query=body.query))
    return JSONResponse(None, status_code=HTTPStatus.CREATED, headers={"Location": f"/epcis/v2/queries/{body.name}"})


@router.get("/queries/{name}", dependencies=[needs(Scope.EVENTS_READ, platform=False)])
async def get_query(context: InContext, name: str) -> QueryBody:
    """Return a named query."""
    found = await told.query_named(context.traces, name)
    return QueryBody(name=found.name, query=found.query)


@router.delete(
    "/queries/{name}", status_code=HTTPStatus.NO_CONTENT, dependencies=[needs(Scope.EVENTS_READ, platform=False)]
)
async def drop_query(context: InContext, name: str) -> None:
    """Forget a named query; 409 while somebody is subscribed to it."""
    await told.query_named(context.traces, name)
    if await _of(context, name):
        raise RefusedError(f"query {name!r} has subscriptions")
    await context.traces.drop("queries", name)


@router.get("/queries/{name}/events", openapi_extra=ASKED, dependencies=[needs(Scope.EVENTS_READ, platform=False)])
async def query_events(context: InContext, name: str, request: Request) -> Response:
    """Return the events a named query asks for; parameters given here are added to its own."""
    query = await told.query_named(context.traces, name)
    own = parameters(request.query_params.multi_items())
    return await answer(context, {**own, **query.query}, request.url.path, own, name)


@router.get("/queries/{name}/subscriptions", dependencies=[needs(Scope.EVENTS_READ, platform=False)])
async def get_subscriptions(context: InContext, name: str) -> list[SubscriptionView]:
    """List who is subscribed to a query."""
    await told.query_named(context.traces, name)
    return [_view(one) for one in await _of(context, name)]


@router.post(
    "/queries/{name}/subscriptions",
    status_code=HTTPStatus.CREATED,
    dependencies=[needs(Scope.EVENTS_READ, platform=False)],
)
async def subscribe(context: InContext, name: str, body: SubscriptionBody) -> SubscriptionView:
    """Let a webhook be told of what a query newly finds, each event once."""
    if not body.stream:
        raise RefusedError("only stream=true is offered: new events are told at once")
    subscription = await _new(context, name, body)
    await told.subscribe(context.traces, subscription)
    return _view(subscription)


@router.get("/queries/{name}/subscriptions/{subscription}", dependencies=[needs(Scope.EVENTS_READ, platform=False)])
async def get_subscription(context: InContext, name: str, subscription: str) -> SubscriptionView:
    """Return a subscription, and how far it has been told."""
    return _view(await _one(context, name, subscription))


@router.delete(
    "/queries/{name}/subscriptions/{subscription}",
    status_code=HTTPStatus.NO_CONTENT,
    dependencies=[needs(Scope.EVENTS_READ, platform=False)],
)
async def end_subscription(context: InContext, name: str, subscription: str) -> None:
    """End a subscription."""
    found = await _one(context, name, subscription)
    await context.traces.drop("subscriptions", found.id)


@router.websocket("/queries/{name}/subscriptions", dependencies=[needs(Scope.EVENTS_READ, platform=False)])
async def stream(
    socket: WebSocket, context: InContext, name: str, *, subscription: str | None = None, after: int | None = None
) -> None:
    """Tell a WebSocket what a query newly finds, as webhooks are told.

    The first message names the subscription. Who was cut off opens with `?subscription=ID` and is told what came
    since; with
    `&after=N` (the `toldRecord` that came before each document) what came after that record.
    """
    await socket.accept()
    try:
        mine = await _one(context, name, subscription) if subscription else await _new(context, name, None)
        mine = mine if after is None else msgspec.structs.replace(mine, told=max(0, after))
        await told.subscribe(context.traces, mine)
    except ColdportError as error:
        await socket.close(POLICY_VIOLATION, error.code)
        return
    with contextlib.suppress(ExceptionGroup):
        async with asyncio.TaskGroup() as tasks:
            telling = tasks.create_task(_tell(socket, context, mine))
            with contextlib.suppress(WebSocketDisconnect):
                while True:
                    await socket.receive()
                    if socket.client_state.name == "DISCONNECTED":
                        break
            telling.cancel()


async def _tell(socket: WebSocket, context: Context, mine: Subscription) -> None:
    await socket.send_json({"subscriptionID": mine.id, "toldRecord": mine.told})
    while True:
        new = await told.news(context.traces, mine, context.clock)
        if new.told == mine.told:
            await context.clock.sleep(told.PAUSE_S)
            continue
        if new.body is not None:
            await socket.send_json({"subscriptionID": mine.id, "toldRecord": new.told})
            await socket.send_text(new.body.decode())
        mine = msgspec.structs.replace(mine, told=new.told)
        await told.subscribe(context.traces, mine)


async def _new(context: Context, name: str, body: SubscriptionBody | None) -> Subscription:
    query = await told.query_named(context.traces, name)
    last = await context.traces.last()
    if body and body.initialRecordTime:
        since = Query(record_from=micros(body.initialRecordTime), order=Order.RECORD_TIME)
        records = (await context.traces.page(since, None, 1)).found
        last = records[0].record - 1 if records else last
    known = await told.subscriptions(context.traces)
    now = micros(context.desk.now())
    while f"s{now}" in known:
        now += 1
    token = body.signatureToken if body else None
    return Subscription(id=f"s{now}", query=query, dest=body.dest if body else None, token=token, told=last)


async def _of(context: Context, name: str) -> Sequence[Subscription]:
    return [one for one in (await told.subscriptions(context.traces)).values() if one.query.name == name]


async def _one(context: Context, name: str, subscription: str) -> Subscription:
    for one in await _of(context, name):
        if one.id == subscription:
            return one
    raise NotFoundError(f"query {name!r} has no subscription {subscription!r}")


def _view(one: Subscription) -> SubscriptionView:
    return SubscriptionView(subscriptionID=one.id, queryName=one.query.name, dest=one.dest, toldRecord=one.told)
