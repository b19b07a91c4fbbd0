"""The floor over HTTP: acts in, what follows out, and everything that is known of a parcel."""

import asyncio
from decimal import Decimal

import msgspec
import pytest
from declarations import NOON, declared, exported
from starlette.testclient import TestClient

from coldport.clock import ManualClock
from control.api.app import create_app
from control.api.desk_memory import MemoryDesk
from control.historian.memory import MemoryHistorian
from control.inspection.ceb import writer
from dashboards import web_root

ACTS = "/api/v1/floor/acts"
STOCK = [
    {"entry": "bin-set", "bin": "a1", "zone": "c1", "temperature_class": "chilled", "capacity": "100", "walk": 1},
    {
        "entry": "stock-lot-named",
        "lot": "l1",
        "item": "tea",
        "unit": "011",
        "owner": "e",
        "temperature_class": "chilled",
    },
    {"entry": "stock-moved", "verb": "receive", "lot": "l1", "quantity": "1", "bin": "a1"},
]


@pytest.fixture
def client(one_room):
    site = one_room()
    app = create_app(MemoryDesk(site, ManualClock(NOON)), MemoryHistorian(), web_root())
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield client


def do(client, act, status=201):
    answer = client.post(ACTS, content=msgspec.json.encode({"by": "li"} | msgspec.to_builtins(act)))
    assert answer.status_code == status, answer.text
    return answer.json()


def test_a_parcel_shows_its_papers_what_the_rules_say_and_all_that_happened(client):
    for document in exported().values():
        do(client, declared(document))
    do(client, {"entry": "parcel-received", "logistics_no": "E1"})
    parcel = client.get("/api/v1/floor/parcels/E1", params={"language": "en"}).json()
    assert (parcel["parcel"]["state"], parcel["clearance"]) == ("received", "pending")
    assert [paper["type"] for paper in parcel["papers"][0]["papers"]] == ["303", "403", "505", "603"]
    assert all(rule["said"] for rule in parcel["papers"][0]["rules"])
    assert parcel["history"][0]["content"]["entry"] == "parcel-received"
    assert [one["logistics_no"] for one in client.get("/api/v1/floor/parcels").json()] == ["E1"]


def test_a_document_that_is_on_record_already_is_no_error(client):
    order = declared(exported()["order"])
    do(client, order)
    assert do(client, order) == {"follows": []}


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"{", 400, "truncated"),
        (b"[]", 400, "object"),
        (b'{"entry": "flown"}', 400, "flown"),
        (b'{"entry": "parcel-received", "by": "li"}', 400, "logistics_no"),
        (b'{"entry": "judged", "by": "li"}', 400, "judged"),
        (b'{"entry": "parcel-moved", "by": "li", "logistics_no": "p", "step": "line"}', 404, "has not been received"),
        (b'{"entry": "scanned", "by": "li", "lane": "l", "code": "c"}', 404, "no lanes"),
    ],
)
def test_what_is_no_act_is_told_where_it_is_wrong(client, body, status, said):
    answer = client.post(ACTS, content=body)
    assert answer.status_code == status
    assert said in answer.json()["detail"]


def test_what_cannot_have_happened_is_refused_with_the_reason(client):
    do(client, {"entry": "parcel-received", "logistics_no": "p"})
    problem = do(client, {"entry": "parcel-received", "logistics_no": "p"}, status=409)
    assert "was received at" in problem["detail"]


def test_a_message_of_customs_is_taken_in_and_what_is_refused_is_named(client):
    documents = (exported(1)["inventory"], exported(2)["inventory"])
    transfer = {"cop_code": "4301960004", "cop_name": "Broker", "dxp_id": "DXP1"}
    body = writer.write(documents, msgspec.convert(transfer, writer.Transfer), "A" * 36)
    answer = client.post("/api/v1/floor/messages", params={"by": "li"}, content=body)
    assert answer.status_code == 201, answer.text
    assert (answer.json()["taken"], answer.json()["refused"]) == (2, [])
    again = client.post("/api/v1/floor/messages", params={"by": "li"}, content=body)
    assert again.json()["taken"] == 2
    assert client.post("/api/v1/floor/messages", params={"by": "li"}, content=b"<a>").status_code == 400


@pytest.mark.parametrize(("asked", "source"), [({}, "xml"), ({"pass_on": "true"}, "api")])
def test_a_message_that_is_to_be_passed_on_is_declared_by_the_site(client, asked, source):
    transfer = {"cop_code": "4301960004", "cop_name": "Broker", "dxp_id": "DXP1"}
    body = writer.write([exported()["inventory"]], msgspec.convert(transfer, writer.Transfer), "A" * 36)
    client.post("/api/v1/floor/messages", params={"by": "li"} | asked, content=body)
    (entry,) = client.get("/api/v1/floor/parcels/E1").json()["history"]
    assert entry["content"]["source"] == source


async def test_of_eight_callers_who_want_the_last_unit_exactly_one_gets_it(client):
    for act in STOCK:
        do(client, act)
    do(client, {"entry": "stock-moved", "verb": "put-away", "lot": "l1", "quantity": "1", "bin": "a1"}, status=409)
    do(client, STOCK[0] | {"bin": "a2", "walk": 2})
    do(client, {"entry": "stock-moved", "verb": "put-away", "lot": "l1", "quantity": "1", "bin": "a1", "to_bin": "a2"})

    def reserve(worker: int) -> int:
        act = {
            "entry": "stock-moved",
            "verb": "reserve",
            "lot": "l1",
            "quantity": "1",
            "bin": "a2",
            "order": f"o{worker}",
        }
        return client.post(ACTS, content=msgspec.json.encode(act | {"by": "li"})).status_code

    answers = await asyncio.gather(*(asyncio.to_thread(reserve, worker) for worker in range(8)))
    assert sorted(answers) == [201] + [409] * 7
    (held,) = client.get("/api/v1/floor/stock").json()
    assert (held["status"], Decimal(held["quantity"])) == ("reserved", Decimal(1))


def test_what_to_take_and_where_to_put_is_advised(client):
    for act in STOCK:
        do(client, act)
    do(client, STOCK[0] | {"bin": "a2", "walk": 2})
    do(client, {"entry": "stock-moved", "verb": "put-away", "lot": "l1", "quantity": "1", "bin": "a1", "to_bin": "a2"})
    asked = {"item": "tea", "quantity": "1", "today": "2026-03-01"}
    assert client.get("/api/v1/floor/stock/take", params=asked).json() == [{"lot": "l1", "bin": "a2", "quantity": "1"}]
    assert client.get("/api/v1/floor/stock/put/l1", params={"quantity": "5"}).json() == ["a2", "a1"]


def test_book_and_shelf_that_differ_are_a_row(client):
    lines = [{"account": "T3105W000293", "item": 7, "quantity": "10"}]
    do(client, {"entry": "book-declared", "document": "d", "inbound": True, "lines": lines})
    do(client, {"entry": "book-released", "document": "d"})
    do(client, {"entry": "book-on-pass", "document": "d", "number": "Z1", "lines": lines})
    do(client, {"entry": "book-through", "document": "d", "number": "Z1"})
    assert client.get("/api/v1/floor/book").json()["T3105W000293/7"]["available"] == "10"
    (row,) = client.get("/api/v1/floor/book/differences").json()
    assert (row["book"], row["shelf"], row["customs"]) == ("10", "0", None)


def test_every_act_is_in_the_description(client):
    described = client.get("/api/v1/openapi.json").json()["components"]["schemas"]
    assert {"FloorAct", "ParcelMoved", "StockMoved", "Declared", "GateJudged"} <= described.keys()


def test_a_floor_without_anything_is_shown_as_empty(client):
    for path, empty in (("parcels", []), ("lanes", {}), ("vehicles", []), ("legs", []), ("stock", []), ("book", {})):
        assert client.get(f"/api/v1/floor/{path}").json() == empty
    for path in ("parcels/none", "passes/none"):
        assert client.get(f"/api/v1/floor/{path}").status_code == 404


def test_a_consignment_and_an_order_are_shown_with_what_happened_to_them(client):
    lines = [{"account": "T3105W000293", "item": 7, "quantity": "10"}]
    do(client, {"entry": "inbound-noticed", "inbound": "c1", "lines": lines})
    do(client, {"entry": "inbound-moved", "inbound": "c1", "step": "declare", "document": "QD1"})
    shown = client.get("/api/v1/floor/inbounds/c1").json()
    assert (shown["inbound"]["state"], len(shown["history"])) == ("declared", 2)
    assert [one["inbound"] for one in client.get("/api/v1/floor/inbounds?state=declared").json()] == ["c1"]
    assert client.get("/api/v1/floor/inbounds?state=booked").json() == []
    for act in (*STOCK, STOCK[0] | {"bin": "a2"}):
        do(client, act)
    do(client, {"entry": "stock-moved", "verb": "put-away", "lot": "l1", "quantity": "1", "bin": "a1", "to_bin": "a2"})
    do(client, {"entry": "stock-moved", "verb": "reserve", "lot": "l1", "quantity": "1", "bin": "a2", "order": "o1"})
    shown = client.get("/api/v1/floor/orders/e/o1").json()
    assert (shown["order"]["state"], shown["clearance"], len(shown["stock"])) == ("reserved", "none", 1)
    assert shown["history"][0]["content"]["verb"] == "reserve"
    assert [one["order"] for one in client.get("/api/v1/floor/orders").json()] == ["o1"]
    assert client.get("/api/v1/floor/orders/e/o2").status_code == 404


def test_what_a_count_found_is_a_row_until_it_is_adjusted(client):
    account = {"account": "T3105W000293", "account_item": 7}
    for act in (
        *(one | account if one["entry"] == "stock-lot-named" else one for one in STOCK),
        STOCK[0] | {"bin": "a2"},
    ):
        do(client, act)
    do(client, {"entry": "stock-moved", "verb": "put-away", "lot": "l1", "quantity": "1", "bin": "a1", "to_bin": "a2"})
    do(client, {"entry": "stock-counted", "lot": "l1", "bin": "a2", "counted": "3"})
    (row,) = client.get("/api/v1/floor/book/differences").json()
    assert (row["shelf"], row["counted"]) == ("1", "2")
    assert "counted-over" in row["causes"]
    adjusted = {"entry": "stock-moved", "verb": "adjust-up", "lot": "l1", "quantity": "2", "bin": "a2"}
    do(client, adjusted | {"reason": "counted", "approved_by": "wu"})
    (row,) = client.get("/api/v1/floor/book/differences").json()
    assert (row["shelf"], row["counted"]) == ("3", "0")
    assert "counted-over" not in row["causes"]
    do(client, {"entry": "stock-counted", "lot": "l1", "bin": "a2", "counted": "2"})
    (row,) = client.get("/api/v1/floor/book/differences").json()
    assert (row["counted"], "counted-short" in row["causes"]) == ("-1", True)


def test_the_watch_list_is_shown_with_who_put_on_it_and_why(client):
    entry = {"entry": "watch-put", "name": "w1", "watched": "country", "value": "502", "reason": "r"}
    do(client, entry, status=400)
    do(client, entry | {"approved_by": "li"}, status=409)
    do(client, entry | {"approved_by": "wu"})
    (shown,) = client.get("/api/v1/floor/watch").json()
    assert (shown["name"], shown["by"], shown["approved_by"], shown["reason"]) == ("w1", "li", "wu", "r")
    do(client, {"entry": "watch-taken", "name": "w1", "reason": "cleared", "approved_by": "wu"})
    assert client.get("/api/v1/floor/watch").json() == []
