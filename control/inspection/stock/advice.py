"""Which lot to take for an order, and into which bin to put a lot. Advice only: what is done is checked by itself."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from msgspec import Struct

from control.inspection.stock.rules import Status
from control.inspection.stock.stock import Stock


class Take(Struct, frozen=True, kw_only=True):
    """So much of a lot from a bin."""

    lot: str
    bin: str
    quantity: Decimal


def to_take(stock: Stock, item: str, quantity: Decimal, today: date, *, least_days: int = 0) -> list[Take]:
    """Return what to reserve of an item, first expired first out; less than `quantity` when there is not more.

    Of equal expiry the lot that came first, then the bin that is first on the way. Nothing that keeps fewer than
    `least_days` days from `today` on; what keeps for ever comes last.
    """
    state = stock.state
    free = [
        one
        for one in stock.holdings(item=item, status=Status.FREE)
        if (expires := state.lots[one.lot].expires_on) is None or expires >= today + timedelta(days=least_days)
    ]
    free.sort(
        key=lambda one: (
            state.lots[one.lot].expires_on or date.max,
            state.lots[one.lot].at,
            state.bins[one.bin].walk,
            one.key,
        )
    )
    taken: list[Take] = []
    for one in free:
        if not quantity:
            break
        taken.append(Take(lot=one.lot, bin=one.bin, quantity=min(quantity, one.quantity)))
        quantity -= taken[-1].quantity
    return taken


def to_put(stock: Stock, lot: str, quantity: Decimal) -> Iterator[str]:
    """Yield bins that may take a lot and have room, best first: where the lot lies already, then along the way."""
    wanted = stock.lot(lot).temperature_class
    holds = {one.bin for one in stock.holdings(lot=lot, status=Status.FREE)}
    filled: dict[str, Decimal] = {}
    for one in stock.state.holdings.values():
        filled[one.bin] = filled.get(one.bin, Decimal()) + one.quantity
    bins = [one for one in stock.state.bins.values() if one.temperature_class is wanted]
    for place in sorted(bins, key=lambda place: (place.bin not in holds, place.walk, place.bin)):
        if filled.get(place.bin, Decimal()) + quantity <= place.capacity:
            yield place.bin
