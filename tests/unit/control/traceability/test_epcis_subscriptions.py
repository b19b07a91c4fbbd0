import json
from datetime import UTC, datetime

import pytest

from coldport.clock import ManualClock
from coldport.errors import RefusedError, UnavailableError
from control.traceability.document import read_event
from control.traceability.memory import MemoryTraces
from control.traceability.query import QueryError
from control.traceability.subscriptions import (
    BATCH,
    Deliverer,
    NamedQuery,
    Subscription,
    name_query,
    signature,
    subscribe,
    subscriptions,
)

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
PACKED = NamedQuery(name="packed", query={"EQ_bizStep": ["packing"]})


class Receiver:
    """Notes what it gets; refuses while a test says so."""

    def __init__(self) -> None:
        self.down: set[str] = set()
        self.asked: list[str] = []
        self.got: list[tuple[str, bytes, dict[str, str]]] = []

    async def post(self, url, body, headers) -> None:
        self.asked.append(url)
        if url in self.down:
            raise UnavailableError("HTTP 503")
        self.got.append((url, body, dict(headers)))

    def ids(self, url="http://a/"):
        return [
            one["epcList"][0].rpartition(".")[2]
            for at, body, _ in self.got
            if at == url
            for one in json.loads(body)["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
        ]


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def traces() -> MemoryTraces:
    return MemoryTraces()


class HastyClock(ManualClock):
    """A clock that does not wait: a sleep moves it on. Looks run in threads, and nobody could say when to move it."""

    async def sleep(self, duration_s: float) -> None:
        self._elapsed_s += duration_s


@pytest.fixture
def clock() -> ManualClock:
    return HastyClock(START)


@pytest.fixture
async def put(traces):
    async def capture(*numbers, step="packing") -> None:
        events = [
            read_event(
                json.dumps(
                    {
                        "type": "ObjectEvent",
                        "eventTime": "2026-03-01T08:00:00Z",
                        "eventTimeZoneOffset": "+08:00",
                        "epcList": [f"urn:epc:id:sgtin:4012345.012345.{number}"],
                        "action": "OBSERVE",
                        "bizStep": step,
                    }
                ).encode()
            )
            for number in numbers
        ]
        await traces.capture(events, 0, whole=True)

    return capture


async def step(deliverer, times=1):
    for _ in range(times):
        await deliverer.step()


async def test_each_new_event_is_told_once(traces, put, receiver, clock) -> None:
    await put(1)
    await subscribe(traces, Subscription(id="s", query=PACKED, dest="http://a/", told=1))
    deliverer = Deliverer(traces, receiver, clock)
    for number in range(2, 6):
        await put(number)
        await put(number + 100, step="receiving")
        await step(deliverer, 2)

    assert receiver.ids() == ["2", "3", "4", "5"]


async def test_a_restart_repeats_nothing(traces, put, receiver, clock) -> None:
    await subscribe(traces, Subscription(id="s", query=PACKED, dest="http://a/"))
    await put(1, 2)
    await step(Deliverer(traces, receiver, clock))
    await step(Deliverer(traces, receiver, clock), 3)

    assert receiver.ids() == ["1", "2"]


async def test_a_receiver_that_is_down_gets_all_later_and_holds_up_nobody(traces, put, receiver, clock) -> None:
    for key in "ab":
        await subscribe(traces, Subscription(id=key, query=PACKED, dest=f"http://{key}/"))
    receiver.down.add("http://a/")
    await put(*range(BATCH + 3))
    deliverer = Deliverer(traces, receiver, clock)
    await step(deliverer, 20)
    tried = receiver.asked.count("http://a/")
    receiver.down.clear()
    await step(deliverer, 40)

    assert 2 <= tried <= 5
    assert receiver.ids("http://b/") == receiver.ids("http://a/") == [str(n) for n in range(BATCH + 3)]


async def test_a_message_is_signed_with_the_receivers_token(traces, put, receiver, clock) -> None:
    await subscribe(traces, Subscription(id="s", query=PACKED, dest="http://a/", token="0123456789abcdef"))
    await put(1)
    await step(Deliverer(traces, receiver, clock))

    [(_, body, headers)] = receiver.got
    assert headers["GS1-Signature"] == signature("0123456789abcdef", body)
    assert headers["GS1-Signature"] != signature("another", body)


async def test_what_a_query_does_not_find_still_moves_its_mark(traces, put, receiver, clock) -> None:
    await subscribe(traces, Subscription(id="s", query=PACKED, dest="http://a/"))
    await put(1, 2, step="receiving")
    await step(Deliverer(traces, receiver, clock))

    assert receiver.asked == []
    assert (await subscriptions(traces))["s"].told == 2


async def test_there_are_so_many_subscriptions_and_queries_and_no_more(traces) -> None:
    for number in range(100):
        await subscribe(traces, Subscription(id=f"s{number}", query=PACKED))
    for number in range(200):
        await name_query(traces, NamedQuery(name=f"q{number}", query={}))

    with pytest.raises(RefusedError):
        await subscribe(traces, Subscription(id="one-more", query=PACKED))
    with pytest.raises(RefusedError):
        await name_query(traces, NamedQuery(name="one-more", query={}))
    await subscribe(traces, Subscription(id="s5", query=PACKED, told=7))


async def test_a_query_that_cannot_be_answered_gets_no_name(traces) -> None:
    with pytest.raises(QueryError):
        await name_query(traces, NamedQuery(name="x", query={"EQ_colour": "red"}))
