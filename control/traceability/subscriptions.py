"""Named queries, and who is told of new events that they find.

A subscription remembers the number of the last record it was told of, on disk; what comes next begins after it. So
nothing is told twice but what was on its way when something fell: a receiver knows it by its `eventID`. A receiver
that does not answer waits longer each time, up to five minutes, and holds up nobody else.
"""

import asyncio
import hashlib
import hmac
import logging
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec

from coldport.clock import Clock
from coldport.errors import NotFoundError, RefusedError, UnavailableError
from control.traceability.document import write_result
from control.traceability.event import Found, index
from control.traceability.ports import Traces
from control.traceability.query import Query, matches, parse

QUERIES_LIMIT, SUBSCRIPTIONS_LIMIT = 200, 100
"""Each subscription looks at every event: a hundred of them at 20 events a second are 2,000 looks."""

BATCH = 200
"""Records looked at in one go; a receiver gets at most so many events at once."""

PAUSE_S = 0.5
"""Between two looks for new records: an event is told within a second."""

FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 300.0

log = logging.getLogger("control.traceability")


class NamedQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A query kept under a name: its parameters as they were given."""

    name: str
    query: dict[str, Any]


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """Who is told what.

    `dest` is a URL to post to; without one it is a WebSocket's. `told` is the last record it knows.
    """

    id: str
    query: NamedQuery
    dest: str | None = None
    token: str | None = None
    told: int = 0


class Poster(Protocol):
    """Sends a document to a receiver."""

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Return when the receiver has it.

        Raises:
            UnavailableError: It has not, or does not say so.
        """
        ...


async def queries(traces: Traces) -> dict[str, NamedQuery]:
    """Return the named queries by name."""
    return {key: msgspec.json.decode(body, type=NamedQuery) for key, body in (await traces.kept("queries")).items()}


async def query_named(traces: Traces, name: str) -> NamedQuery:
    """Return one.

    Raises:
        NotFoundError: There is none of that name.
    """
    found = (await queries(traces)).get(name)
    if found is None:
        raise NotFoundError(f"there is no query {name!r}")
    return found


async def name_query(traces: Traces, named: NamedQuery) -> None:
    """Keep a query.

    Raises:
        RefusedError: The name is taken, or there are too many.
        QueryError: It cannot be answered.
    """
    parse(named.query)
    known = await queries(traces)
    if named.name in known:
        raise RefusedError(f"there is a query {named.name!r} already")
    if len(known) >= QUERIES_LIMIT:
        raise RefusedError(f"there are {QUERIES_LIMIT} named queries, as many as may be")
    await traces.keep("queries", named.name, msgspec.json.encode(named), QUERIES_LIMIT)


async def subscriptions(traces: Traces) -> dict[str, Subscription]:
    """Return all subscriptions by id."""
    kept = await traces.kept("subscriptions")
    return {key: msgspec.json.decode(body, type=Subscription) for key, body in kept.items()}


async def subscribe(traces: Traces, subscription: Subscription) -> None:
    """Keep a subscription, new or known.

    Raises:
        RefusedError: There are too many.
    """
    known = await subscriptions(traces)
    if subscription.id not in known and len(known) >= SUBSCRIPTIONS_LIMIT:
        raise RefusedError(f"there are {SUBSCRIPTIONS_LIMIT} subscriptions, as many as may be")
    await traces.keep("subscriptions", subscription.id, msgspec.json.encode(subscription), SUBSCRIPTIONS_LIMIT)


class News(msgspec.Struct, frozen=True):
    """What is new for a subscription: how far was looked, and the document of what was found, if anything was."""

    told: int
    body: bytes | None


async def news(traces: Traces, subscription: Subscription, clock: Clock) -> News:
    """Look at the records after the last one told."""
    records = await traces.since(subscription.told, BATCH)
    if not records:
        return News(subscription.told, None)
    hits = await asyncio.to_thread(_hits, parse(subscription.query.query), records)
    if not hits:
        return News(records[-1].record, None)
    body = write_result(hits, query=subscription.query.name, subscription=subscription.id, at=clock.now())
    return News(records[-1].record, body)


def signature(token: str, body: bytes) -> str:
    """Return the header that proves to a receiver who sent a body: HMAC-SHA-256 with the token it gave."""
    return f"sha256={hmac.new(token.encode(), body, hashlib.sha256).hexdigest()}"


class Deliverer:
    """Posts to webhooks what is new for them."""

    def __init__(self, traces: Traces, poster: Poster, clock: Clock) -> None:
        """Deliver from `traces` by `poster`."""
        self._traces = traces
        self._poster = poster
        self._clock = clock
        self._waits: dict[str, tuple[float, float]] = {}

    async def step(self) -> None:
        """Serve every subscription that is not waiting once; pause when nothing was new."""
        known = await subscriptions(self._traces)
        self._waits = {key: wait for key, wait in self._waits.items() if key in known}
        now = self._clock.monotonic_s()
        due = [one for one in known.values() if one.dest and self._waits.get(one.id, (0.0, 0.0))[0] <= now]
        busy = await asyncio.gather(*(self._serve(one) for one in due))
        if not any(busy):
            await self._clock.sleep(PAUSE_S)

    async def _serve(self, subscription: Subscription) -> bool:
        new = await news(self._traces, subscription, self._clock)
        if new.told == subscription.told:
            return False
        if new.body is not None:
            try:
                await self._poster.post(subscription.dest or "", new.body, _headers(subscription, new.body))
            except UnavailableError as error:
                self._wait(subscription.id, error)
                return False
        if self._waits.pop(subscription.id, None):
            log.info("subscription %s goes on", subscription.id)
        if subscription.id in await subscriptions(self._traces):  # not ended while its receiver was answering
            await subscribe(self._traces, msgspec.structs.replace(subscription, told=new.told))
        return True

    def _wait(self, key: str, error: UnavailableError) -> None:
        waited = self._waits.get(key, (0.0, 0.0))[1]
        if not waited:
            log.warning("subscription %s is waiting: %s", key, error)
        wait_s = min(LONGEST_WAIT_S, waited * 2 or FIRST_WAIT_S)
        self._waits[key] = (self._clock.monotonic_s() + wait_s, wait_s)


def _headers(subscription: Subscription, body: bytes) -> dict[str, str]:
    headers = {"Content-Type": "application/ld+json", "GS1-EPCIS-Version": "2.0.0"}
    return headers | ({"GS1-Signature": signature(subscription.token, body)} if subscription.token else {})


def _hits(query: Query, records: Sequence[Found]) -> list[Found]:
    return [
        one
        for one in records
        if matches(query, index(msgspec.json.decode(one.body), one.context, one.body), one.recorded_at)
    ]
