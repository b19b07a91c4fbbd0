"""Consignments as a table for Excel or CSV: kilograms, cubic metres, CNY and local time, in either language."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec.structs import replace

from coldport.ids import Id
from routing.form import Column, FormError, FormRow, RowProblem, choice, moment, number, read_form, text
from routing.instance_check import problems
from routing.model import Band, Consignment, Instance, Mode, Regime
from routing.workbook import Cell

HOUR_S, DAY_S = 3_600, 86_400
BANDS = {band.value: band for band in Band} | {"常温": Band.AMBIENT, "冷藏": Band.CHILLED, "冷冻": Band.FROZEN}
YES_OR_NO = {"yes": True, "no": False, "true": True, "false": False, "是": True, "否": False}


def columns(start: datetime) -> tuple[Column, ...]:
    """Return the columns; moments are read and written in the time zone of `start`."""
    at: dict[str, Any] = {"read": moment(start), "write": _local(start)}
    kg, fen = _number(1_000), _number(100)
    hours, days, pieces = _number(HOUR_S), _number(DAY_S), _number(1, least=1)
    word: dict[str, Any] = {"read": text, "write": str}
    return (
        Column("id", "编号", "Consignment", **word),
        Column("origin", "起运地", "Origin", **word),
        Column("destination", "目的地", "Destination", **word),
        Column("ready_s", "备货时间", "Ready", **at),
        Column("due_s", "期望到达", "Due", **at),
        Column("latest_s", "最晚到达", "Latest", **at),
        Column("mass_g", "重量kg", "Mass kg", **_number(1_000, least=1)),
        Column("litres", "体积m3", "Volume m3", **_number(1_000, least=1)),
        Column("pallets", "托盘数", "Pallets", **pieces),
        Column("value_fen", "货值元", "Value CNY", **fen),
        Column("unplanned_fen", "甩货成本元", "Staying CNY", **fen),
        Column("band", "温层", "Band", choice(BANDS), lambda band: band.value, is_required=False),
        Column("regime", "监管方式", "Regime", _regime, lambda regime: regime.value, is_required=False),
        Column("documents_s", "单证时间", "Documents", **at, is_required=False),
        Column("late_fen_per_h", "晚到每小时元", "Late CNY/h", **fen, is_required=False),
        Column("shelf_life_s", "保质期天", "Shelf life d", **days, is_required=False),
        Column("shelf_life_left_s", "到货剩余保质期天", "Shelf life left d", **days, is_required=False),
        Column("exposure_s", "脱冷上限小时", "Exposure h", **hours, is_required=False),
        Column("load_class", "配载类别", "Load class", **word, is_required=False),
        Column("splittable", "可拆分", "May be split", choice(YES_OR_NO), _yes_or_no, is_required=False),
        Column("least_part_g", "最小拆分kg", "Least part kg", **kg, is_required=False),
        Column("forced_modes", "必用方式", "Forced modes", _modes, ", ".join, is_required=False),
        Column("forbidden_modes", "禁用方式", "Forbidden modes", _modes, ", ".join, is_required=False),
    )


def import_consignments(instance: Instance, rows: Sequence[Sequence[Cell]]) -> tuple[Consignment, ...]:
    """Return the consignments of a table, checked against the places of the instance.

    Raises:
        FormError: A row is wrong, with the column and the reason of each; nothing is taken then.
    """
    form = columns(instance.start)
    heading = {column.field: column.en for column in form}
    read = read_form(rows, form)
    made: list[Consignment] = []
    wrong: list[RowProblem] = []
    first: dict[Id, int] = {}
    for row in read:
        try:
            made.append(msgspec.convert(row.fields, Consignment))
        except msgspec.ValidationError as error:
            reason, _, field = str(error).partition(" - at `$.")
            wrong.append(RowProblem(row.row, heading.get(field.rstrip("`"), ""), reason))
            continue
        earlier = first.setdefault(made[-1].id, row.row)
        if earlier != row.row:
            wrong.append(RowProblem(row.row, heading["id"], f"{made[-1].id} is in row {earlier} as well"))
    if wrong:
        raise FormError(wrong)
    wrong = _against(instance, made, read, heading)
    if wrong:
        raise FormError(wrong)
    return tuple(made)


def export_consignments(instance: Instance) -> list[list[Cell]]:
    """Return the consignments of an instance as a table that `import_consignments` takes back."""
    form = columns(instance.start)
    usual = {field.name: field.default for field in msgspec.structs.fields(Consignment)}
    rows: list[list[Cell]] = [[column.en for column in form]]
    for one in instance.consignments:
        values = [(column, getattr(one, column.field)) for column in form]
        rows.append(
            [
                None
                if value is None or (not column.is_required and value == usual[column.field])
                else column.write(value)
                for column, value in values
            ]
        )
    return rows


def _against(
    instance: Instance, made: list[Consignment], read: list[FormRow], heading: dict[str, str]
) -> list[RowProblem]:
    """Return what `instance_check` finds, by row and column: places that are not there, times out of order."""
    found = []
    for problem in problems(replace(instance, consignments=tuple(made), locks=())):
        where, _, field = problem.path.removeprefix("$.consignments[").partition("].")
        if where.isdigit():  # the places and services were sound before
            found.append(RowProblem(read[int(where)].row, heading.get(field, ""), problem.message))
    return found


def _number(scale: int, least: int = 0) -> dict[str, Any]:
    """Return reader and writer of a number that is kept `scale` times as large."""

    def write(value: int) -> Cell:
        return value // scale if value % scale == 0 else value / scale

    return {"read": number(scale, least), "write": write}


def _local(start: datetime) -> Callable[[int], Cell]:
    return lambda seconds: (start + timedelta(seconds=seconds)).replace(tzinfo=None)


def _regime(cell: Cell) -> Regime:
    """Read a customs regime; Excel likes to make the number 110 of it."""
    regimes = {regime.value: regime for regime in Regime}
    found: Regime = choice(regimes)(str(cell).removesuffix(".0").zfill(4))
    return found


def _modes(cell: Cell) -> tuple[Mode, ...]:
    modes = {mode.value: mode for mode in Mode}
    words = str(cell).replace("、", ",").replace("，", ",").split(",")  # noqa: RUF001 - the commas of Chinese keyboards
    return tuple(choice(modes)(word) for word in words)


def _yes_or_no(value: bool) -> Cell:  # noqa: FBT001 - the cell's value
    return "yes" if value else "no"
