"""What a buyer may still buy this year.

The law's figures are the site's configuration; customs' own count has the last word (-621018), because a buyer buys
elsewhere too.
"""

from decimal import Decimal
from typing import Annotated

from msgspec import Meta, Struct, field

from coldport.errors import NotFoundError, RefusedError
from control.inspection.bonded.acts import QuotaAct, QuotaReleased, QuotaReserved
from control.inspection.quantity import check_quantity

ORDER_LIMIT = 2_000_000
"""Orders of one year that are counted; those of other years are forgotten at the first of a new one."""

Days = Annotated[int, Meta(ge=0, le=366)]


class QuotaLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Limits in CNY for one order and for a person's year. Above `single_cny` an order may be of one item only.

    The part of an order that came back is restored when its return was asked for within `ask_days` of customs' release
    and the goods were back within `back_days` of it.
    """

    single_cny: Decimal
    year_cny: Decimal
    ask_days: Days = 30
    back_days: Days = 45


class QuotaState(Struct):
    """What a snapshot holds: the year that is counted, each order's part, each buyer's sum."""

    year: int = 0
    orders: dict[str, Decimal] = field(default_factory=dict)
    buyers: dict[str, Decimal] = field(default_factory=dict)


class Quota:
    """The buyers' year. `year` of an act is that of its moment at the site, given with it."""

    def __init__(self, limits: QuotaLimits, state: QuotaState | None = None) -> None:
        """Count by `limits`, going on from `state`, which becomes the quota's own."""
        self._limits = limits
        self.state = state if state is not None else QuotaState()

    def used(self, buyer: str, year: int) -> Decimal:
        """Return what a buyer has bought in a year, as far as is known here."""
        return self.state.buyers.get(buyer, Decimal()) if year == self.state.year else Decimal()

    def check(self, act: QuotaAct, year: int) -> None:
        """Raise when `act` cannot have happened; raises NotFoundError or RefusedError."""
        if not isinstance(act, QuotaReserved):
            if year != self.state.year or _name(act) not in self.state.orders:
                raise NotFoundError(f"order {act.order!r} has no part of the quota of {year}")
            self._check_came_back(act)
            return
        if year < self.state.year:
            raise RefusedError(f"the year {year} is over")
        check_quantity(act.amount_cny)
        if year == self.state.year and _name(act) in self.state.orders:
            raise RefusedError(f"order {act.order!r} has its part of the quota already")
        if act.amount_cny > self._limits.single_cny and act.items > 1:
            raise RefusedError(f"an order over {self._limits.single_cny:f} CNY may be of one item only")
        left = self._limits.year_cny - self.used(act.buyer, year)
        if act.amount_cny > left:
            raise RefusedError(f"{left:f} CNY are left of the buyer's year, not {act.amount_cny:f}")
        if year == self.state.year and len(self.state.orders) >= ORDER_LIMIT:
            raise RefusedError(f"{ORDER_LIMIT:,} orders are counted already")

    def _check_came_back(self, act: QuotaReleased) -> None:
        days, limits = act.came_back, self._limits
        if days is None:
            return
        if not days.released_on <= days.asked_on <= days.back_on:
            raise RefusedError("an order is released, its return asked for, and it is back, in this order")
        for said, day, most in (
            ("asked for", days.asked_on, limits.ask_days),
            ("back", days.back_on, limits.back_days),
        ):
            if (took := (day - days.released_on).days) > most:
                raise RefusedError(f"order {act.order!r} was {said} after {took} days; its part is restored for {most}")

    def take(self, act: QuotaAct, year: int) -> None:
        """Take in what happened, as the journal has it."""
        if year > self.state.year:
            self.state.year = year
            self.state.orders.clear()
            self.state.buyers.clear()
        if year < self.state.year:
            return
        name, sums = _name(act), self.state.buyers
        if isinstance(act, QuotaReserved):
            self.state.orders[name] = act.amount_cny
            sums[act.buyer] = sums.get(act.buyer, Decimal()) + act.amount_cny
        elif (part := self.state.orders.pop(name, None)) is not None:
            sums[act.buyer] -= part


def _name(act: QuotaAct) -> str:
    return f"{act.buyer}/{act.order}"
