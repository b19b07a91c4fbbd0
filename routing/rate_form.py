"""Rates as a table for Excel or CSV: what a unit costs on a line, for departures between two dates."""

from collections.abc import Sequence

from msgspec.structs import replace

from coldport.ids import Id
from routing.form import Column, FormError, FormRow, RowProblem, moment, number, read_form, text
from routing.model import Instance, Offer, Service
from routing.workbook import Cell


def import_rates(instance: Instance, rows: Sequence[Sequence[Cell]]) -> Instance:
    """Return the instance with the prices of a table; an empty cell leaves a price as it is, a later row wins.

    A new unit price replaces the steps of the old one. Dates are those of departure, both included.

    Raises:
        FormError: A row is wrong or meets no departure, with the column and the reason; nothing is taken then.
    """
    read = read_form(rows, _columns(instance))
    offers = {(one.line, offer.id) for one in instance.services for offer in one.offers}
    lines = {line for line, _ in offers}
    wrong = []
    for row in read:
        line, unit = row.fields["line"], row.fields["unit"]
        if line not in lines:
            wrong.append(RowProblem(row.row, "Line", f"there is no line {line}"))
        elif (line, unit) not in offers:
            wrong.append(RowProblem(row.row, "Unit", f"{line} has no {unit}"))
        elif not any(_meets(row, service, unit) for service in instance.services):
            wrong.append(RowProblem(row.row, "From", f"no departure of {line} is between its dates"))
    if wrong:
        raise FormError(wrong)
    by_line: dict[Id, list[FormRow]] = {}
    for row in read:
        by_line.setdefault(row.fields["line"], []).append(row)
    services = tuple(_priced(service, by_line.get(service.line, [])) for service in instance.services)
    return replace(instance, services=services)


def export_rates(instance: Instance) -> list[list[Cell]]:
    """Return the rates of each line as its first departure has them, as a table that `import_rates` takes back."""
    rows: list[list[Cell]] = [[column.en for column in _columns(instance) if column.field not in ("from_s", "to_s")]]
    seen: set[Id] = set()
    for service in instance.services:
        if service.line not in seen:
            seen.add(service.line)
            rows += [
                [service.line, offer.id, offer.unit_fen / 100, offer.open_fen / 100, offer.fen_per_t / 100]
                for offer in service.offers
            ]
    return rows


def _columns(instance: Instance) -> tuple[Column, ...]:
    fen, day = number(100), moment(instance.start)
    return (
        Column("line", "线路", "Line", text, str),
        Column("unit", "舱位", "Unit", text, str),
        Column("unit_fen", "单价元", "Unit CNY", fen, str, is_required=False),
        Column("open_fen", "开舱费元", "Opening CNY", fen, str, is_required=False),
        Column("fen_per_t", "每吨元", "CNY/t", fen, str, is_required=False),
        Column("from_s", "起始日", "From", day, str, is_required=False),
        Column("to_s", "截止日", "To", day, str, is_required=False),
    )


def _meets(row: FormRow, service: Service, unit: Id) -> bool:
    day_s = 86_400
    first, last = row.fields.get("from_s", 0), row.fields.get("to_s")
    is_in = first <= service.departs_s and (last is None or service.departs_s < last + day_s)
    return is_in and service.line == row.fields["line"] and any(offer.id == unit for offer in service.offers)


def _priced(service: Service, rows: list[FormRow]) -> Service:
    offers: list[Offer] = []
    for offer in service.offers:
        now = offer
        for row in rows:
            if row.fields["unit"] == offer.id and _meets(row, service, offer.id):
                prices = {key: row.fields[key] for key in ("unit_fen", "open_fen", "fen_per_t") if key in row.fields}
                is_new = prices.get("unit_fen", now.unit_fen) != now.unit_fen
                now = replace(now, **prices, **({"steps": ()} if is_new else {}))
        offers.append(now)
    return replace(service, offers=tuple(offers))
