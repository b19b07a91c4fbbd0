"""Keys over HTTP: who is let in, where, to what, and what is written down of it."""

import pytest
from declarations import answer, changed, declared, exported
from starlette.websockets import WebSocketDisconnect

from coldport.errors import UnavailableError
from control.access.bucket import BURST
from control.access.party import SITE, PartyKind, Scope
from control.inspection.ceb.reader import Transfer
from control.inspection.ceb.writer import write, write_receipts

LOTS = "/api/v1/lots"
TRANSFER = Transfer(cop_code="4301960004", cop_name="Broker", dxp_id="DXPENT0000000001")


@pytest.fixture
def two(house):
    """Return a house where acme and bolt each have a lot and a parcel."""
    house.add("acme", PartyKind.ENTERPRISE, "4301960002")
    house.add("bolt", PartyKind.ENTERPRISE, "4301960009")
    house.receive("tea-1", "acme")
    house.receive("tea-2", "bolt")
    house.receive("tea-3", None)
    house.declare(1, "4301960002")
    house.declare(2, "4301960009")
    return house


def names(answer) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [one.get("id") or one.get("logistics_no") for one in answer.json()]


def test_without_a_key_the_machine_itself_is_the_site_and_the_platform_is_closed(two):
    assert names(two.here.get(LOTS)) == ["tea-1", "tea-2", "tea-3"]
    refused = two.there.get(LOTS)
    assert (refused.status_code, refused.json()["code"]) == (401, "key-needed")
    assert refused.headers["www-authenticate"] == "Bearer"
    assert two.visits() == []


@pytest.mark.parametrize("place", ["here", "there"])
def test_a_key_is_its_party_wherever_it_is_used(two, place):
    client, key = getattr(two, place), two.key("acme")
    assert names(client.get(LOTS, headers=key)) == ["tea-1"]
    assert client.get(f"{LOTS}/tea-1", headers=key).status_code == 200
    assert names(client.get("/api/v1/floor/parcels", headers=key)) == ["E1"]
    parcel = client.get("/api/v1/floor/parcels/E1", headers=key).json()
    assert parcel["clearance"]
    assert parcel["history"] == []


@pytest.mark.parametrize("path", [f"{LOTS}/tea-2", f"{LOTS}/tea-3", "/api/v1/floor/parcels/E2"])
def test_what_is_anothers_is_answered_as_what_is_not_there(two, path):
    key = two.key("acme")
    foreign = two.there.get(path, headers=key).json()
    absent = two.there.get(path + "0", headers=key).json()
    assert foreign["status"] == absent["status"] == 404
    assert {**foreign, "instance": ""} == {**absent, "instance": ""}


def test_a_parcel_that_two_shippers_claim_is_neithers(two):
    two.declare(3, "4301960002")
    key = two.key("acme")
    assert two.there.get("/api/v1/floor/parcels/E3", headers=key).status_code == 200
    two.desk.record(declared(changed(exported(3)["inventory"], ebc_code="4301960009", cop_no="XC99")))
    for party in ("acme", "bolt"):
        assert two.there.get("/api/v1/floor/parcels/E3", headers=two.key(party)).status_code == 404


def test_a_regulator_sees_everything_of_its_scopes_with_its_history(two):
    two.add("customs", PartyKind.REGULATOR)
    key = two.key("customs", Scope.CONSIGNMENTS_READ)
    assert names(two.there.get("/api/v1/floor/parcels", headers=key)) == ["E2", "E1"]
    assert two.there.get("/api/v1/floor/parcels/E2", headers=key).json()["history"]
    refused = two.there.get(LOTS, headers=key)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


def test_a_grant_opens_what_it_names_and_only_until_its_end(two):
    two.grant("bolt", "acme", Scope.LOTS_READ, "tea-2", days=1)
    key = two.key("acme")
    assert names(two.there.get(LOTS, headers=key)) == ["tea-1", "tea-2"]
    assert two.there.get(f"{LOTS}/tea-2", headers=key).status_code == 200
    two.jump(two.desk.access.state.grants["g-0"].until)
    assert names(two.there.get(LOTS, headers=key)) == ["tea-1"]
    assert two.there.get(f"{LOTS}/tea-2", headers=key).status_code == 404


def test_the_site_shares_a_room_with_whoever_rents_it(two):
    two.grant(SITE, "acme", Scope.POINTS_READ, "c1")
    key = two.key("acme")
    seen = names(two.there.get("/api/v1/points", headers=key))
    assert seen
    assert all(name.startswith("c1-") for name in seen)
    assert two.there.get("/api/v1/points/c1-1-temperature/readings", headers=key).status_code == 200
    refused = two.there.get("/api/v1/points/t1-1-humidity/readings", headers=key)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


BAD = [
    "Bearer",
    "Bearer x",
    "Basic abc",
    "Bearer k-acme-0.AAAA",
    "Bearer none." + "A" * 43,
    "Bearer k-acme-0." + "A" * 43,
]


@pytest.mark.parametrize("said", BAD)
@pytest.mark.parametrize("path", [LOTS, "/no-such-page", "/cold"])
def test_a_token_that_is_worth_nothing_is_refused_everywhere(two, said, path):
    two.key("acme")
    for client in (two.here, two.there):
        refused = client.get(path, headers={"Authorization": said})
        assert (refused.status_code, refused.json()["code"]) == (401, "key-unknown")


def test_a_revoked_key_is_unknown_and_an_expired_one_is_over(two):
    key = two.key("acme", days=1)
    end = {"by": "Li"}
    two.jump(two.desk.access.key("k-acme-0").not_after)
    assert two.there.get(LOTS, headers=key).json()["code"] == "key-expired"
    assert two.here.post("/api/v1/access/keys/k-acme-0/revoke", json=end).status_code == 200
    assert two.there.get(LOTS, headers=key).json()["code"] == "key-unknown"
    assert two.here.post("/api/v1/access/keys/k-acme-0/revoke", json=end).status_code == 404


def test_a_key_that_asks_too_often_waits_and_no_other_does(two):
    acme, bolt = two.key("acme"), two.key("bolt")
    for _ in range(BURST):
        assert two.there.get("/api/v1/access/grants", headers=acme).status_code == 200
    waits = two.there.get(LOTS, headers=acme)
    assert (waits.status_code, waits.json()["code"], waits.headers["retry-after"]) == (429, "too-many-requests", "1")
    assert two.there.get(LOTS, headers=bolt).status_code == 200


def test_wrong_secrets_for_a_key_do_not_wear_it_out_and_are_not_written_down_without_end(two):
    key = two.key("acme")
    for _ in range(BURST + 5):
        two.there.get(LOTS, headers={"Authorization": "Bearer k-acme-0." + "A" * 43})
    assert two.there.get(LOTS, headers=key).status_code == 200
    assert 0 < sum(outcome == "wrong-secret" for _, _, outcome in two.visits()) <= 25


def test_the_platform_has_no_route_of_the_floor_and_no_page(two):
    two.add("house", PartyKind.WAREHOUSE)
    two.grant(SITE, "house", Scope.FLOOR_ACT)
    key = two.key("house")
    for path in ("/cold", "/static/cold.js", "/healthz", "/api/v1/access/parties", "/api/v1/floor/acts"):
        answer = two.there.post(path, json={}, headers=key) if "acts" in path else two.there.get(path, headers=key)
        assert answer.status_code in {404, 405}, path
    assert two.there.get("/api/v1/openapi.json").status_code == 200


def test_the_site_with_a_key_is_held_to_what_the_key_is_for(two):
    key = two.key(SITE, Scope.LOTS_READ)
    assert names(two.there.get(LOTS, headers=key)) == ["tea-1", "tea-2", "tea-3"]
    assert two.here.get("/api/v1/points", headers=key).status_code == 403


def test_a_stream_is_closed_to_a_key_that_is_not_for_it(two):
    with (
        pytest.raises(WebSocketDisconnect) as closed,
        two.here.websocket_connect("ws://127.0.0.1:8000/api/v1/stream", headers=two.key("acme")),
    ):
        pass
    assert (closed.value.code, closed.value.reason) == (1008, "forbidden")
    with (
        pytest.raises(WebSocketDisconnect) as closed,
        two.here.websocket_connect("ws://127.0.0.1:8000/api/v1/stream", headers={"Authorization": "Bearer x"}),
    ):
        pass
    assert (closed.value.code, closed.value.reason) == (1008, "key-unknown")


GRANT = {
    "owner": "acme",
    "grantee": "bolt",
    "scope": "lots:read",
    "until": "2026-06-01T00:00:00Z",
    "reason": "sale",
    "by": "Wu",
}


class TestGrants:
    def test_a_party_shares_what_is_its_own_and_takes_it_back(self, two):
        acme, bolt = two.key("acme"), two.key("bolt")
        given = two.there.post("/api/v1/access/grants", json=GRANT, headers=acme)
        assert given.status_code == 201, given.text
        assert names(two.there.get(LOTS, headers=bolt)) == ["tea-1", "tea-2"]
        for key in (acme, bolt):
            assert [one["owner"] for one in two.there.get("/api/v1/access/grants", headers=key).json()] == ["acme"]
        end = f"/api/v1/access/grants/{given.json()['id']}/withdraw"
        assert two.there.post(end, json={"by": "Zhu"}, headers=bolt).status_code == 404
        assert two.there.post(end, json={"by": "Wu"}, headers=acme).status_code == 200
        assert names(two.there.get(LOTS, headers=bolt)) == ["tea-2"]

    def test_a_party_cannot_share_what_is_anothers(self, two):
        refused = two.there.post("/api/v1/access/grants", json=GRANT, headers=two.key("bolt"))
        assert refused.status_code == 404
        assert two.desk.access.state.grants == {}

    def test_the_site_writes_down_what_a_party_asked_it_to_share(self, two):
        assert two.here.post("/api/v1/access/grants", json=GRANT).status_code == 201
        twice = two.here.post("/api/v1/access/grants", json=GRANT | {"grantee": "acme"})
        assert (twice.status_code, twice.json()["code"]) == (409, "refused")


class TestMessages:
    """Customs' messages on the platform: whose code speaks, declares."""

    def send(self, house, number: int, code: str, key) -> dict:
        body = write([changed(exported(number)["order"], ebc_code=code)], TRANSFER, "A" * 36)
        answer = house.there.post("/api/v1/floor/messages?by=Wu", content=body, headers=key)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def test_a_shipper_declares_by_its_own_code_and_by_no_other(self, two):
        key = two.key("acme")
        assert self.send(two, 7, "4301960002", key)["taken"] == 1
        refused = self.send(two, 8, "4301960009", key)
        assert (refused["taken"], len(refused["refused"])) == (0, 1)
        assert two.visits()[0] == ("acme", "/api/v1/floor/messages", "foreign")

    def test_a_broker_declares_for_whoever_has_granted_it_that(self, two):
        two.grant("bolt", "acme", Scope.CONSIGNMENTS_WRITE)
        assert self.send(two, 8, "4301960009", two.key("acme"))["taken"] == 1

    def test_receipts_are_the_sites_to_bring(self, two):
        receipt = answer("800", 1).receipt
        body = write_receipts([receipt], TRANSFER, "A" * 36)
        sent = two.there.post("/api/v1/floor/messages?by=Wu", content=body, headers=two.key("acme")).json()
        assert (sent["taken"], len(sent["refused"])) == (0, 1)


class TestManaging:
    def test_a_party_is_added_given_a_key_and_uses_it(self, house):
        party = {"id": "acme", "name": {"zh": "甲", "en": "Acme"}, "kind": "enterprise", "codes": ["4301960002"]}
        assert house.here.post("/api/v1/access/parties", json=party | {"by": "Li"}).json() == party
        wanted = {"party": "acme", "scopes": ["lots:read", "lots:read"], "days": 30, "by": "Li"}
        made = house.here.post("/api/v1/access/keys", json=wanted).json()
        assert made["key"]["scopes"] == ["lots:read"]
        header = {"Authorization": f"Bearer {made['token']}"}
        assert house.there.get(LOTS, headers=header).json() == []
        secret = made["token"].partition(".")[2]
        assert secret not in str(house.here.get("/api/v1/access/keys").json())
        assert [one["id"] for one in house.here.get("/api/v1/access/parties").json()] == ["site", "acme"]

    def test_a_lot_is_received_for_a_party_that_is_there(self, house):
        body = {"lot": "l1", "product": "tools", "product_version": 1, "zone": "c1", "by": "Li", "owner": "acme"}
        assert house.here.post(LOTS, json=body).status_code == 404
        house.add("acme")
        assert house.here.post(LOTS, json=body).json()["owner"] == "acme"


class TestLog:
    def test_everything_a_key_asked_for_is_written_down_with_its_outcome(self, two):
        two.grant("bolt", "acme", Scope.LOTS_READ, "tea-2")
        key = two.key("acme", Scope.LOTS_READ)
        for path in (LOTS, f"{LOTS}/tea-2", f"{LOTS}/tea-3", f"{LOTS}/none", "/api/v1/points"):
            two.there.get(path, headers=key)
        shown = two.here.get("/api/v1/access/log").json()
        assert [(one["route"], one["outcome"], one["owners"], one["given"], one["why"]) for one in shown] == [
            ("/api/v1/points", "no-scope", [], None, None),
            ("/api/v1/lots/{lot}", "not-found", [], None, None),
            ("/api/v1/lots/{lot}", "foreign", [], None, None),
            ("/api/v1/lots/{lot}", "allowed", ["bolt"], None, "grant"),
            ("/api/v1/lots", "allowed", ["bolt"], 1, "grant"),
            ("/api/v1/lots", "allowed", ["acme"], 1, "own"),
        ]
        assert shown[3]["asked"] == ["tea-2"]
        assert {one["party"] for one in shown} == {"acme"}

    def test_an_owner_is_shown_who_looked_at_what_is_its_own_and_no_more(self, two):
        two.add("customs", PartyKind.REGULATOR)
        two.there.get(LOTS, headers=two.key("customs"))
        two.there.get(f"{LOTS}/tea-2", headers=two.key("acme"))
        shown = two.there.get("/api/v1/access/log?owner=acme", headers=two.key("bolt")).json()
        assert [(one["party"], one["outcome"], one["owners"]) for one in shown] == [
            ("acme", "foreign", ["bolt"]),
            ("customs", "allowed", ["bolt"]),
        ]

    def test_the_log_is_read_page_by_page(self, two):
        key = two.key("acme")
        for _ in range(5):
            two.there.get(f"{LOTS}/tea-1", headers=key)
        first = two.here.get("/api/v1/access/log?limit=3").json()
        rest = two.here.get(f"/api/v1/access/log?before={first[-1]['number']}").json()
        assert [one["number"] for one in first + rest] == [5, 4, 3, 2, 1]

    def test_what_cannot_be_written_down_is_not_answered(self, two, monkeypatch):
        async def full(_visits):
            raise UnavailableError("disk full")

        monkeypatch.setattr(two.log, "write", full)
        assert two.there.get(f"{LOTS}/tea-1", headers=two.key("acme")).status_code == 503
        assert two.here.get(f"{LOTS}/tea-1").status_code == 200
