"""Passports by a key: who issues, who reads, who scans, and whose they are."""

import io

import pypdf
import pytest

from control.access.party import SITE, PartyKind, Scope
from control.passport.code import grower_code
from control.passport.passports import Suspicion

PASSPORTS = "/api/v1/passports"
ITEM = {"gtin": "06901234567892", "lot": "L+1", "serial": "17"}
NAME = "https://id.gs1.org/01/06901234567892/10/L%2B1/21/17"
PATH = "01/06901234567892/10/L%2B1/21/17"
USCC = "91350100M000100Y43"
BODY = {"product": "湘莲", "grower": "花石湘莲合作社", "by": "Li Lei"}


@pytest.fixture
def two(house):
    """Return a house where acme and bolt have a lot each; acme is known by its USCC."""
    house.add("acme", PartyKind.ENTERPRISE, USCC)
    house.add("bolt", PartyKind.ENTERPRISE)
    house.receive("lotus-1", "acme")
    house.receive("lotus-2", "bolt")
    return house


def test_a_party_issues_its_own_and_reads_it_back(two):
    key = two.key("acme")
    issued = two.there.post(PASSPORTS, json={**BODY, "item": ITEM, "lot": "lotus-1"}, headers=key)
    assert issued.status_code == 201, issued.text
    assert (issued.json()["name"], issued.json()["path"], issued.json()["owner"]) == (NAME, PATH, "acme")
    assert two.there.get(f"{PASSPORTS}/{PATH}", headers=key).json() == issued.json()
    assert two.there.get(PASSPORTS, headers=key).json() == [issued.json()]
    drawn = two.there.get(f"{PASSPORTS}/{PATH}/qr.svg", headers=key)
    assert drawn.headers["content-type"] == "image/svg+xml"
    assert drawn.text.startswith("<svg")
    again = two.there.post(PASSPORTS, json={**BODY, "item": ITEM}, headers=key)
    assert (again.status_code, again.json()["code"]) == (409, "refused")


def test_anothers_passport_is_answered_as_one_that_is_not_there(two):
    two.there.post(PASSPORTS, json={**BODY, "item": ITEM}, headers=two.key("acme"))
    key = two.key("bolt")
    foreign = two.there.get(f"{PASSPORTS}/{PATH}", headers=key).json()
    absent = two.there.get(f"{PASSPORTS}/{PATH}0", headers=key).json()
    assert foreign["status"] == absent["status"] == 404
    assert {**foreign, "instance": ""} == {**absent, "instance": ""}
    assert two.there.get(PASSPORTS, headers=key).json() == []
    two.grant("acme", "bolt", Scope.PASSPORTS_READ, NAME)
    assert two.there.get(f"{PASSPORTS}/{PATH}", headers=key).status_code == 200


def test_nobody_issues_for_another_or_of_anothers_lot(two):
    key = two.key("bolt")
    for said in ({"owner": "acme"}, {"lot": "lotus-1"}, {"lot": "none"}, {"owner": "nobody"}):
        refused = two.there.post(PASSPORTS, json={**BODY, "item": ITEM, **said}, headers=key)
        assert refused.status_code == 404, refused.text
    code = grower_code(USCC, "010701", "260301", 12)
    refused = two.there.post(PASSPORTS, json={**BODY, "code": code}, headers=key)
    assert (refused.status_code, "another party's" in refused.json()["detail"]) == (409, True)
    assert two.here.post(PASSPORTS, json={**BODY, "code": code, "owner": "acme"}).status_code == 201
    assert two.there.get(f"{PASSPORTS}/p/{code}", headers=two.key("acme")).status_code == 200


def test_a_growers_code_is_made_of_what_is_numbered(two):
    numbered = {"uscc": USCC, "product": "010701", "day": "260301", "serial": 12}
    made = two.there.post(PASSPORTS, json={**BODY, "numbered": numbered}, headers=two.key("acme"))
    assert made.json()["name"] == grower_code(USCC, "010701", "260301", 12)
    both = {**BODY, "numbered": numbered, "code": made.json()["name"]}
    assert two.here.post(PASSPORTS, json=both).status_code == 409
    assert two.here.post(PASSPORTS, json=BODY).status_code == 409


def test_a_reader_with_a_place_scans_and_two_places_too_far_apart_are_a_suspected_copy(two):
    two.there.post(PASSPORTS, json={**BODY, "item": ITEM}, headers=two.key("acme"))
    two.grant("acme", "bolt", Scope.PASSPORTS_SCAN)
    key = two.key("bolt")
    first = two.there.post(f"{PASSPORTS}/scans", json={"passport": NAME, "where": [27.83, 112.94]}, headers=key)
    assert (first.status_code, first.json()["suspicions"]) == (201, [])
    second = two.there.post(f"{PASSPORTS}/scans", json={"passport": NAME, "where": [51.92, 4.48]}, headers=key)
    assert (second.json()["scans"], second.json()["suspicions"]) == (2, [Suspicion.TOO_FAR])
    ahead = {"passport": NAME, "where": [0, 0], "at": "2099-01-01T00:00:00Z"}
    assert two.there.post(f"{PASSPORTS}/scans", json=ahead, headers=key).status_code == 409
    assert two.there.post(f"{PASSPORTS}/scans", json=ahead, headers=two.key("bolt", Scope.LOTS_READ)).status_code == 403


def test_what_the_site_issues_is_the_sites(two):
    assert two.here.post(PASSPORTS, json={**BODY, "item": ITEM, "lot": "lotus-2"}).json()["owner"] == SITE
    assert two.there.get(f"{PASSPORTS}/{PATH}", headers=two.key("bolt")).status_code == 403


def test_a_body_that_is_wrong_is_told_where(two):
    for wrong in (
        {"item": {**ITEM, "gtin": "6901234567892"}},
        {"item": {**ITEM, "lot": "a/b"}},
        {"item": ITEM, "certificates": ["x"] * 9},
        {"item": ITEM, "product": "a\nb"},
        {"item": ITEM, "colour": "red"},
    ):
        refused = two.here.post(PASSPORTS, json={**BODY, **wrong})
        assert refused.status_code == 422, wrong
        assert refused.json()["errors"][0]["place"].startswith("body."), wrong


def test_dots_that_an_address_loses_are_no_serial(two):
    assert two.here.post(PASSPORTS, json={**BODY, "item": {**ITEM, "serial": ".."}}).status_code == 409


def test_the_labels_of_a_lot_are_printed_of_ones_own(two, monkeypatch):
    monkeypatch.setattr("control.api.passport.routes.LABEL_LIMIT", 2)
    for serial in ("1", "2", "3"):
        two.here.post(PASSPORTS, json={**BODY, "item": {**ITEM, "serial": serial}, "owner": "acme"})
    two.here.post(PASSPORTS, json={**BODY, "item": {**ITEM, "serial": "4"}, "owner": "bolt"})
    asked = {"lot": "L+1"}
    pages = []
    for _ in range(2):
        sheet = two.there.get(f"{PASSPORTS}/labels.pdf", params=asked, headers=two.key("acme"))
        assert sheet.headers["content-type"] == "application/pdf"
        pages.append(len(pypdf.PdfReader(io.BytesIO(sheet.content)).pages))
        asked["after"] = NAME[:-2] + "2"
    assert pages == [2, 1]
    assert two.there.get(f"{PASSPORTS}/labels.pdf", params={"lot": "L9"}, headers=two.key("acme")).status_code == 404
