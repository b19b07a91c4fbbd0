"""What to pick for orders: where it lies, which lot, how much, along the way, and whether an earlier lot is free."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from coldport.errors import NotFoundError, RefusedError
from coldport.site import ZoneClass
from control.inspection.stock.rules import Status
from control.inspection.stock.stock import Holding, Stock
from control.labels.words import both, temperature_class
from control.printing.typeset import print_pdf

PICK_LIMIT = 500
"""Lines of one list: twelve pages, more than anybody carries."""

_TEMPLATE = Path(__file__).with_name("picks.typ")
_LATE = {ZoneClass.CHILLED: 1, ZoneClass.FROZEN: 2}
"""What must stay cold is fetched last, the frozen at the very end."""


class Pick(Struct, frozen=True, kw_only=True):
    """One line. `earlier` is a free lot of the item that expires before this one, and its bin."""

    order: str
    bin: str
    zone: str
    zone_class: ZoneClass
    item: str
    lot: str
    expires_on: date | None
    quantity: Decimal
    earlier: tuple[str, str] | None = None


def picks(stock: Stock, orders: Sequence[str], today: date, owner: str | None = None) -> list[Pick]:
    """Return what is reserved for orders of one owner or all: cold goods last, along the way, first expired first.

    Raises:
        NotFoundError: Nothing is reserved for one of the orders.
        RefusedError: It is more than one list holds.
    """
    found = [_pick(stock, one.lot, one.bin, one.quantity, one.order, today) for one in _reserved(stock, orders, owner)]
    for order in orders:
        if all(one.order != order for one in found):
            raise NotFoundError(f"nothing is reserved for order {order!r}")
    if len(found) > PICK_LIMIT:
        raise RefusedError(f"{len(found):,} lines; a list holds {PICK_LIMIT}: take fewer orders")
    walk = stock.state.bins
    return sorted(
        found,
        key=lambda one: (
            _LATE.get(one.zone_class, 0),
            walk[one.bin].walk,
            one.bin,
            one.expires_on or date.max,
            one.lot,
            one.order,
        ),
    )


def print_picks(found: Sequence[Pick], site: str, zone: ZoneInfo, made_at: datetime) -> bytes:
    """Return the list as PDF, A4; raises RefusedError when a character has no shape in the font."""
    orders = list(dict.fromkeys(one.order for one in found))
    sheet = {
        "title": both("picks"),
        "site": site,
        "made": f"{both('printed')} {made_at.astimezone(zone):%Y-%m-%d %H:%M} · {len(found)} {both('lines')}",
        "orders": f"{both('orders')}: {', '.join(sorted(orders))}",
        "head": ["#", *map(both, ("bin", "item", "lot", "expires", "quantity", "order", "done"))],
        "rows": [[f"{place}", *_row(one)] for place, one in enumerate(found, 1)],
        "notes": [_note(one) for one in found],
        "signed": [both("picked_by"), both("checked_by")],
    }
    return print_pdf(_TEMPLATE, {"sheet": msgspec.json.encode(sheet).decode()}, made_at)


def _reserved(stock: Stock, orders: Sequence[str], owner: str | None) -> Iterator[Holding]:
    wanted = set(orders)
    for one in stock.holdings(status=Status.RESERVED):
        if one.order in wanted and (owner is None or stock.lot(one.lot).owner == owner):
            yield one


def _pick(stock: Stock, lot: str, place: str, quantity: Decimal, order: str | None, today: date) -> Pick:
    named, where = stock.lot(lot), stock.bin(place)
    return Pick(
        order=order or "",
        bin=place,
        zone=where.zone,
        zone_class=where.temperature_class,
        item=named.item,
        lot=lot,
        expires_on=named.expires_on,
        quantity=quantity,
        earlier=_earlier(stock, named.item, named.expires_on, today),
    )


def _earlier(stock: Stock, item: str, expires_on: date | None, today: date) -> tuple[str, str] | None:
    """Return the free lot that expires first, if it does so before `expires_on`; what has expired is nobody's."""
    free = [
        (expires, one.lot, one.bin)
        for one in stock.holdings(item=item, status=Status.FREE)
        if (expires := stock.lot(one.lot).expires_on) is not None and today <= expires < (expires_on or date.max)
    ]
    return min(free)[1:] if free else None


def _row(one: Pick) -> list[str]:
    place = f"{one.bin}\n{one.zone} · {temperature_class(one.zone_class)}"
    expires = one.expires_on.isoformat() if one.expires_on is not None else "-"
    return [place, one.item, one.lot, expires, f"{one.quantity.normalize():f}", one.order, ""]


def _note(one: Pick) -> str:
    return f"{both('earlier')}: {one.earlier[0]} @ {one.earlier[1]}" if one.earlier is not None else ""
