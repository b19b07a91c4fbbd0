"""The page behind the code on a thing: for everybody, counted with measure, and silent on what is not public."""

import asyncio
import re
from datetime import timedelta

import msgspec
import pytest

from coldport.errors import UnavailableError
from coldport.ids import PointId
from coldport.messages.observation import Quality
from control.access.party import PartyKind
from control.api.access.policy import public
from control.api.passport.public import ALL_BURST, ASKED_BURST, EACH_BURST, is_a_look, wanted
from control.passport.acts import PassportIssued, PassportScanned
from control.passport.code import Item, grower_code, link
from control.passport.passports import SCAN_LIMIT, CopyLimits
from control.ports import Sample
from control.traceability.event import index

ITEM = Item(gtin="06901234567892", lot="L+1", serial="17")
NAME = link(ITEM)
PATH = "/01/06901234567892/10/L%2B1/21/17"
LOOK = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "none", "Accept": "text/html"}
PARCEL = "urn:coldport:test-1:parcel:SECRET-WAYBILL"


def issue(house, **fields) -> None:
    said = {"product": "湘莲", "grower": "花石合作社", "item": ITEM, "at": house.desk.now(), "by": "Secret Issuer"}
    house.desk.record(PassportIssued(**{**said, **fields}))


def capture(house, *events: dict) -> None:
    context = msgspec.json.encode(["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"])
    indexed = [index(one, context, msgspec.json.encode(one)) for one in events]
    asyncio.run(house.app.state.context.traces.capture(indexed, 1, whole=True))


def event(hour: int, kind: str, step: str, **fields) -> dict:
    return {
        "type": kind,
        "eventTime": f"2026-03-01T{hour:02}:00:00+08:00",
        "eventTimeZoneOffset": "+08:00",
        "bizStep": step,
        **fields,
    }


@pytest.fixture
def told(house):
    """Return a house with a passport of a lot of acme's, and events that name what is private."""
    house.add("acme", PartyKind.ENTERPRISE)
    house.receive("secret-lot", "acme")
    issue(house, lot="secret-lot", owner="acme", plot="花石镇", certificates=("农残 36 项未检出",))
    lot = {"quantityList": [{"epcClass": "urn:coldport:test-1:lot:secret-lot", "quantity": 31337.0}]}
    bill = {"bizTransactionList": [{"type": "bol", "bizTransaction": "urn:coldport:test-1:bill:SECRET-BILL"}]}
    farm = {"readPoint": {"id": "https://secret-farm.example/gate"}}
    held = {"persistentDisposition": {"set": ["unavailable"]}, "disposition": "unavailable"}
    packed = {"action": "ADD", "parentID": PARCEL, "childEPCs": ["https://id.gs1.org/01/06901234567892/21/17"]}
    capture(
        house,
        event(1, "ObjectEvent", "https://secret-farm.example/voc/harvesting", action="OBSERVE", **lot, **farm),
        event(
            2, "ObjectEvent", "receiving", action="OBSERVE", **lot, **bill, bizLocation={"id": "urn:coldport:test-1"}
        ),
        event(3, "AggregationEvent", "packing", **packed),
        event(4, "ObjectEvent", "holding", action="OBSERVE", epcList=[PARCEL], **held),
        event(5, "ObjectEvent", "urn:coldport:voc:bizstep:customs_releasing", action="OBSERVE", epcList=[PARCEL]),
    )
    return house


@pytest.mark.parametrize("door", ["here", "there"])
def test_everybody_reads_the_page_in_both_languages_without_a_key(told, door):
    client = getattr(told, door)
    page = client.get(PATH)
    assert page.status_code == 200
    for said in ("湘莲", "花石合作社", "花石镇", "农残 36 项未检出", "采收", "到货", "海关放行", "L+1", "测试"):
        assert said in page.text, said
    assert 'lang="zh-CN"' in page.text
    english = client.get(f"{PATH}?lang=en").text
    assert all(said in english for said in ("Harvested", "Released by customs", "Test site"))
    assert client.get("/passport/passport.css").status_code == 200


def test_what_is_private_is_neither_on_the_page_nor_in_its_data(told):
    answers = [told.there.get(PATH), told.there.get(f"{PATH}?linkType=gs1:traceability")]
    answers.append(told.there.get(f"{PATH}?linkType=linkset"))
    for answer in answers:
        assert answer.status_code == 200
        assert not re.search(r"secret|31337|acme|holding|unavailable", answer.text, re.IGNORECASE), answer.text
        assert answer.headers["cache-control"] == "no-store"


def test_the_page_runs_nothing_and_asks_no_other_host(told):
    page = told.there.get(PATH)
    assert page.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
    assert "<script" not in page.text
    assert " style=" not in page.text
    loaded = re.findall(r'(?:src|rel="[a-z]+" href)="([^"]+)"', page.text)
    assert loaded
    assert all(address.startswith("/passport/") for address in loaded)


def test_names_are_text_and_no_markup(house):
    issue(house, product="<script>alert(1)</script>", grower='"><img src=x onerror=y>', plot="{{ 7*7 }}")
    page = house.there.get(PATH).text
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page
    assert "{{ 7*7 }}" in page


def test_machines_get_linked_data_by_what_they_accept(told):
    said = told.there.get(PATH, headers={"Accept": "application/ld+json"})
    assert said.headers["content-type"] == "application/ld+json"
    body = said.json()
    assert (body["@id"], body["gtin"], body["gs1:hasBatchLotNumber"]) == (NAME, ITEM.gtin, "L+1")
    steps = [step["coldport:step"] for step in body["coldport:steps"]]
    assert steps == ["harvested", "received", "packed", "released"]
    links = told.there.get(PATH, headers={"Accept": "application/linkset+json"}).json()["linkset"][0]
    assert links["anchor"] == NAME
    assert links["https://ref.gs1.org/voc/defaultLink"][0]["href"] == NAME


def test_a_code_that_was_never_given_is_said_to_be_unknown(told):
    for path in (PATH + "0", "/01/x", "/01/1/21/2", "/p/XT1", "/p/<b>"):
        page = told.there.get(path, headers=LOOK)
        assert (page.status_code, "查无此证" in page.text, "<b>" in page.text) == (404, True, False), path
        data = told.there.get(path, headers={"Accept": "application/json"})
        assert (data.status_code, data.json()["code"]) == (404, "not-found"), path


def test_a_growers_code_has_its_page(house):
    code = grower_code("91350100M000100Y43", "010701", "260301", 12)
    issue(house, item=None, code=code)
    page = house.there.get(f"/p/{code}")
    assert code in page.text
    assert f'href="/p/{code}?lang=en"' in page.text


def test_opening_counts_and_robots_previews_and_links_within_the_page_do_not(told):
    for headers in (
        {},
        {"Accept": "application/json"},
        {**LOOK, "Sec-Fetch-Site": "same-origin"},
        {**LOOK, "Sec-Purpose": "prefetch"},
        {**LOOK, "Sec-Fetch-Dest": "iframe"},
    ):
        told.there.get(PATH, headers=headers)
    assert told.desk.passports.find(NAME).scans == 0
    page = told.there.get(PATH, headers=LOOK)
    assert told.desk.passports.find(NAME).scans == 1
    assert "<b>1</b>" in page.text


def test_nobody_fills_the_journal(told):
    for _ in range(EACH_BURST + 5):
        assert told.there.get(PATH, headers=LOOK).status_code == 200
    assert told.desk.passports.find(NAME).scans == EACH_BURST
    told.jump(told.desk.now() + timedelta(minutes=1))
    told.here.get(PATH, headers=LOOK)
    told.there.get(PATH, headers=LOOK)
    assert told.desk.passports.find(NAME).scans == EACH_BURST + 1, "all doors count together"
    state = told.desk.passports.state
    state.by_name[NAME] = msgspec.structs.replace(state.by_name[NAME], scans=SCAN_LIMIT)
    told.jump(told.desk.now() + timedelta(hours=1))
    assert told.there.get(PATH, headers=LOOK).status_code == 200
    assert told.desk.passports.find(NAME).scans == SCAN_LIMIT


def test_scans_of_all_passports_together_are_few_a_second(house, monkeypatch):
    monkeypatch.setattr("control.api.passport.public.Public.asked_too_often", lambda *_: False)
    for serial in range(ALL_BURST + 5):
        item = Item(gtin=ITEM.gtin, lot="L1", serial=str(serial))
        issue(house, item=item)
        assert house.there.get(f"/01/{ITEM.gtin}/10/L1/21/{serial}", headers=LOOK).status_code == 200
    assert sum(one.scans for one in house.desk.passports.state.by_name.values()) == ALL_BURST


def test_too_many_who_ask_are_told_to_wait(told):
    answers = [told.there.get(PATH).status_code for _ in range(ASKED_BURST + 1)]
    assert answers == [200] * ASKED_BURST + [503]
    told.jump(told.desk.now() + timedelta(seconds=1))
    assert told.there.get(PATH).status_code == 200


def test_a_journal_that_cannot_be_written_keeps_nobody_from_the_page(told, monkeypatch):
    def refuse(_act):
        raise UnavailableError("the disk is full")

    monkeypatch.setattr(told.desk, "record", refuse)
    assert told.there.get(PATH, headers=LOOK).status_code == 200


def test_a_suspected_copy_and_withdrawn_goods_are_said_first(told):
    told.desk.passports._limits = CopyLimits(scans=1)
    for _ in range(2):
        told.desk.record(PassportScanned(passport=NAME, at=told.desk.now()))
    bad = {"quantityList": [{"epcClass": "https://id.gs1.org/01/06901234567892/10/L+1"}]}
    capture(told, event(9, "ObjectEvent", "holding", action="OBSERVE", disposition="recalled", **bad))
    page = told.there.get(f"{PATH}?lang=en").text
    assert page.index("Do not eat") < page.index("may be a copy") < page.index("湘莲</h1>")
    assert "scanned 2 times" in page


def test_the_temperatures_of_the_stay_are_drawn_with_limits_and_gaps(told):
    historian = told.app.state.context.archive._historian
    since = told.desk.lot("secret-lot").received_at
    warm = [Sample(PointId("c1-1-temperature"), since + timedelta(seconds=s), 9.5, Quality.GOOD) for s in range(200)]
    historian.write(1, warm)
    page = told.there.get(PATH).text
    assert "<svg" in page
    assert 'class="gap"' in page
    assert page.count('class="limit"') == 2
    assert "曾超出允许范围" in page
    assert "c1" not in page


def test_the_public_routes_are_these(house):
    served = {(method, path) for method, path, _ in public(house.platform.routes)}
    assert served == {("GET", "/01/{path:path}"), ("GET", "/p/{code}")}


def test_what_is_asked_for_is_read_from_the_link_type_first():
    class Said(dict):
        pass

    assert wanted(Said(accept="application/json, text/html"), "") == "page"
    assert wanted(Said(accept="application/json"), "gs1:pip") == "page"
    assert wanted(Said(), "all") == "links"
    assert not is_a_look(Said(LOOK))
    assert is_a_look(Said({key.lower(): value for key, value in LOOK.items()}))
