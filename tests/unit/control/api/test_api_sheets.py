"""Declarations on sheets over HTTP: what a broker without a system of its own fills in."""

import csv
import io

import openpyxl
import pytest
from declarations import NOON, exported
from how_to_pages import curls, page
from starlette.testclient import TestClient

from coldport.clock import ManualClock
from control.api.app import create_app
from control.api.desk_memory import MemoryDesk
from control.api.floor import sheets
from control.historian.memory import MemoryHistorian
from control.inspection.documents.catalogue import MESSAGES
from dashboards import web_root

SHEETS = "/api/v1/floor/sheets"
USUAL = {"app_type", "app_time", "app_status", "guid"}


@pytest.fixture
def client(one_room):
    app = create_app(MemoryDesk(one_room(), ManualClock(NOON)), MemoryHistorian(), web_root())
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield client


def sheet(*documents, without=USUAL):
    """A CSV of documents of one message, with a row for each of their lines."""
    message = MESSAGES[documents[0].type]
    head = [field for field in message.fields if field.name not in without]
    text = io.StringIO()
    out = csv.writer(text)
    out.writerow([field.xml for field in head] + [f"line.{field.xml}" for field in message.line_fields])
    for document in documents:
        for line in document.lines or ({},):
            out.writerow(
                [document.head.get(field.name, "") for field in head]
                + [line.get(field.name, "") for field in message.line_fields]
            )
    return text.getvalue().encode()


def send(client, message, body, language="en"):
    return client.post(f"{SHEETS}/{message}", params={"by": "li", "language": language}, content=body)


def test_an_empty_sheet_has_a_column_for_each_field_and_a_star_on_what_must_be_filled_in(client):
    answer = client.get(f"{SHEETS}/303.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    headings = [cell.value for cell in book.active[1]]
    assert {"orderNo*", "line.qty*"} <= set(headings)
    assert "303.xlsx" in answer.headers["content-disposition"]
    assert client.get(f"{SHEETS}/999.xlsx").status_code == 409


def test_what_is_on_a_sheet_is_declared_and_goes_to_customs_like_what_is_declared_by_hand(client):
    answer = send(client, "603", sheet(exported(1)["inventory"], exported(2)["inventory"]))
    assert (answer.status_code, answer.json()) == (201, {"taken": 2, "new": 2}), answer.text
    (entry,) = client.get("/api/v1/floor/parcels/E2").json()["history"]
    assert (entry["content"]["source"], entry["content"]["by"]) == ("sheet", "li")
    head = entry["content"]["document"]["head"]
    assert (head["app_time"], head["app_type"], head["app_status"], len(head["guid"])) == (
        "20260302120000",
        "1",
        "2",
        36,
    )


def test_the_same_sheet_once_more_changes_nothing(client):
    body = sheet(exported()["inventory"])
    send(client, "603", body)
    assert send(client, "603", body).json() == {"taken": 1, "new": 0}


def test_one_wrong_row_and_nothing_is_taken_and_each_fault_is_told_by_row_and_column(client):
    good, wrong = exported(1)["inventory"], exported(2)["inventory"]
    wrong.head["gross_weight"] = "heavy"
    wrong.lines[0]["qty"] = "=1+1"
    answer = send(client, "603", sheet(good, wrong))
    assert (answer.status_code, answer.json()["code"]) == (400, "sheet-refused")
    assert [(one["place"], one["reason"]) for one in answer.json()["errors"]] == [
        ("3:line.qty", "formula"),
        ("3:grossWeight", "number"),
    ]
    assert "digits and one point" in answer.json()["errors"][1]["message"]
    assert client.get("/api/v1/floor/parcels/E1").status_code == 404


def test_the_reasons_are_chinese_unless_english_is_asked_for(client):
    wrong = exported()["inventory"]
    wrong.head["gross_weight"] = "=2"
    assert "公式" in send(client, "603", sheet(wrong), "zh").json()["errors"][0]["message"]


def test_what_the_record_contradicts_is_told_by_the_row_where_its_document_begins(client):
    assert send(client, "603", sheet(exported(1)["inventory"], without=USUAL - {"app_time"})).status_code == 201
    again = exported(1)["inventory"]
    again.head["gross_weight"] = "0.9"
    answer = send(client, "603", sheet(exported(2)["inventory"], again, without=USUAL - {"app_time"}))
    [place] = answer.json()["errors"]
    assert (answer.status_code, place["place"]) == (400, "3:")
    assert "which is on record" in place["message"]
    assert client.get("/api/v1/floor/parcels/E2").status_code == 404


def test_a_sheet_of_more_documents_than_one_transaction_may_have_is_refused(client, monkeypatch):
    monkeypatch.setattr(sheets, "DOCUMENT_LIMIT", 1)
    answer = send(client, "603", sheet(exported(1)["inventory"], exported(2)["inventory"]))
    assert (answer.status_code, "at most 1" in answer.json()["detail"]) == (409, True)


@pytest.mark.parametrize(("message", "body", "status"), [("603", b"", 400), ("999", b"a\n1", 409), ("x", b"a", 422)])
def test_what_is_no_sheet_is_refused(client, message, body, status):
    assert send(client, message, body).status_code == status


def test_the_page_is_right_about_its_own_sheet(client):
    empty, filled = curls(page("declare-on-a-sheet.md"))
    assert empty.send(client).content.startswith(b"PK")
    assert filled.send(client).json() == {"taken": 2, "new": 2}
