"""What is taken out is what is on record, in every format, whole or not at all."""

import csv
import json
import tracemalloc
from datetime import UTC, datetime, timedelta

import duckdb
import openpyxl
import pytest

from coldport.errors import NotFoundError, RefusedError, UnavailableError
from control.historian.buckets import milliseconds
from control.journal.reader import JournalReader
from control.printing import workbook
from control.reports.export import EventRow, ReadingRow, events, export, points_of, readings

START = datetime(2026, 7, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def rows_of(journal_file, site):
    """The rows of p-2 in the hour in which it failed five times."""

    def read() -> list[ReadingRow]:
        with JournalReader(journal_file) as journal:
            return list(readings(journal, site, ["p-2"], START + 10 * HOUR, START + 11 * HOUR))

    return read


def test_the_readings_are_those_of_the_span_in_the_order_recorded(rows_of):
    rows = rows_of()

    assert [row.observed_at for row in rows] == [START + 10 * HOUR + timedelta(minutes=m) for m in range(60)]
    assert {(row.point, row.zone, row.unit, row.gateway) for row in rows} == {("p-2", "room", "°C", "gw")}
    assert [(row.value, row.quality, row.reason) for row in rows[4:6]] == [
        (None, "bad", "no-answer"),
        (5.0, "good", None),
    ]


def test_csv_parquet_and_excel_hold_the_same(rows_of, tmp_path):
    for form in ("csv", "parquet", "xlsx"):
        assert export(tmp_path / f"out.{form}", form, rows_of(), ReadingRow) == 60

    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        as_csv = list(csv.DictReader(file))
    parquet = duckdb.sql(
        f"SELECT epoch_ms(observed_at), value, reason, seq FROM '{tmp_path / 'out.parquet'}'"
    ).fetchall()
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").active
    excel = list(sheet.iter_rows(min_row=2, values_only=True))
    for row, one, two, three in zip(rows_of(), as_csv, parquet, excel, strict=True):
        assert (one["value"], one["reason"], one["seq"]) == (str(row.value or ""), row.reason or "", str(row.seq))
        assert datetime.fromisoformat(one["observed_at"]) == row.observed_at
        assert two == (milliseconds(row.observed_at), row.value, row.reason, row.seq)
        assert (three[0].replace(tzinfo=UTC), three[5], three[7]) == (row.observed_at, row.value, row.reason)


def test_events_are_what_people_and_alarms_did_with_their_place_in_the_journal(journal_file, tmp_path):
    with JournalReader(journal_file) as journal:
        export(tmp_path / "out.csv", "csv", events(journal, START, START + 25 * HOUR), EventRow)

    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["kind"] for row in rows][:3] == ["lot-received", "transitioned", "acted"]
    assert json.loads(rows[2]["content"])["text"] == "cleaning"


def test_text_that_looks_like_a_formula_stays_text_in_excel(tmp_path):
    export(tmp_path / "out.xlsx", "xlsx", [EventRow(START, 1, "=1+1", "x" * 40_000)], EventRow)

    row = openpyxl.load_workbook(tmp_path / "out.xlsx").active[2]
    assert (row[2].value, row[2].data_type) == ("=1+1", "s")
    assert len(row[3].value) == workbook.CELL_LIMIT


def test_excel_refuses_more_rows_than_a_sheet_holds(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "ROW_LIMIT", 2)
    rows = [EventRow(START, number, "started", "{}") for number in range(3)]

    assert export(tmp_path / "out.xlsx", "xlsx", rows[:2], EventRow) == 2
    with pytest.raises(RefusedError, match="as parquet or csv"):
        export(tmp_path / "more.xlsx", "xlsx", rows, EventRow)
    assert not (tmp_path / "more.xlsx").exists()


@pytest.mark.parametrize("form", ["csv", "parquet", "xlsx"])
def test_a_file_that_could_not_be_finished_is_not_there_and_the_old_one_stays(tmp_path, form):
    def breaks():
        yield EventRow(START, 1, "started", "{}")
        raise UnavailableError("the journal is away")

    path = tmp_path / "out"
    path.write_text("old")
    with pytest.raises(UnavailableError):
        export(path, form, breaks(), EventRow)

    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("form", ["csv", "parquet", "xlsx"])
def test_a_folder_that_is_not_there_is_said(tmp_path, form):
    with pytest.raises((UnavailableError, OSError)):
        export(tmp_path / "nowhere" / "out", form, [], EventRow)


def test_memory_does_not_grow_with_the_rows(tmp_path):
    def rows(count):
        return (EventRow(START, number, "started", "{}") for number in range(count))

    peaks = []
    for count in (100, 20_000):
        tracemalloc.start()
        export(tmp_path / "out.csv", "csv", rows(count), EventRow)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

    assert peaks[1] < peaks[0] + 200_000


def test_points_and_zones_are_looked_up(site):
    assert points_of(site, ["f-1"], ["room"]) == ["f-1", "p-1", "p-2", "p-h", "door"]
    with pytest.raises(NotFoundError):
        points_of(site, ["nothing"], [])
    with pytest.raises(NotFoundError):
        points_of(site, [], ["nowhere"])
