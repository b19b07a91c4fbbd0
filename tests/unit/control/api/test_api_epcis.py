import json
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from control.api.epcis.schemas import DOCUMENT_EXAMPLE, EPCIS_BODY_LIMIT, EVENT_EXAMPLE

BASE = "/epcis/v2"
DATA = Path(__file__).parents[5] / "shared/data/epcis"


def event(number: int, **fields):
    at = f"2026-03-01T08:{number // 60 % 60:02}:{number % 60:02}Z"
    return {
        **DOCUMENT_EXAMPLE["epcisBody"]["eventList"][0],
        "eventTime": at,
        "epcList": [f"urn:epc:id:sgtin:4012345.012345.{number}"],
        **fields,
    }


def document(*events, **fields):
    return {**DOCUMENT_EXAMPLE, **fields, "epcisBody": {"eventList": list(events)}}


@pytest.fixture
def capture(client):
    def post(*events, **headers):
        body = events[0] if len(events) == 1 and "epcisBody" in events[0] else document(*events)
        return client.post(f"{BASE}/capture", json=body, headers={k.replace("_", "-"): v for k, v in headers.items()})

    return post


@pytest.fixture
def ask(client):
    def get(path="/events", **query):
        answer = client.get(f"{BASE}{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]

    return get


def times(events):
    return [one["eventTime"] for one in events]


def test_a_document_is_taken_in_and_its_job_says_so(client, capture) -> None:
    answer = capture(event(1), event(2))

    assert answer.status_code == 202
    job = client.get(answer.headers["location"]).json()
    assert (job["running"], job["success"], job["captured"], job["errors"]) == (False, True, 2, [])
    assert client.get(f"{BASE}/capture").json() == [job]
    assert client.get(f"{BASE}/capture/none").status_code == 404


def test_a_document_with_a_fault_is_refused_whole_and_told_where(capture, ask) -> None:
    answer = capture(event(1), event(2, bizStep="transforming"))

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    [place] = answer.json()["errors"]
    assert (place["place"], place["reason"]) == ("/epcisBody/eventList/1/bizStep", "not-in-vocabulary")
    assert ask() == []


def test_with_proceed_the_good_events_are_taken_and_the_job_names_the_others(client, capture, ask) -> None:
    capture(event(1, eventID="urn:x:1"))
    answer = capture(
        event(2), event(3, action="SEE"), event(4, eventID="urn:x:1"), GS1_Capture_Error_Behaviour="proceed"
    )

    job = client.get(answer.headers["location"]).json()
    assert (answer.status_code, job["success"], job["captured"]) == (202, False, 1)
    assert [(one["pointer"], one["reason"]) for one in job["errors"]] == [
        ("/epcisBody/eventList/1/action", "not-in-vocabulary"),
        ("", "event-id-taken"),
    ]
    assert len(ask()) == 2


def test_an_id_of_another_event_is_a_conflict(capture) -> None:
    capture(event(1, eventID="urn:x:1"))

    answer = capture(event(2, eventID="urn:x:1"))

    assert (answer.status_code, answer.json()["code"]) == (409, "event-id-taken")


def test_a_single_event_is_taken_once(client) -> None:
    first = client.post(f"{BASE}/events", json=EVENT_EXAMPLE)
    again = client.post(f"{BASE}/events", json=EVENT_EXAMPLE)

    assert (first.status_code, again.status_code) == (201, 409)
    found = client.get(first.headers["location"]).json()
    assert {key: value for key, value in found.items() if key not in {"eventID", "recordTime"}} == EVENT_EXAMPLE
    assert found["eventID"].startswith("ni:///sha-256;")
    assert client.get(f"{BASE}/events/{quote(found['eventID'], safe='')}").json() == found
    assert client.get(f"{BASE}/events/urn:x:none").status_code == 404


def test_only_json_is_taken(client) -> None:
    answer = client.post(f"{BASE}/capture", content=b"<epcis/>", headers={"Content-Type": "application/xml"})

    assert answer.status_code == 415
    not_json = client.post(f"{BASE}/capture", content=b"{", headers={"Content-Type": "application/json"})
    assert (not_json.status_code, not_json.json()["code"]) == (400, "invalid-epcis")


def test_a_document_may_be_long_but_not_too_long(client) -> None:
    headers = {"Content-Type": "application/json"}

    at_limit = client.post(f"{BASE}/capture", content=b" " * EPCIS_BODY_LIMIT, headers=headers)
    past_it = client.post(f"{BASE}/capture", content=b" " * (EPCIS_BODY_LIMIT + 1), headers=headers)

    assert (at_limit.status_code, past_it.status_code) == (400, 413)


def test_a_document_of_too_many_events_is_refused(capture) -> None:
    answer = capture(*([event(1)] * 2001))

    assert answer.json()["errors"][0]["place"] == "/epcisBody/eventList"


def test_events_are_found_by_what_they_say(capture, ask) -> None:
    room = {"sensorElementList": [{"sensorReport": [{"type": "Temperature", "value": 9.5, "uom": "CEL"}]}]}
    capture(
        event(1, bizStep="packing", persistentDisposition={"set": ["unavailable"]}),
        event(2, readPoint={"id": "urn:epc:id:sgln:4012345.00005.7"}, disposition="in_transit"),
        event(3, **room, bizTransactionList=[{"type": "po", "bizTransaction": "urn:x:po:1"}]),
    )

    assert times(ask(EQ_bizStep="packing")) == times(ask(EQ_persistentDisposition_set="unavailable"))
    assert len(ask(WD_readPoint="https://id.gs1.org/414/4012345000054")) == 3
    assert len(ask(EQ_readPoint="https://id.gs1.org/414/4012345000054")) == 2
    assert times(ask(GE_value_CEL="8")) == times(ask(EQ_bizTransaction_po="urn:x:po:1")) == ["2026-03-01T08:00:03Z"]
    assert len(ask(EQ_bizStep="packing,receiving")) == 3
    assert times(ask(GE_eventTime="2026-03-01T16:00:02+08:00", LT_eventTime="2026-03-01T08:00:03Z")) == [
        "2026-03-01T08:00:02Z"
    ]
    assert len(ask(MATCH_epc="https://id.gs1.org/01/04012345123456/21/2")) == 1
    assert len(ask(eventType="AggregationEvent")) == 0


@pytest.mark.parametrize(
    "query",
    [
        {"EQ_colour": "red"},
        {"eventType": "QuantityEvent"},
        {"GE_eventTime": "yesterday"},
        {"perPage": "0"},
        {"perPage": "1001"},
        {"orderBy": "colour"},
        {"nextPageToken": "x"},
        {"MATCH_epc": "urn:epc:idpat:sgtin:4012345.*.*"},
        {"eventCountLimit": "1", "maxEventCount": "1"},
        {"GE_value_CEL": "warm"},
    ],
)
def test_a_parameter_that_is_not_understood_is_named(client, query) -> None:
    answer = client.get(f"{BASE}/events", params=query)

    assert (answer.status_code, answer.json()["code"]) == (400, "query-parameter")


def test_formats_that_are_not_offered_are_refused(client) -> None:
    assert client.get(f"{BASE}/events", headers={"GS1-EPC-Format": "Always_EPC_URN"}).status_code == 422


def test_pages_follow_each_other_by_link(client, capture) -> None:
    capture(*(event(n) for n in range(7)))
    url, seen = f"{BASE}/events?perPage=3", []
    while url:
        answer = client.get(url)
        seen += times(answer.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"])
        capture(event(len(seen), bizStep="packing"))
        url = answer.links.get("next", {}).get("url")

    assert seen == [f"2026-03-01T08:00:0{n}Z" for n in range(7)]
    assert client.delete(f"{BASE}/nextPageToken/any").status_code == 204


def test_a_token_belongs_to_its_query(client, capture) -> None:
    capture(*(event(n) for n in range(3)))
    url = client.get(f"{BASE}/events?perPage=1").links["next"]["url"]

    assert client.get(f"{url}&EQ_bizStep=packing").status_code == 400


def test_counts_are_limits(client, capture, ask) -> None:
    capture(*(event(n) for n in range(5)))

    assert len(ask(eventCountLimit="2")) == 2
    assert "next" not in client.get(f"{BASE}/events", params={"eventCountLimit": "2"}).links
    assert len(ask(maxEventCount="5")) == 5
    assert client.get(f"{BASE}/events", params={"maxEventCount": "4"}).status_code == 413


def test_collections_list_what_events_have(client, capture, ask) -> None:
    capture(event(1, bizStep="packing", disposition="in_transit"), event(2))

    def members(name):
        return client.get(f"{BASE}/{name}").json()["member"]

    assert members("bizSteps") == ["packing", "receiving"]
    assert members("dispositions") == ["in_transit"]
    assert members("readPoints") == ["https://id.gs1.org/414/4012345000054"]
    assert members("bizLocations") == []
    assert len(members("eventTypes")) == 5
    assert len(members("epcs")) == 2
    assert len(ask("/bizSteps/packing/events")) == 1
    assert len(ask(f"/epcs/{quote('urn:epc:id:sgtin:4012345.012345.2', safe='')}/events")) == 1
    assert len(ask(f"/readPoints/{quote('https://id.gs1.org/414/4012345000054', safe='')}/events", perPage="1")) == 1
    first = client.get(f"{BASE}/epcs?perPage=1").json()
    assert client.get(f"{BASE}/epcs", params={"nextPageToken": first["nextPageToken"]}).json()["member"] == [
        "https://id.gs1.org/01/04012345123456/21/2"
    ]


def test_a_query_has_a_name(client, capture, ask) -> None:
    capture(event(1, bizStep="packing"), event(2))
    body = {"name": "packed", "query": {"EQ_bizStep": ["packing"]}}

    assert client.post(f"{BASE}/queries", json=body).status_code == 201
    assert client.post(f"{BASE}/queries", json=body).status_code == 409
    assert client.get(f"{BASE}/queries").json() == [body]
    assert client.get(f"{BASE}/queries/packed").json() == body
    assert len(ask("/queries/packed/events")) == 1
    assert client.post(f"{BASE}/queries", json={"name": "x", "query": {"EQ_colour": "red"}}).status_code == 400
    assert client.delete(f"{BASE}/queries/packed").status_code == 204
    assert client.get(f"{BASE}/queries/packed/events").status_code == 404


def test_a_webhook_subscribes_and_its_token_is_never_shown(client, capture) -> None:
    capture(event(1))
    client.post(f"{BASE}/queries", json={"name": "all", "query": {}})
    path = f"{BASE}/queries/all/subscriptions"
    body = {"dest": "https://shop.example/epcis", "signatureToken": "0123456789abcdef"}

    made = client.post(path, json=body)

    assert made.status_code == 201
    assert made.json()["toldRecord"] == 1
    assert "0123456789abcdef" not in client.get(path).text + made.text
    early = client.post(path, json={**body, "initialRecordTime": "2020-01-01T00:00:00Z"}).json()
    assert early["toldRecord"] == 0
    assert client.delete(f"{BASE}/queries/all").status_code == 409
    for one in (made.json(), early):
        assert client.get(f"{path}/{one['subscriptionID']}").json() == one
        assert client.delete(f"{path}/{one['subscriptionID']}").status_code == 204
    assert client.get(path).json() == []
    assert client.post(path, json={**body, "stream": False}).status_code == 409
    assert client.post(path, json={**body, "dest": "ftp://shop.example"}).status_code == 422


def test_a_websocket_is_told_of_new_events_and_goes_on_where_it_was(client, capture) -> None:
    client.post(f"{BASE}/queries", json={"name": "packed", "query": {"EQ_bizStep": ["packing"]}})
    capture(event(1, bizStep="packing"))
    path = f"ws://127.0.0.1:8000{BASE}/queries/packed/subscriptions"
    with client.websocket_connect(path + "?after=0") as socket:
        mine = socket.receive_json()["subscriptionID"]
        told = socket.receive_json()["toldRecord"]
        first = json.loads(socket.receive_text())
    capture(event(2), event(3, bizStep="packing"))
    with client.websocket_connect(f"{path}?subscription={mine}&after={told}") as socket:
        socket.receive_json()
        assert socket.receive_json()["toldRecord"] == 3
        second = json.loads(socket.receive_text())

    for document_told, at in ((first, "2026-03-01T08:00:01Z"), (second, "2026-03-01T08:00:03Z")):
        results = document_told["epcisBody"]["queryResults"]
        assert results["subscriptionID"] == mine
        assert times(results["resultsBody"]["eventList"]) == [at]


@pytest.mark.parametrize("folder", ["valid", "invalid"])
def test_the_public_documents_are_captured_or_refused(capture, ask, clock, folder) -> None:
    if not DATA.is_dir():
        pytest.skip("the public EPCIS documents are not beside the repository (../shared/data/epcis)")
    documents = [json.loads(path.read_bytes()) for path in sorted((DATA / folder).glob("*.json"))]

    answers = [capture(one) for one in documents]

    if folder == "invalid":
        assert {answer.status_code for answer in answers} == {400}
        assert all(answer.json()["errors"][0]["place"].startswith("/") for answer in answers)
        return
    assert {answer.status_code for answer in answers} == {202}
    back = ask(orderBy="recordTime", perPage="100")
    given_events = [one for each in documents for one in each["epcisBody"]["eventList"]]
    assert len(back) == len(given_events)
    for one, came in zip(given_events, back, strict=True):
        assert {k: v for k, v in came.items() if k in one and k != "recordTime"} == {
            k: v for k, v in one.items() if k != "recordTime"
        }
    assert timedelta(0) == clock.now() - clock.now()


ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.text(st.characters(categories=("L", "N")), min_size=1, max_size=9), ANY, max_size=4))
def test_fields_of_anybodys_come_back_as_they_were_given(client, fields) -> None:
    own = {f"shop:{name}": value for name, value in fields.items()}
    given_event = {**EVENT_EXAMPLE, "@context": [*EVENT_EXAMPLE["@context"], {"shop": "https://shop.example/"}], **own}

    answer = client.post(f"{BASE}/events", json=given_event)

    assert answer.status_code in {201, 409}
    if answer.status_code == 201:
        back = answer.json()
        assert list({k: v for k, v in back.items() if k in given_event}) == list(given_event)
        assert all(back[name] == value for name, value in given_event.items())
