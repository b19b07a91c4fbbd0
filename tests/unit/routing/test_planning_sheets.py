"""Tables from Excel and CSV are taken whole or not at all, and what is exported comes back as it was."""

from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from msgspec.structs import replace
from routing_samples.by_hand import cheapest, plan_of, whole
from routing_samples.tiny import HOUR, consignment, instance, instances, node, offer, service

from routing import workbook
from routing.consignment_form import export_consignments, import_consignments
from routing.export import booking_lists, comparison_sheets, plan_sheets
from routing.form import FormError
from routing.generate import generate
from routing.model import Band, Instance, Mode, Regime, Step
from routing.network_folder import load_network
from routing.rate_form import export_rates, import_rates
from routing.result import Leg
from routing.workbook import WorkbookError, read_table, write_csv, write_workbook

XIANGTAN = Path(__file__).parents[3] / "config/networks/xiangtan"
STEPPED = offer(steps=(Step(units=2, unit_fen=90_000),))
MADE = instance(
    [node("a"), node("b")],
    [service("s1", "a", "b", 10, 15, offers=(STEPPED,)), service("s2", "a", "b", 40, 45, line="s1")],
    [consignment("k", "a", "b"), consignment("m", "a", "b", mass_g=300_000)],
)
HEADINGS = [
    *(
        "编号",
        "Origin",
        "目的地",
        "Ready",
        "Due",
        "Latest",
        "Mass kg",
        "Volume m3",
        "Pallets",
        "Value CNY",
        "Staying CNY",
    ),
    *("band", "Regime", "Forced modes", "May be split", "Least part kg"),
]
ROW = [
    "k1",
    "a",
    "b",
    "2026-06-01 03:00",
    datetime.fromisoformat("2026-06-02 00:00"),  # without a time zone, as Excel has it
    "2026-06-03T00:00:00+08:00",
    1250.5,
    "3.5",
    4,
    1e5,
    2000,
]


def imported(*rows: list) -> tuple:
    return import_consignments(MADE, [HEADINGS, *rows])


def refusals(*rows: list) -> list[str]:
    with pytest.raises(FormError) as refused:
        imported(*rows)
    return [str(problem) for problem in refused.value.problems]


def test_a_row_in_kilograms_and_local_time_becomes_a_consignment() -> None:
    (one,) = imported([*ROW, "冷藏", 110, "road，rail", "是", 400])  # noqa: RUF001 - a Chinese comma

    assert (one.ready_s, one.due_s, one.latest_s) == (3 * HOUR, 24 * HOUR, 40 * HOUR)
    assert (one.mass_g, one.litres, one.value_fen, one.unplanned_fen) == (1_250_500, 3_500, 10**7, 200_000)
    assert (one.band, one.regime, one.forced_modes) == (Band.CHILLED, Regime.GENERAL, (Mode.ROAD, Mode.RAIL))
    assert (one.splittable, one.least_part_g) == (True, 400_000)


def test_empty_rows_are_passed_over_and_empty_cells_are_what_is_usual() -> None:
    (one,) = imported([None] * 16, ROW, [""] * 16)

    assert (one.band, one.regime, one.exposure_s) == (Band.AMBIENT, Regime.GENERAL, None)


WRONG_CELLS = [
    (0, "K 1", "row 2, Consignment: Expected `str` matching regex"),
    (0, None, "row 2, Consignment: is empty"),
    (1, "x", "row 2, Origin: there is no x"),
    (2, "a", "row 2, Destination: goes from a to itself"),
    (3, "tomorrow", "row 2, Ready: 'tomorrow' is no moment like 2026-06-03 14:00"),
    (3, "2026-05-31", "row 2, Ready: 2026-05-31 is before 2026-06-01 00:00"),
    (4, "2026-07-02", "row 2, Due: is ready at 10800 s, due at"),
    (6, "heavy", "row 2, Mass kg: 'heavy' is no number"),
    (6, 0, "row 2, Mass kg: 0 is less than 0.001"),
    (6, "nan", "row 2, Mass kg: 'nan' is no number"),
    (6, True, "row 2, Mass kg: True is no number"),
    (7, -1, "row 2, Volume m3: -1 is less than 0.001"),
    (9, "1e14", "row 2, Value CNY: Expected `int` <= 10000000000000"),
    (11, "warm", "row 2, Band: 'warm' is not one of ambient"),
    (12, "9999", "row 2, Regime: '9999' is not one of 0110"),
    (13, "boat", "row 2, Forced modes: 'boat' is not one of road"),
    (14, "perhaps", "row 2, May be split: 'perhaps' is not one of yes"),
    (14, "yes", "row 2, Least part kg: 0 g, it has 1250500 g"),
]


@pytest.mark.parametrize(("column", "cell", "said"), WRONG_CELLS)
def test_a_wrong_cell_is_named_with_row_column_and_reason(column: int, cell: object, said: str) -> None:
    row = [*ROW, *[None] * 5]
    row[column] = cell

    assert [problem[: len(said)] for problem in refusals(row)] == [said]


def test_every_wrong_row_is_named_and_none_is_taken() -> None:
    said = refusals(["k1", *ROW[1:]], ["k2", "x", *ROW[2:]], ["k1", *ROW[1:]], ["k4", *ROW[1:6], "?", *ROW[7:]])

    assert said == ["row 5, Mass kg: '?' is no number"]
    assert refusals(ROW, ["k2", "x", *ROW[2:]], ROW) == ["row 4, Consignment: k1 is in row 2 as well"]


def test_headings_are_checked_before_the_rows() -> None:
    def said(headings: list) -> list[str]:
        with pytest.raises(FormError) as refused:
            import_consignments(MADE, [headings] if headings else [])
        return [str(problem) for problem in refused.value.problems]

    assert said([]) == ["row 1: there are no headings"]
    assert said([*HEADINGS, "Colour"]) == ["row 1, Colour: is no heading of this table"]
    assert said([*HEADINGS, "Consignment"]) == ["row 1, Consignment: is there twice"]
    assert said(HEADINGS[1:]) == ["row 1, Consignment: is missing"]


@given(instances())
@settings(max_examples=30, deadline=None)
def test_exported_consignments_come_back_as_they_were(tmp_path_factory, made: Instance) -> None:
    folder = tmp_path_factory.mktemp("sheets")
    rows = export_consignments(made)
    write_workbook(folder / "goods.xlsx", {"Consignments": rows})
    write_csv(folder / "goods.csv", rows)

    assert import_consignments(made, read_table(folder / "goods.xlsx")) == made.consignments
    assert import_consignments(made, read_table(folder / "goods.csv")) == made.consignments


def test_generated_demand_survives_excel(tmp_path: Path) -> None:
    made = generate(load_network(XIANGTAN), 200, 1)
    write_workbook(tmp_path / "goods.xlsx", {"Consignments": export_consignments(made)})

    assert import_consignments(made, read_table(tmp_path / "goods.xlsx")) == made.consignments


def test_rates_come_back_as_they_were(tmp_path: Path) -> None:
    made = generate(load_network(XIANGTAN), 0, 1)
    write_workbook(tmp_path / "rates.xlsx", {"Rates": export_rates(made)})

    assert import_rates(made, read_table(tmp_path / "rates.xlsx")) == made


def test_a_rate_counts_for_departures_between_its_dates_and_ends_the_old_steps() -> None:
    rows = [["Line", "Unit", "Unit CNY", "From", "To"], ["s1", "box", 1500, "2026-06-01", "2026-06-01"]]
    first, second = import_rates(MADE, rows).services

    assert (first.offers[0].unit_fen, first.offers[0].steps) == (150_000, ())
    assert second == MADE.services[1]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (["s9", "box", 1, None, None], "row 2, Line: there is no line s9"),
        (["s1", "cart", 1, None, None], "row 2, Unit: s1 has no cart"),
        (["s1", "box", -1, None, None], "row 2, Unit CNY: -1 is less than 0"),
        (["s1", "box", 1, "2026-06-09", None], "row 2, From: no departure of s1 is between its dates"),
    ],
)
def test_a_wrong_rate_is_named_and_nothing_is_taken(row: list, said: str) -> None:
    with pytest.raises(FormError) as refused:
        import_rates(MADE, [["Line", "Unit", "Unit CNY", "From", "To"], row])
    assert [str(problem) for problem in refused.value.problems] == [said]


def test_each_carrier_gets_what_is_booked_with_it_and_by_when(tmp_path: Path) -> None:
    made = replace(MADE, services=(replace(MADE.services[0], carrier="湘欧"), MADE.services[1]))
    legs = [(Leg(service=name, offer="box"),) for name in ("s1", "s2")]
    plan = plan_of(made, [whole(goods, *way) for goods, way in zip(made.consignments, legs, strict=True)])
    lists = booking_lists(made, plan)
    write_workbook(tmp_path / "lists.xlsx", lists)

    assert set(lists) == {"湘欧", "made up"}
    row = dict(zip(*read_table(tmp_path / "lists.xlsx"), strict=True))
    assert (row["Service"], row["Units"], row["Price CNY"], row["Mass kg"]) == ("s1", 1, 1000, 700)
    assert (row["Gate-in by"], row["Consignments"]) == (datetime.fromisoformat("2026-06-01 10:00"), "k")


@given(instances())
@settings(max_examples=20, deadline=None)
def test_a_plan_in_excel_adds_up_to_its_cost(tmp_path_factory, made: Instance) -> None:
    plan, path = cheapest(made), tmp_path_factory.mktemp("plans") / "plan.xlsx"
    write_workbook(path, plan_sheets(made, plan))
    book = openpyxl.load_workbook(path)
    cost = dict(book["Cost"].iter_rows(min_row=2, values_only=True))

    assert round(cost["total"] * 100) == plan.cost.total
    assert book["Routes"].max_row - 1 == sum(len(route.legs) for route in plan.routes)
    assert book["Unplanned"].max_row - 1 == len(plan.unplanned)
    assert book["Bookings"].max_row - 1 == len(plan.bookings)


def test_two_plans_side_by_side_differ_where_they_differ() -> None:
    ways = [(Leg(service=name, offer="box"),) for name in ("s1", "s2")]
    one = plan_of(MADE, [whole(goods, *ways[0]) for goods in MADE.consignments])
    other = plan_of(MADE, [whole(MADE.consignments[0], *ways[0])])
    sheets = comparison_sheets(MADE, one, other)

    (total,) = [row for row in sheets["Cost"] if row[0] == "total"]
    assert round(total[3] * 100) == other.cost.total - one.cost.total
    assert [row[:4:2] for row in sheets["Changed"][1:]] == [["m", one_own(one)]]
    assert sheets["Changed"][1][3:] == [None, 20_000]
    assert len(comparison_sheets(MADE, one, one)["Changed"]) == 1


def one_own(plan) -> float:
    goods = MADE.consignments[1]
    return plan_of(MADE, [whole(goods, Leg(service="s1", offer="box"))]).cost.time / 100


def test_text_stays_text_in_excel(tmp_path: Path) -> None:
    write_workbook(tmp_path / "book.xlsx", {"One": [["=1+1", "@x", 5, None]]})

    (row,) = openpyxl.load_workbook(tmp_path / "book.xlsx")["One"].iter_rows()
    assert [(cell.value, cell.data_type) for cell in row[:3]] == [("=1+1", "s"), ("@x", "s"), (5, "n")]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("goods.xlsx", b"no zip", "is no table"),
        ("goods.xls", b"old", "is no table"),
        ("goods.csv", "编号".encode("gbk"), "is not UTF-8"),
    ],
)
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)

    with pytest.raises(WorkbookError, match=said):
        read_table(tmp_path / name)


def test_tables_have_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "ROW_LIMIT", 3)
    write_csv(tmp_path / "three.csv", [["a"]] * 3)
    write_csv(tmp_path / "four.csv", [["a"]] * 4)
    assert len(read_table(tmp_path / "three.csv")) == 3
    with pytest.raises(WorkbookError, match="more than 2 rows"):
        read_table(tmp_path / "four.csv")
    monkeypatch.setattr(workbook, "FILE_LIMIT", 2)
    with pytest.raises(WorkbookError, match="more than 2 bytes"):
        read_table(tmp_path / "three.csv")
    with pytest.raises(WorkbookError, match="cannot be read"):
        read_table(tmp_path / "none.csv")
    for write, ending in ((write_csv, "csv"), (lambda path, rows: write_workbook(path, {"a": rows}), "xlsx")):
        with pytest.raises(WorkbookError, match="cannot be written"):
            write(tmp_path / "none" / f"a.{ending}", [["a"]])
