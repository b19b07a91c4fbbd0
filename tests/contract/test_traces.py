"""What every store of EPCIS events promises, by memory and by disk."""

import itertools
import json
from collections.abc import AsyncIterator

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coldport.errors import RefusedError
from control.traceability.document import read_document, read_event, write_event
from control.traceability.event import Event
from control.traceability.memory import MemoryTraces
from control.traceability.ports import EventTakenError, Mark, Traces
from control.traceability.query import Query, parse
from control.traceability.sqlite import SqliteTraces

NOW = 1_770_000_000_000_000
PLACES = ("urn:epc:id:sgln:4012345.00001.0", "urn:epc:id:sgln:4012345.00001.7", "urn:epc:id:sgln:4012345.00002.0")


@pytest.fixture(params=["memory", "sqlite"])
async def traces(request, tmp_path) -> AsyncIterator[Traces]:
    if request.param == "memory":
        yield MemoryTraces()
        return
    store = SqliteTraces(tmp_path / "epcis.sqlite")
    yield store
    store.close()


def event(number: int, **fields: object) -> Event:
    body = {
        "type": "ObjectEvent",
        "eventTime": f"2026-03-01T08:{number // 60 % 60:02}:{number % 60:02}Z",
        "eventTimeZoneOffset": "+08:00",
        "epcList": [f"urn:epc:id:sgtin:4012345.012345.{number}"],
        "action": "OBSERVE",
        **fields,
    }
    return read_event(json.dumps(body).encode())


async def ids(traces: Traces, query: Query | None = None, limit: int = 100) -> list[int]:
    page = await traces.page(query or Query(), None, limit)
    return [one.record for one in page.found]


async def test_what_is_captured_comes_back_as_it_was_given(traces) -> None:
    given = event(1, readPoint={"id": PLACES[0]})

    await traces.capture([given], NOW, whole=True)

    [found] = (await traces.page(Query(), None, 10)).found
    assert (found.record, found.recorded_at, found.body, found.event_id) == (1, NOW, given.body, given.event_id)


async def test_the_same_event_is_kept_once(traces) -> None:
    first = await traces.capture([event(1), event(2), event(1)], NOW, whole=True)
    again = await traces.capture([event(2), event(3)], NOW + 1, whole=True)

    assert (first.new, again.new, await traces.last()) == (2, 1, 3)


async def test_an_id_belongs_to_one_content(traces) -> None:
    await traces.capture([event(1, eventID="urn:x:1")], NOW, whole=True)

    with pytest.raises(EventTakenError):
        await traces.capture([event(2), event(3, eventID="urn:x:1")], NOW, whole=True)
    assert await traces.last() == 1
    proceeded = await traces.capture([event(2), event(3, eventID="urn:x:1")], NOW, whole=False)
    assert (proceeded.new, proceeded.taken, await traces.last()) == (1, ("urn:x:1",), 2)


async def test_a_declaration_of_error_stands_beside_the_event_and_edits_nothing(traces) -> None:
    declared = event(1, eventID="urn:x:1", errorDeclaration={"declarationTime": "2026-03-02T00:00:00Z"})
    await traces.capture([event(1, eventID="urn:x:1"), declared], NOW, whole=True)

    assert await ids(traces) == [1, 2]
    assert await ids(traces, parse({"EXISTS_errorDeclaration": "true"})) == [2]
    assert await ids(traces, parse({"EXISTS_errorDeclaration": "false"})) == [1]
    newest = await traces.event("urn:x:1")
    assert newest is not None
    assert newest.record == 2
    assert await traces.event("urn:x:2") is None


async def test_a_link_finds_what_was_captured_as_a_urn(traces) -> None:
    await traces.capture([event(n) for n in range(5)], NOW, whole=True)

    assert await ids(traces, parse({"MATCH_epc": "https://example.com/01/04012345123456/21/3"})) == [4]
    assert await ids(traces, parse({"MATCH_epc": "urn:epc:idpat:sgtin:4012345.012345.*"})) == [1, 2, 3, 4, 5]


async def test_a_beginning_that_stands_for_too_many_is_refused(traces) -> None:
    await traces.capture([event(n) for n in range(1001)], NOW, whole=True)

    with pytest.raises(RefusedError):
        await traces.page(parse({"MATCH_epc": "urn:epc:idpat:sgtin:4012345.012345.*"}), None, 10)


async def test_pages_neither_repeat_nor_skip_while_events_come_in(traces) -> None:
    await traces.capture([event(n * 2) for n in range(10)], NOW, whole=True)
    seen: list[int] = []
    mark = None
    for turn in itertools.count():
        page = await traces.page(Query(), mark, 3)
        seen += [one.record for one in page.found]
        if not page.more:
            break
        mark = Mark(page.found[-1].at, page.found[-1].record, page.ceiling)
        await traces.capture([event(n, bizStep="packing") for n in (turn, turn + 9, turn + 18)], NOW + turn, whole=True)

    assert seen == list(range(1, 11))


async def test_records_since_a_number_come_in_their_order(traces) -> None:
    await traces.capture([event(5), event(1), event(3)], NOW, whole=True)

    assert [one.record for one in await traces.since(1, 1)] == [2]
    assert [one.record for one in await traces.since(0, 9)] == [1, 2, 3]


async def test_values_of_a_kind_are_listed_in_order(traces) -> None:
    await traces.capture([event(n, readPoint={"id": PLACES[n % 3]}) for n in range(6)], NOW, whole=True)

    first = await traces.values(["readPoint"], "", 2)
    assert first == ["https://id.gs1.org/414/4012345000016", "https://id.gs1.org/414/4012345000016/254/7"]
    assert await traces.values(["readPoint"], first[-1], 2) == ["https://id.gs1.org/414/4012345000023"]


async def test_a_shelf_holds_so_many_and_lets_the_oldest_go(traces) -> None:
    for key in "abcd":
        await traces.keep("jobs", key, key.encode(), 3)
    await traces.keep("jobs", "c", b"new", 3)

    assert await traces.kept("jobs") == {"b": b"b", "c": b"new", "d": b"d"}
    assert await traces.drop("jobs", "b")
    assert not await traces.drop("jobs", "b")
    assert await traces.kept("queries") == {}


STEPS = ("packing", "receiving", "https://example.com/step/weighing")
events = st.builds(
    lambda number, **fields: event(number, **{key: value for key, value in fields.items() if value is not None}),
    st.integers(0, 300),
    bizStep=st.none() | st.sampled_from(STEPS),
    readPoint=st.none() | st.sampled_from(PLACES).map(lambda place: {"id": place}),
    disposition=st.none() | st.sampled_from(["in_transit", "sellable_accessible"]),
    sensorElementList=st.none()
    | st.floats(-30, 30).map(
        lambda value: [{"sensorReport": [{"type": "Temperature", "value": round(value, 2), "uom": "CEL"}]}]
    ),
)
questions = st.fixed_dictionaries(
    {},
    optional={
        "EQ_bizStep": st.lists(st.sampled_from(STEPS), min_size=1, max_size=2).map(",".join),
        "EQ_readPoint": st.lists(st.sampled_from(PLACES), min_size=1, max_size=2).map(",".join),
        "WD_readPoint": st.sampled_from(PLACES),
        "EQ_disposition": st.sampled_from(["in_transit", "sellable_accessible"]),
        "GE_eventTime": st.integers(0, 4).map(lambda minute: f"2026-03-01T08:0{minute}:00Z"),
        "LT_eventTime": st.integers(0, 4).map(lambda minute: f"2026-03-01T16:0{minute}:30+08:00"),
        "GE_recordTime": st.just("2026-02-02T02:40:00.000002Z"),
        "GE_value_CEL": st.floats(-30, 30).map(str),
        "LT_value_CEL": st.floats(-30, 30).map(str),
        "MATCH_anyEPC": st.integers(0, 300).map(lambda n: f"urn:epc:id:sgtin:4012345.012345.{n}"),
        "orderBy": st.sampled_from(["eventTime", "recordTime"]),
        "orderDirection": st.sampled_from(["ASC", "DESC"]),
    },
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(events, max_size=30), questions, st.integers(1, 7))
async def test_disk_answers_every_question_as_memory_does(tmp_path_factory, given, question, size) -> None:
    memory, disk = MemoryTraces(), SqliteTraces(tmp_path_factory.mktemp("traces") / "epcis.sqlite")
    query = parse(question)
    try:
        for store in (memory, disk):
            for place in range(0, len(given), 7):
                await store.capture(given[place : place + 7], NOW + place // 7, whole=False)
        mark = None
        while True:
            expected = await memory.page(query, mark, size)
            assert await disk.page(query, mark, size) == expected
            if not expected.more:
                break
            mark = Mark(expected.found[-1].at, expected.found[-1].record, expected.ceiling)
    finally:
        disk.close()


async def test_the_public_documents_come_back_equal(traces, public_documents) -> None:
    for document in public_documents:
        taken = read_document(json.dumps(document).encode())
        assert taken.faults == ()
        await traces.capture(taken.events, NOW, whole=True)
    page = await traces.page(parse({"orderBy": "recordTime"}), None, 100)

    back = [json.loads(write_event(one)) for one in page.found]
    given = [event for document in public_documents for event in document["epcisBody"]["eventList"]]
    assert len(back) == len(given)
    for one, came in zip(given, back, strict=True):
        added = {key for key in ("recordTime", "eventID", "@context") if key not in one} | {"recordTime"}
        assert {k: v for k, v in came.items() if k not in added} == {k: v for k, v in one.items() if k not in added}
        assert [key for key in came if key not in added] == [key for key in one if key not in added]


@pytest.fixture
def public_documents():
    from pathlib import Path  # noqa: PLC0415

    folder = Path(__file__).parents[3] / "shared/data/epcis/valid"
    if not folder.is_dir():
        pytest.skip("the public EPCIS documents are not beside the repository (../shared/data/epcis)")
    return [msgspec.json.decode(path.read_bytes()) for path in sorted(folder.glob("*.json"))]
