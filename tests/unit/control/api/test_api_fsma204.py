"""Each critical tracking event gives a row for each lot, with what the event says and nothing made up."""

import csv
import io
from datetime import UTC, datetime

import openpyxl
import pytest

from control.traceability.fsma204 import Row, critical, rows

LOT = "https://id.gs1.org/01/06901234567892/10/L1"
OWN = "urn:coldport:centre:lot:a1"
FARM, HERE = {"readPoint": {"id": "https://farm.example/field"}}, {"bizLocation": {"id": "urn:coldport:centre"}}


def event(hour: int, kind: str, step: str, **fields) -> dict:
    at = f"2026-03-01T{hour:02}:30:00+08:00"
    named = {"type": kind, "eventTime": at, "eventTimeZoneOffset": "+08:00", "bizStep": step}
    return {**named, "eventID": f"urn:uuid:{hour}-{step}", **fields}


def of(hour: int, step: str, *lots: str, action: str = "OBSERVE", **fields) -> dict:
    quantities = [{"epcClass": lot, "quantity": 12.5, "uom": "KGM"} for lot in lots]
    return event(hour, "ObjectEvent", step, action=action, quantityList=quantities, **fields)


def table(*events: dict, lot: str | None = None) -> list[Row]:
    return rows(events, lambda name: "seed" if name == LOT else "", lot)


def test_the_way_of_a_lot_is_told_event_by_event_in_the_order_of_time():
    found = table(
        of(9, "shipping", LOT, action="OBSERVE", **HERE),
        of(1, "https://farm.example/voc/harvesting", LOT, **FARM),
        of(2, "https://farm.example/voc#Cooling", LOT, **FARM),
        of(3, "packing", LOT, action="ADD", **FARM),
        of(8, "receiving", LOT, **HERE),
    )
    assert [(one.cte, one.section) for one in found] == [
        ("harvesting", "21 CFR 1.1325(a)"),
        ("cooling", "21 CFR 1.1325(b)"),
        ("initial packing", "21 CFR 1.1330"),
        ("receiving", "21 CFR 1.1345"),
        ("shipping", "21 CFR 1.1340"),
    ]
    assert {(one.traceability_lot_code, one.product_description, one.role) for one in found} == {
        ("(01)06901234567892(10)L1", "seed", "lot")
    }
    assert {(one.quantity, one.unit_of_measure) for one in found} == {(12.5, "KGM")}
    assert [one.lot_code_source for one in found] == ["", "", *["https://farm.example/field"] * 3]
    assert found[0].event_time == datetime(2026, 2, 28, 17, 30, tzinfo=UTC)
    assert found[0].date == "2026-03-01", "the day where it happened"


def test_source_recipient_and_documents_stand_as_the_event_names_them():
    [row] = table(
        of(
            1,
            "https://ref.gs1.org/cbv/BizStep-shipping",
            OWN,
            sourceList=[{"type": "owning_party", "source": "https://id.gs1.org/417/4012345000054"}],
            destinationList=[{"type": "owning_party", "destination": "https://shop.example"}],
            bizTransactionList=[{"type": "bol", "bizTransaction": "urn:bill:1"}, {"bizTransaction": "urn:po:2"}],
        )
    )
    assert (row.traceability_lot_code, row.previous_source) == ("a1", "https://id.gs1.org/417/4012345000054")
    assert (row.subsequent_recipient, row.reference_document_number) == ("https://shop.example", "urn:bill:1; urn:po:2")
    assert row.reference_document_type == "bol; "
    assert (row.location, row.product_description) == ("", "")


def test_a_transformation_has_a_row_for_what_went_in_and_what_came_out():
    made = {"inputQuantityList": [{"epcClass": OWN}], "outputQuantityList": [{"epcClass": LOT, "quantity": 3}]}
    found = table(event(1, "TransformationEvent", "", **made, **HERE), of(2, "shipping", LOT))
    assert [(one.cte, one.role, one.quantity) for one in found] == [
        ("transformation", "input", None),
        ("transformation", "output", 3),
        ("shipping", "lot", 12.5),
    ]
    assert found[0].event_id == found[1].event_id
    assert found[2].lot_code_source == "urn:coldport:centre"
    assert found[0].lot_code_source == "", "what went in got its code elsewhere"


def test_single_things_are_counted_under_the_lot_that_they_name():
    things = [f"https://id.gs1.org/01/06901234567892/10/L1/21/{serial}" for serial in range(3)]
    bare = "https://id.gs1.org/01/06901234567892/21/9"
    [row] = table(event(1, "ObjectEvent", "receiving", action="OBSERVE", epcList=[*things, bare]))
    assert (row.quantity, row.unit_of_measure, row.traceability_lot_code) == (3.0, "EA", "(01)06901234567892(10)L1")


def test_what_is_no_critical_tracking_event_or_was_an_error_is_left_out():
    wrong = of(2, "receiving", LOT)
    declared = {**wrong, "errorDeclaration": {"declarationTime": "2026-03-02T00:00:00Z"}}
    assert table(of(1, "storing", LOT), of(1, "packing", LOT), wrong, declared) == []
    assert critical(of(1, "landing", LOT)) is None


def test_one_lot_is_picked_however_it_is_written():
    events = (of(1, "receiving", LOT, OWN), of(2, "shipping", OWN))
    assert [one.cte for one in table(*events, lot=OWN)] == ["receiving", "shipping"]
    assert len(table(*events, lot="urn:epc:class:lgtin:6901234.056789.L1")) == 1
    assert len(table(*events)) == 3


def test_the_source_of_a_code_is_told_though_its_lot_alone_is_asked_for():
    events = (of(1, "commissioning", LOT, action="ADD", **FARM), of(2, "shipping", LOT, OWN))
    assert table(*events, lot=LOT)[1].lot_code_source == "https://farm.example/field"


def capture(client, *events: dict) -> None:
    head = {"type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": "2026-03-01T08:00:00Z"}
    context = {"@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"]}
    body = {**context, **head, "epcisBody": {"eventList": list(events)}}
    assert client.post("/epcis/v2/capture", json=body).status_code == 202


def asked(client, form: str, **more: str):
    span = {"from": "2026-02-01T00:00:00Z", "to": "2026-04-01T00:00:00Z", "format": form}
    answer = client.get("/api/v1/traceability/fsma204", params={**span, **more})
    assert answer.status_code == 200, answer.text
    return answer


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_file_has_every_column_and_no_formula(client, form):
    capture(client, of(1, "receiving", LOT, OWN, **HERE))
    answer = asked(client, form)
    assert answer.headers["content-disposition"] == f'attachment; filename="fsma204-20260201-20260401.{form}"'
    if form == "csv":
        head, *lines = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    else:
        head, *lines = openpyxl.load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True)
    assert [name.removesuffix(" (UTC)") for name in head] == list(Row._fields)
    assert [line[3] for line in lines] == ["(01)06901234567892(10)L1", "a1"]
    assert asked(client, "csv", lot=LOT).text.count("\n") == 2
    assert asked(client, "csv", lot="none").text.count("\n") == 1


def test_a_span_is_bounded_and_has_a_time_zone(client):
    for start, end, status in (
        ("2026-03-02T00:00:00Z", "2026-03-01T00:00:00Z", 409),
        ("2020-03-02T00:00:00Z", "2026-03-01T00:00:00Z", 409),
        ("2026-03-02", "2026-03-03T00:00:00Z", 422),
    ):
        answer = client.get("/api/v1/traceability/fsma204", params={"from": start, "to": end})
        assert answer.status_code == status, start


def test_more_events_than_one_answer_holds_are_refused(client, monkeypatch):
    monkeypatch.setattr("control.api.fsma.EVENTS_LIMIT", -1)
    span = {"from": "2026-02-01T00:00:00Z", "to": "2026-04-01T00:00:00Z"}
    assert client.get("/api/v1/traceability/fsma204", params=span).status_code == 409


def test_a_name_that_looks_like_a_formula_is_text(client):
    passport = {"product": '=HYPERLINK("x")', "grower": "g", "by": "li", "lot": None}
    passport["item"] = {"gtin": "06901234567892", "lot": "L1", "serial": "1"}
    assert client.post("/api/v1/passports", json=passport).status_code == 201
    capture(client, of(1, "receiving", LOT))
    assert b"\"'=HYPERLINK" in asked(client, "csv").content
    sheet = openpyxl.load_workbook(io.BytesIO(asked(client, "xlsx").content)).active
    assert (sheet.cell(2, 5).value, sheet.cell(2, 5).data_type) == ('=HYPERLINK("x")', "s")
