"""The bonded account (账册): per item what came in, what went out, and what is booked ahead of either.

A document books ahead (预核扣). It is booked for good (核扣) when customs has released its declaration *and* all its
goods went through the gate, whichever comes last. What may be sold of an item is what came in, less what went out and
what is booked ahead to go out; what is only booked ahead to come in never counts. Source: reference 1.2, special-area
messages INV201, INV211, SAS223.
"""

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum

import msgspec
from msgspec import Struct, field

from coldport.errors import NotFoundError, RefusedError
from control.inspection.bonded.acts import (
    BookAct,
    BookCancelled,
    BookDeclared,
    BookLine,
    BookOnPass,
    BookReleased,
    BookReported,
    BookThrough,
    Standing,
)
from control.inspection.quantity import check_quantity

ITEM_LIMIT = 100_000
"""Items of all accounts of a site."""
OPEN_LIMIT = 20_000
"""Documents that are not booked for good yet."""
PASS_LIMIT = 500
"""Passes that one document is spread over."""


class Colour(StrEnum):
    """How a warehouse map shows goods: what customs wants to see at a glance."""

    UNBONDED = "unbonded"  # 非保税
    BONDED = "bonded"  # 保税
    DECLARING = "declaring"  # 核注申请中
    LEAVING = "leaving"  # 核放申请中
    BOOKED_OUT = "booked-out"  # 已核销


class BookItem(Struct, frozen=True, kw_only=True):
    """One item of an account, as booked here."""

    increased: Decimal = Decimal()
    reduced: Decimal = Decimal()
    increase_ahead: Decimal = Decimal()
    reduce_ahead: Decimal = Decimal()

    @property
    def available(self) -> Decimal:
        """What may still be declared out."""
        return self.increased - self.reduced - self.reduce_ahead


class Open(Struct, frozen=True, kw_only=True):
    """A document on its way: its lines, whether its declaration is released, what is on which pass, what is through."""

    declared: BookDeclared
    released: bool = False
    passes: dict[str, tuple[BookLine, ...]] = {}
    through: tuple[str, ...] = ()

    def on_passes(self) -> dict[str, Decimal]:
        """Return how much of each item is on passes (passportUsedQty)."""
        return totals(line for lines in self.passes.values() for line in lines)

    def went(self) -> dict[str, Decimal]:
        """Return how much of each item went through the gate (actlPassQty)."""
        return totals(line for number in self.through for line in self.passes[number])

    @property
    def is_whole(self) -> bool:
        """Whether it is released and all of it through."""
        return self.released and self.went() == totals(self.declared.lines)


class BookState(Struct):
    """What a snapshot holds; items by `account/item`."""

    items: dict[str, BookItem] = field(default_factory=dict)
    open: dict[str, Open] = field(default_factory=dict)
    reports: dict[str, BookReported] = field(default_factory=dict)


def item_key(account: str, item: int) -> str:
    """Name an item of an account."""
    return f"{account}/{item}"


class Book:
    """The accounts of one site."""

    def __init__(self, state: BookState | None = None) -> None:
        """Go on from `state`, which becomes the book's own."""
        self.state = state if state is not None else BookState()

    def item(self, key: str) -> BookItem:
        """Return an item of an account; one that nothing was booked of is empty."""
        return self.state.items.get(key, BookItem())

    def find(self, document: str) -> Open:
        """Return a document on its way; raises NotFoundError."""
        found = self.state.open.get(document)
        if found is None:
            raise NotFoundError(f"no document {document!r} is booked ahead")
        return found

    def standing(self, key: str) -> Standing:
        """Return what customs lets an item do, by its last report."""
        report = self.state.reports.get(key)
        return report.standing if report is not None else Standing.NORMAL

    def colour(self, key: str) -> Colour:
        """Return how goods of an item are shown; `key` as `item_key` makes it."""
        return self.colours().get(key, Colour.UNBONDED)

    def colours(self) -> dict[str, Colour]:
        """Return how goods of every item are shown; what is not in it is not bonded."""
        colours = {
            key: Colour.BONDED if item.increased > item.reduced else Colour.BOOKED_OUT
            for key, item in self.state.items.items()
        }
        for one in sorted(self.state.open.values(), key=lambda one: bool(one.passes)):
            moving = Colour.LEAVING if one.passes else Colour.DECLARING
            colours |= dict.fromkeys(totals(one.declared.lines), moving)
        return colours

    def check(self, act: BookAct) -> None:
        """Raise when `act` cannot have happened; raises NotFoundError or RefusedError."""
        match act:
            case BookDeclared():
                self._check_declared(act)
            case BookReported():
                for figure in (act.increased, act.reduced, act.increase_ahead, act.reduce_ahead):
                    check_quantity(figure, zero=True)
                if item_key(act.account, act.item) not in self.state.reports and len(self.state.reports) >= ITEM_LIMIT:
                    raise RefusedError(f"{ITEM_LIMIT:,} items are reported already")
            case BookOnPass():
                self._check_on_pass(self.find(act.document), act)
            case BookThrough():
                _check_through(self.find(act.document), act)
            case BookReleased() | BookCancelled():
                standing = self.find(act.document)
                if isinstance(act, BookCancelled) and standing.through:
                    raise RefusedError(f"goods of document {act.document!r} went through the gate already")

    def take(self, act: BookAct) -> None:
        """Take in what happened, as the journal has it."""
        match act:
            case BookDeclared():
                self.state.open[act.document] = Open(declared=act)
                self._ahead(act, 1)
            case BookReported():
                key = item_key(act.account, act.item)
                known = self.state.reports.get(key)
                if known is None or act.at >= known.at:
                    self.state.reports[key] = act
            case BookCancelled():
                if (standing := self.state.open.pop(act.document, None)) is not None:
                    self._ahead(standing.declared, -1)
            case BookReleased() | BookOnPass() | BookThrough():
                self._go_on(act)

    def _go_on(self, act: BookReleased | BookOnPass | BookThrough) -> None:
        standing = self.state.open.get(act.document)
        if standing is None:
            return
        replace = msgspec.structs.replace
        match act:
            case BookReleased():
                standing = replace(standing, released=True)
            case BookOnPass():
                standing = replace(standing, passes={**standing.passes, act.number: act.lines})
            case BookThrough():
                standing = replace(standing, through=(*standing.through, act.number))
        self.state.open[act.document] = standing
        if standing.is_whole:
            del self.state.open[act.document]
            self._ahead(standing.declared, -1)
            self._for_good(standing.declared)

    def _ahead(self, declared: BookDeclared, sign: int) -> None:
        for key, quantity in totals(declared.lines).items():
            item = self.item(key)
            self.state.items[key] = (
                msgspec.structs.replace(item, increase_ahead=item.increase_ahead + sign * quantity)
                if declared.inbound
                else msgspec.structs.replace(item, reduce_ahead=item.reduce_ahead + sign * quantity)
            )

    def _for_good(self, declared: BookDeclared) -> None:
        for key, quantity in totals(declared.lines).items():
            item = self.item(key)
            self.state.items[key] = (
                msgspec.structs.replace(item, increased=item.increased + quantity)
                if declared.inbound
                else msgspec.structs.replace(item, reduced=item.reduced + quantity)
            )

    def _check_declared(self, act: BookDeclared) -> None:
        if act.document in self.state.open:
            raise RefusedError(f"document {act.document!r} is booked ahead already")
        if len(self.state.open) >= OPEN_LIMIT or len(self.state.items) >= ITEM_LIMIT:
            raise RefusedError(f"{OPEN_LIMIT:,} documents or {ITEM_LIMIT:,} items are booked already")
        for line in act.lines:
            check_quantity(line.quantity)
        stopped = (Standing.SUSPENDED, Standing.NO_IN if act.inbound else Standing.NO_OUT)
        for key, quantity in totals(act.lines).items():
            if self.standing(key) in stopped:
                raise RefusedError(
                    f"customs has stopped item {key}: {self.standing(key).name.lower().replace('_', ' ')}"
                )
            available = self.item(key).available
            if not act.inbound and quantity > available:
                raise RefusedError(f"item {key}: {available:f} may be declared out, not {quantity:f}")

    def _check_on_pass(self, standing: Open, act: BookOnPass) -> None:
        if act.number in standing.passes:
            raise RefusedError(f"pass {act.number!r} carries part of document {act.document!r} already")
        if len(standing.passes) >= PASS_LIMIT:
            raise RefusedError(f"document {act.document!r} is on {PASS_LIMIT} passes already")
        for line in act.lines:
            check_quantity(line.quantity)
        declared, used = totals(standing.declared.lines), standing.on_passes()
        for key, quantity in totals(act.lines).items():
            left = declared.get(key, Decimal()) - used.get(key, Decimal())
            if quantity > left:
                raise RefusedError(f"item {key}: {left:f} of document {act.document!r} is on no pass, not {quantity:f}")


def _check_through(standing: Open, act: BookThrough) -> None:
    if act.number not in standing.passes:
        raise NotFoundError(f"pass {act.number!r} carries nothing of document {act.document!r}")
    if act.number in standing.through:
        raise RefusedError(f"pass {act.number!r} went through already")


def totals(lines: Iterable[BookLine]) -> dict[str, Decimal]:
    """Return how much of each item lines name together, by `account/item`."""
    found: dict[str, Decimal] = {}
    for line in lines:
        key = item_key(line.account, line.item)
        found[key] = found.get(key, Decimal()) + line.quantity
    return found
