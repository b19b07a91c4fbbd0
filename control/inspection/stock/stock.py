"""Which quantity of which lot lies in which bin, in which status, for which order: a fold of acts.

`check` and then `take`, on the one writer, are the transaction: between them nothing else happens, so nothing is
reserved twice and no bin goes below zero.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import msgspec
from msgspec import Struct, field

from coldport.errors import NotFoundError, RefusedError
from coldport.messages.observation import Moment
from control.inspection.quantity import check_quantity
from control.inspection.stock.acts import BinSet, StockAct, StockCounted, StockLotNamed, StockMoved
from control.inspection.stock.rules import ADJUSTING, FOR_ORDER, RULES, Row, Status, Verb

BIN_LIMIT = 20_000
"""Bins of one site: a high-bay warehouse of the zone has a third of that."""
LOT_LIMIT = 50_000
"""Lots that are known; one is forgotten when nothing of it is left and a new one needs its place."""
HOLDING_LIMIT = 200_000
"""Quantities kept apart by bin, status and order."""

_JOINT = "\x1f"


class Holding(Struct, frozen=True, kw_only=True):
    """A quantity of a lot at a place."""

    lot: str
    bin: str
    status: Status
    quantity: Decimal
    order: str | None = None

    @property
    def key(self) -> str:
        """What no other holding has."""
        return _JOINT.join((self.lot, self.bin, self.status, self.order or ""))


class Counted(Struct, frozen=True, kw_only=True):
    """The last count of a lot in a bin, and what the records said then, with what was adjusted since."""

    counted: Decimal
    expected: Decimal
    at: Moment


class StockState(Struct):
    """What a snapshot holds."""

    bins: dict[str, BinSet] = field(default_factory=dict)
    lots: dict[str, StockLotNamed] = field(default_factory=dict)
    holdings: dict[str, Holding] = field(default_factory=dict)
    counts: dict[str, Counted] = field(default_factory=dict)


class Stock:
    """The stock of one site."""

    def __init__(self, state: StockState | None = None) -> None:
        """Go on from `state`, which becomes the stock's own."""
        self.state = state if state is not None else StockState()
        self._in_bin: dict[str, dict[str, Holding]] = {}
        self._of_order: dict[str, dict[str, Holding]] = {}
        self._of_inbound: dict[str, dict[str, Holding]] = {}
        for holding in self.state.holdings.values():
            for index, name in self._indexes(holding):
                index.setdefault(name, {})[holding.key] = holding

    def lot(self, lot: str) -> StockLotNamed:
        """Return a lot; raises NotFoundError."""
        found = self.state.lots.get(lot)
        if found is None:
            raise NotFoundError(f"no lot {lot!r} in stock")
        return found

    def bin(self, name: str) -> BinSet:
        """Return a bin; raises NotFoundError."""
        found = self.state.bins.get(name)
        if found is None:
            raise NotFoundError(f"no bin {name!r}")
        return found

    def holdings(
        self, *, item: str | None = None, lot: str | None = None, place: str | None = None, status: Status | None = None
    ) -> Iterator[Holding]:
        """Yield the holdings that are of all that is given."""
        for one in (self.state.holdings if place is None else self._in_bin.get(place, {})).values():
            wanted = ((lot, one.lot), (status, one.status))
            if all(want is None or want == has for want, has in wanted) and (
                item is None or self.state.lots[one.lot].item == item
            ):
                yield one

    def of_order(self, order: str, owner: str) -> list[Holding]:
        """Return what is kept for an order of an owner."""
        return [one for one in self._of_order.get(order, {}).values() if self.state.lots[one.lot].owner == owner]

    def has_arrived(self, inbound: str) -> bool:
        """Whether anything of a consignment is in the house and on no shelf."""
        return any(one.status is Status.ARRIVED for one in self._of_inbound.get(inbound, {}).values())

    def count_differences(self) -> Iterator[tuple[str, Decimal]]:
        """Yield lots and by how much the last count of one in a bin is above the records, where it is not as they say.

        Whatever was moved since is on record as well, so only an adjustment or another count ends a difference.
        """
        for key, one in self.state.counts.items():
            if one.counted != one.expected:
                yield key.partition(_JOINT)[0], one.counted - one.expected

    def quantity(self, lot: str, place: str, status: Status, order: str | None = None) -> Decimal:
        """Return how much of a lot is at a place; 0 when nothing is."""
        key = Holding(lot=lot, bin=place, status=status, order=order, quantity=Decimal()).key
        found = self.state.holdings.get(key)
        return found.quantity if found is not None else Decimal()

    def filled(self, place: str) -> Decimal:
        """Return how many units lie in a bin."""
        return sum((one.quantity for one in self.holdings(place=place)), Decimal())

    def check(self, act: StockAct, today: date) -> None:
        """Raise when `act` cannot have happened, `today` at the site; raises NotFoundError or RefusedError."""
        match act:
            case BinSet():
                self._check_bin(act)
            case StockLotNamed():
                self._check_lot(act)
            case StockMoved():
                self._check_moved(act, RULES[act.verb], today)
            case StockCounted():
                self.lot(act.lot)
                self.bin(act.bin)
                check_quantity(act.counted, zero=True)

    def take(self, act: StockAct) -> None:
        """Take in what happened, as the journal has it."""
        match act:
            case BinSet():
                self.state.bins[act.bin] = act
            case StockLotNamed():
                if len(self.state.lots) >= LOT_LIMIT:
                    self._forget()
                self.state.lots[act.lot] = act
            case StockMoved():
                row = RULES[act.verb]
                self._add(act.lot, act.bin, row.before, act.order if row.before in FOR_ORDER else None, -act.quantity)
                to_bin = act.to_bin or act.bin
                self._add(act.lot, to_bin, row.after, act.order if row.after in FOR_ORDER else None, act.quantity)
                if act.verb in ADJUSTING:
                    self._adjust(act)
            case StockCounted():
                expected = sum((one.quantity for one in self.holdings(lot=act.lot, place=act.bin)), Decimal())
                counted = Counted(counted=act.counted, expected=expected, at=act.at)
                self.state.counts[_JOINT.join((act.lot, act.bin))] = counted

    def _add(self, lot: str, place: str, status: Status, order: str | None, quantity: Decimal) -> None:
        if status is Status.OUTSIDE:
            return
        after = self.quantity(lot, place, status, order) + quantity
        holding = Holding(lot=lot, bin=place, status=status, order=order, quantity=after)
        indexes = [(index, name, index.setdefault(name, {})) for index, name in self._indexes(holding)]
        for held in (self.state.holdings, *(held for _, _, held in indexes)):
            if after:
                held[holding.key] = holding
            else:
                held.pop(holding.key, None)
        for index, name, held in indexes:
            if not held:
                del index[name]

    def _adjust(self, act: StockMoved) -> None:
        key = _JOINT.join((act.lot, act.bin))
        if (count := self.state.counts.get(key)) is not None:
            change = act.quantity if act.verb is Verb.ADJUST_UP else -act.quantity
            self.state.counts[key] = msgspec.structs.replace(count, expected=count.expected + change)

    def _indexes(self, holding: Holding) -> Iterator[tuple[dict[str, dict[str, Holding]], str]]:
        """Yield the indexes a holding is in, each with the name it is found by."""
        yield self._in_bin, holding.bin
        if holding.order is not None:
            yield self._of_order, holding.order
        if (inbound := self.state.lots[holding.lot].inbound) is not None:
            yield self._of_inbound, inbound

    def _gone(self) -> list[str]:
        """Return the lots of which nothing is left."""
        held = {one.lot for one in self.state.holdings.values()}
        return [lot for lot in self.state.lots if lot not in held]

    def _forget(self) -> None:
        gone = set(self._gone())
        for lot in gone:
            del self.state.lots[lot]
        for key in [key for key in self.state.counts if key.partition(_JOINT)[0] in gone]:
            del self.state.counts[key]

    def _check_bin(self, act: BinSet) -> None:
        check_quantity(act.capacity)
        known = self.state.bins.get(act.bin)
        if known is None and len(self.state.bins) >= BIN_LIMIT:
            raise RefusedError(f"{BIN_LIMIT:,} bins are set up already")
        if known is not None and act.temperature_class is not known.temperature_class and self.filled(act.bin):
            raise RefusedError(
                f"bin {act.bin!r} is not empty, so its temperature class stays {known.temperature_class}"
            )

    def _check_lot(self, act: StockLotNamed) -> None:
        if act.lot in self.state.lots:
            raise RefusedError(f"lot {act.lot!r} is in stock already")
        if (act.account is None) != (act.account_item is None):
            raise RefusedError("a bonded lot names its account and the item of it")
        if len(self.state.lots) >= LOT_LIMIT and not self._gone():
            raise RefusedError(f"{LOT_LIMIT:,} lots are in stock already")

    def _check_moved(self, act: StockMoved, row: Row, today: date) -> None:
        check_quantity(act.quantity)
        lot = self.lot(act.lot)
        into = self.bin(act.to_bin or act.bin)
        self.bin(act.bin)
        self._check_needs(act, row)
        if row.before is not Status.OUTSIDE:
            has = self.quantity(act.lot, act.bin, row.before, act.order if row.before in FOR_ORDER else None)
            if has < act.quantity:
                raise RefusedError(
                    f"{act.bin}: {has.normalize():f} of {act.lot!r} is {row.before}, not {act.quantity:f}"
                )
        if row.after is Status.FREE and into.temperature_class is not lot.temperature_class:
            raise RefusedError(
                f"lot {lot.lot!r} is {lot.temperature_class}, bin {into.bin!r} is {into.temperature_class}"
            )
        if act.verb in (Verb.RESERVE, Verb.PICK) and lot.expires_on is not None and lot.expires_on < today:
            raise RefusedError(f"lot {lot.lot!r} expired on {lot.expires_on}")
        if (row.other_bin or row.before is Status.OUTSIDE) and self.filled(into.bin) + act.quantity > into.capacity:
            raise RefusedError(
                f"bin {into.bin!r} holds {into.capacity.normalize():f}, there is no room for {act.quantity:f}"
            )
        grows = row.after is not Status.OUTSIDE and not self.quantity(
            act.lot, into.bin, row.after, act.order if row.after in FOR_ORDER else None
        )
        if grows and len(self.state.holdings) >= HOLDING_LIMIT:
            raise RefusedError(f"stock is kept apart in {HOLDING_LIMIT:,} places already")

    def _check_needs(self, act: StockMoved, row: Row) -> None:
        if row.order and act.order is None:
            raise RefusedError(f"to {act.verb} names the order")
        if row.other_bin != (act.to_bin is not None and act.to_bin != act.bin):
            raise RefusedError(f"to {act.verb} names {'another bin' if row.other_bin else 'one bin'}")
        if row.reason and not act.reason:
            raise RefusedError(f"to {act.verb} says why")
        if row.two and act.approved_by in (None, act.by):
            raise RefusedError(f"to {act.verb} takes two different people")
