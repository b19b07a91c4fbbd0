import csv
import io
import itertools
import zipfile
from datetime import datetime

import openpyxl
import pytest
from declarations import changed, exported, imported
from hypothesis import given
from hypothesis import strategies as st

from coldport.errors import MalformedError, RefusedError
from control.inspection.documents.catalogue import MESSAGES
from control.inspection.documents.findings import catalogue
from control.inspection.sheets import cells, importer, workbook
from control.inspection.sheets.importer import headings, read_sheet, template

USUAL = {"app_type": "1", "app_time": "20260302110000", "app_status": "2"}
ALL = {document.type: document for document in [*imported().values(), *exported().values()]}


def guids():
    return (f"{number:036}" for number in itertools.count(1))


def rows(*documents):
    """The sheet that says the same as some documents of one message."""
    message = MESSAGES[documents[0].type]
    names = [(False, field) for field in message.fields] + [(True, field) for field in message.line_fields]
    table = [list(headings(message))]
    for document in documents:
        table += [
            [(line if is_line else document.head).get(field.name) for is_line, field in names]
            for line in document.lines or ({},)
        ]
    return table


def as_csv(table, encoding="utf-8"):
    text = io.StringIO()
    csv.writer(text).writerows([["" if cell is None else cell for cell in row] for row in table])
    return text.getvalue().encode(encoding)


def as_workbook(table):
    book = openpyxl.Workbook()
    for row in table:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def told(body, message="311"):
    result = read_sheet(body, message, USUAL, guids())
    assert not (result.faults and result.documents)
    return [(fault.row, fault.column, fault.reason) for fault in result.faults]


@pytest.mark.parametrize("form", [as_csv, as_workbook])
@pytest.mark.parametrize("kind", sorted(ALL))
def test_a_sheet_says_what_the_document_says(kind, form):
    result = read_sheet(form(rows(ALL[kind])), kind, USUAL, guids())
    assert (result.documents, result.faults) == ((ALL[kind],), ())


def test_rows_of_one_order_are_its_lines_and_need_its_key_alone():
    first, second = imported(1)["order"], imported(2)["order"]
    table = rows(first, second, first)
    message = MESSAGES["311"]
    keys = [name in message.key for name in message.by_name]
    table[3] = [cell if place >= len(keys) or keys[place] else None for place, cell in enumerate(table[3])]
    table[3][len(keys)] = "2"
    one, other = read_sheet(as_csv(table), "311", USUAL, guids()).documents
    assert (one.head, other) == (first.head, second)
    assert [line["gnum"] for line in one.lines] == ["1", "2"]


def test_what_is_the_same_for_all_may_be_left_out():
    table = rows(imported(1)["waybill"], imported(2)["waybill"])
    bare = [[cell for name, cell in zip(table[0], row, strict=True) if name[:3] not in {"app", "gui"}] for row in table]
    one, other = read_sheet(as_csv(bare), "511", USUAL, guids()).documents
    assert (one.text("guid"), other.text("guid")) == ("0" * 35 + "1", "0" * 35 + "2")
    assert one.text("app_time") == USUAL["app_time"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "gbk"])
def test_chinese_is_read_whichever_way_it_was_saved(encoding):
    order = changed(imported()["order"], consignee_address="湖南省湘潭市雨湖区", consignee="王")
    assert read_sheet(as_csv(rows(order), encoding), "311", USUAL, guids()).documents == (order,)


def test_one_fault_keeps_all_of_the_sheet_out_and_each_is_told_with_row_and_column():
    bad = changed(imported(3)["order"], goods_value="many", currency="")
    table = rows(imported(1)["order"], imported(2)["order"], bad)
    table[2][table[0].index("line.qty*")] = "1,5"
    assert told(as_csv(table)) == [(3, "line.qty", "number"), (4, "currency", "missing"), (4, "goodsValue", "number")]


@pytest.mark.parametrize("form", [as_csv, as_workbook])
def test_formulas_are_refused(form):
    table = rows(imported()["order"])
    table[1][table[0].index("goodsValue*")] = "=1+1"
    assert told(form(table)) == [(2, "goodsValue", "formula")]


def test_text_that_only_begins_like_a_formula_in_a_workbook_is_text():
    table = rows(imported()["order"])
    book = openpyxl.Workbook()
    for row in table:
        book.active.append(row)
    cell = book.active.cell(2, table[0].index("note") + 1)
    cell.value, cell.data_type = "=gift", "s"
    out = io.BytesIO()
    book.save(out)
    (order,) = read_sheet(out.getvalue(), "311", USUAL, guids()).documents
    assert order.text("note") == "=gift"


def test_numbers_and_moments_of_a_workbook_are_written_as_the_message_has_them():
    table = rows(imported()["order"])
    for name, cell in {
        "goodsValue*": 99.0,
        "line.price*": 49.5,
        "line.gnum*": 1,
        "appTime*": datetime(2026, 3, 2, 11),  # noqa: DTZ001 - a cell has no offset
    }.items():
        table[1][table[0].index(name)] = cell
    (order,) = read_sheet(as_workbook(table), "311", USUAL, guids()).documents
    assert order == imported()["order"]


def test_a_number_from_which_excel_took_digits_is_no_order_number():
    table = rows(imported()["order"])
    table[1][table[0].index("orderNo*")] = 1234567890123456
    assert told(as_workbook(table)) == [(2, "orderNo", "digits-lost")]
    table[1][table[0].index("orderNo*")] = 123456789012345
    assert told(as_workbook(table)) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda table: table[0].__setitem__(0, "colour"), (1, "colour", "unknown-column")),
        (lambda table: table[0].__setitem__(0, "appTime"), (1, "appTime", "repeated-column")),
        (lambda table: [row.pop(5) for row in table], (1, "orderNo", "missing-column")),
        (lambda table: table[1].append("more"), (2, "", "too-many-cells")),
        (lambda table: table.append([*table[1][:-3], "142", "116", "x"]), (2, "gnum", "repeated-number")),
    ],
)
def test_a_sheet_of_another_shape_is_told_by_its_place(change, fault):
    table = rows(imported()["order"])
    change(table)
    found = told(as_csv(table))
    assert (fault[0], fault[1].removeprefix("line."), fault[2]) in [
        (a, b.removeprefix("line."), c) for a, b, c in found
    ]


def test_rows_of_one_document_that_say_two_things_are_told():
    table = rows(imported()["order"], changed(imported()["order"], buyer_name="Li"))
    table[2][table[0].index("line.gnum*")] = "2"
    assert told(as_csv(table)) == [(3, "buyerName", "head-differs")]


def test_a_document_without_lines_stands_in_one_row():
    table = rows(imported()["payment"], imported()["payment"])
    assert told(as_csv(table), "411") == [(3, "", "repeated-document")]


def test_empty_rows_are_none():
    table = rows(imported()["order"])
    empty = [None] * len(table[0])
    assert told(as_csv([table[0], empty, table[1], empty])) == []
    assert told(as_workbook([table[0], empty, table[1], empty])) == []


@pytest.mark.parametrize("kind", sorted(MESSAGES))
def test_the_template_of_each_message_has_its_columns_and_is_empty(kind):
    assert read_sheet(template(kind), kind, USUAL, guids()) == importer.Imported()


def test_a_message_that_nobody_knows_has_no_sheet():
    for ask in (lambda: template("999"), lambda: read_sheet(b"a", "999", USUAL, guids())):
        with pytest.raises(RefusedError, match="no message '999'"):
            ask()


def packed(**files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_", "/") + ".xml", content)
    return out.getvalue()


HOSTILE = {
    "nothing": b"",
    "no text": b"\x89PNG\x00\x00",
    "no encoding": b"a\xff\xff\xff",
    "zip cut off": as_workbook([["a"]])[:200],
    "zip of something": packed(a="b"),
    "bomb": packed(xl_a=b"0" * (workbook.UNPACKED_LIMIT + 1)),
    "entity": packed(xl_workbook='<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'),
    "entity in utf-16": packed(xl_workbook='<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'.encode("utf-16")),
    "large": b"a" * (cells.BODY_LIMIT + 1),
    "many rows": b"a\n" * (cells.ROW_LIMIT + 1),
    "many columns": b"a," * 101,
    "open quote": b'a,"b\n' * 3,
    "broken sheet": as_workbook([["a"]]).replace(b"sheet1", b"sheet9"),
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_sheet_is_refused(body):
    with pytest.raises(MalformedError):
        read_sheet(body, "311", USUAL, guids())


def test_a_workbook_with_more_rows_than_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr(cells, "ROW_LIMIT", 2)
    with pytest.raises(MalformedError, match="more than 1 rows"):
        read_sheet(as_workbook([["a"]] * 3), "311", USUAL, guids())


@given(st.binary(max_size=100).map(lambda tail: as_workbook([["a"]])[:60] + tail) | st.binary(max_size=100))
def test_no_bytes_make_the_reader_fall(body):
    try:
        result = read_sheet(body, "311", USUAL, guids())
    except MalformedError:
        return
    assert result.faults or not result.documents


def test_a_thousand_faults_are_told(monkeypatch):
    monkeypatch.setattr(importer, "FAULT_LIMIT", 3)
    table = rows(*(changed(imported(number)["order"], currency="") for number in range(1, 6)))
    assert len(told(as_csv(table))) == 3


def test_every_reason_has_words():
    words = catalogue("en")
    reasons = {"unknown-column", "missing-column", "repeated-column", "formula", "head-differs", "too-many-cells"}
    assert reasons | {"digits-lost", "repeated-document"} == set(words.row)
