"""The bonded warehouse (1210): what shelves, account, gate, lanes and customs tell of consignments and of orders.

Each of these rooms keeps its own matters; here one act moves what another room has to know of it. Nothing is remembered
here, so a restart comes to the same by the same acts.
"""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from coldport.errors import NotFoundError, RefusedError
from coldport.site import ZoneClass
from control.inspection.bonded.acts import (
    BookCancelled,
    BookDeclared,
    BookReleased,
    BookThrough,
    Standing,
)
from control.inspection.bonded.book import Book, item_key, totals
from control.inspection.bonded.difference import OnShelf
from control.inspection.clearance import Clearance
from control.inspection.documents.acts import Declared, DocumentAct, Receipted
from control.inspection.documents.dossier import Dossier
from control.inspection.documents.dossiers import Dossiers
from control.inspection.gate.acts import GatePassed, PassAnswered, PassCancelled
from control.inspection.gate.passes import OVER, Passes, PassState
from control.inspection.inbound.acts import InboundMoved
from control.inspection.inbound.inbounds import Inbounds, InboundsState
from control.inspection.inbound.rules import InboundFate
from control.inspection.orders.acts import OrderAct
from control.inspection.orders.orders import Orders, OrdersState
from control.inspection.orders.rules import OrderFate, OrderState
from control.inspection.parcels.parcels import Parcels
from control.inspection.stock.acts import StockAct, StockLotNamed, StockMoved
from control.inspection.stock.rules import RULES, Status, Verb
from control.inspection.stock.stock import Stock

EXAMINED = "399"
"""审结: customs has examined an inventory and not yet released the goods."""

SIGNED = "513"
"""运单状态: the carrier says that a parcel was handed over."""

COLD = frozenset({ZoneClass.FROZEN, ZoneClass.CHILLED})
"""Classes whose goods must not be long in the warm."""

_LEVELS = (
    (Status.RESERVED, OrderFate.RESERVED),
    (Status.PICKED, OrderFate.PICKED),
    (Status.PACKED, OrderFate.PACKED),
)
"""Where an order's goods may be, the least advanced first."""


class Warehouse:
    """Consignments and orders of one site, moved by what the other rooms tell."""

    def __init__(
        self,
        rooms: tuple[Dossiers, Stock, Book, Passes, Parcels],
        inbounds: InboundsState,
        orders: OrdersState,
    ) -> None:
        """Go on from both states, which become the warehouse's own."""
        self._documents, self._stock, self._book, self._passes, self._parcels = rooms
        self.inbounds = Inbounds(inbounds)
        self.orders = Orders(self.clearance, orders)

    def clearance(self, owner: str, order: str) -> Clearance:
        """Return what customs says of an order, withdrawals counted; NONE: nobody has declared it."""
        return self._documents.clearance(self._parcel_of(owner, order) or "")

    def check_stock(self, act: StockAct, today: date) -> None:
        """Raise when `act` cannot have happened, `today` at the site; raises NotFoundError or RefusedError."""
        self._stock.check(act, today)
        if isinstance(act, StockLotNamed) and act.inbound is not None:
            self.inbounds.find(act.inbound)
        if not isinstance(act, StockMoved):
            return
        lot = self._stock.lot(act.lot)
        if act.verb is Verb.PUT_AWAY and lot.inbound is not None:
            self.inbounds.check_shelf(lot.inbound)
        if act.order is not None and act.verb is Verb.RESERVE:
            self.orders.check_reserve(lot.owner, act.order)
        if act.order is not None and act.verb is Verb.SHIP:
            self.orders.check_ship(lot.owner, act.order)
        if act.verb in (Verb.RESERVE, Verb.PICK, Verb.SHIP) and lot.account is not None:
            self._check_bonded(act, lot)

    def check_order(self, act: OrderAct) -> None:
        """Raise when `act` cannot have happened; raises NotFoundError or RefusedError."""
        if act.into is not None:
            found = self._passes.find(act.into)
            if found.drawn.inbound:
                raise RefusedError(f"vehicle pass {act.into!r} is one for coming in")
            if found.state in OVER:
                raise RefusedError(f"vehicle pass {act.into!r} is {found.state}")
        self.orders.check(act)

    def told(self, act: object) -> None:
        """Take in what an act of any room means for consignments and orders."""
        match act:
            case BookDeclared(inbound=True):
                self.inbounds.booked_ahead(act.document, totals(act.lines), act.at)
            case BookCancelled():
                self.inbounds.happened(act.document, InboundFate.WITHDRAWN, act.at)
            case BookReleased() | BookThrough() if act.document not in self._book.state.open:
                self.inbounds.happened(act.document, InboundFate.BOOKED, act.at)
            case InboundMoved(document=str(document)) if (ahead := self._book.state.open.get(document)) is not None:
                self.inbounds.booked_ahead(document, totals(ahead.declared.lines), act.at)
            case PassAnswered() | PassCancelled() | GatePassed():
                self._at_gate(act)
            case StockMoved():
                self._stock_moved(act)
            case Declared() | Receipted():
                self._documents_moved(act)
            case _:
                pass

    def on_shelves(self) -> dict[str, OnShelf]:
        """Return what lies in the house of each item of an account, and what counts found beside the records."""
        shelves: dict[str, OnShelf] = {}
        none = Decimal()
        found = [(one.lot, one.quantity, one.status is Status.ARRIVED, none) for one in self._stock.holdings()]
        found += [(lot, none, False, difference) for lot, difference in self._stock.count_differences()]
        for name, quantity, arrived, difference in found:
            lot = self._stock.state.lots.get(name)
            if lot is None or lot.account is None or lot.account_item is None:
                continue
            key = item_key(lot.account, lot.account_item)
            known = shelves.get(key, OnShelf())
            shelves[key] = OnShelf(
                quantity=known.quantity + quantity,
                arrived=known.arrived + (quantity if arrived else none),
                count_difference=known.count_difference + difference,
            )
        return shelves

    def is_cold(self, dossiers: Iterable[Dossier]) -> bool:
        """Whether the goods that lie here for an order of these papers are kept cold."""
        inventories = [one.inventory.document for one in dossiers if one.inventory is not None]
        return any(
            self._stock.lot(held.lot).temperature_class in COLD
            for one in inventories
            for held in self._stock.of_order(one.text("order_no"), one.text("ebc_code"))
        )

    def judged(self, logistics_no: str, fate: OrderFate, at: datetime) -> None:
        """Take in what a lane made of the parcel of an order."""
        if self.orders.state.by_name:
            for owner, order in self._orders_of(logistics_no):
                self.orders.happened(owner, order, fate, at)

    def _at_gate(self, act: PassAnswered | PassCancelled | GatePassed) -> None:
        passed = self._passes.state.by_number.get(act.number)
        if passed is None:
            return
        if passed.state in (PassState.REJECTED, PassState.CANCELLED):
            self.orders.voided(act.number, act.at)
            return
        if isinstance(act, GatePassed) and not passed.drawn.inbound:
            names = [self.orders.state.by_name[name] for name in self.orders.state.bound.get(act.number, ())]
            self.orders.gated_out(act.number, act.at)
            for one in names:
                self._gone(one.owner, one.order, act.at)
            return
        fate = InboundFate.GATED_IN if isinstance(act, GatePassed) else InboundFate.APPROVED
        if passed.drawn.inbound and passed.state in (PassState.APPROVED, PassState.THROUGH):
            for document in passed.drawn.documents:
                self.inbounds.happened(document, fate, act.at)

    def _stock_moved(self, act: StockMoved) -> None:
        lot = self._stock.state.lots.get(act.lot)
        if lot is None:
            return
        if act.order is not None and act.verb is Verb.RESERVE:
            self.orders.reserved(lot.owner, act.order, act.at)
        elif act.order is not None:
            gone = OrderFate.SHIPPED if act.verb is Verb.SHIP else OrderFate.FREED
            held = {one.status for one in self._stock.of_order(act.order, lot.owner)}
            fate = next((fate for status, fate in _LEVELS if status in held), gone)
            self.orders.happened(lot.owner, act.order, fate, act.at)
            self._gone(lot.owner, act.order, act.at)
        if lot.inbound is not None and RULES[act.verb].before is Status.ARRIVED:
            self.inbounds.shelved(lot.inbound, whole=not self._stock.has_arrived(lot.inbound), at=act.at)

    def _documents_moved(self, act: DocumentAct) -> None:
        if not self.orders.state.by_name:
            return
        signed = act.document.text("logistics_no") if isinstance(act, Declared) and act.document.type == SIGNED else ""
        for owner, order in self._orders_of(signed):
            self.orders.happened(owner, order, OrderFate.SIGNED, act.at)
        for name in self._documents.concerned(act):
            for owner, order in self._orders_of(name):
                self.orders.answered(owner, order, act.at)

    def _gone(self, owner: str, order: str, at: datetime) -> None:
        """Let the parcel of an order that has left be away too: a recall then comes too late for it."""
        name = self._parcel_of(owner, order)
        if name is not None and self.orders.standing(owner, order) is OrderState.LEFT:
            self._parcels.left(name, at)

    def _parcel_of(self, owner: str, order: str) -> str | None:
        try:
            inventory = self._documents.of_order(owner, order).inventory
        except NotFoundError:
            return None
        return inventory.document.text("logistics_no") if inventory is not None else None

    def _orders_of(self, logistics_no: str) -> list[tuple[str, str]]:
        papers = [dossier.inventory for dossier in self._documents.of_parcel(logistics_no)]
        return [(one.document.text("ebc_code"), one.document.text("order_no")) for one in papers if one is not None]

    def _check_bonded(self, act: StockMoved, lot: StockLotNamed) -> None:
        """Bonded goods are picked when customs has examined their order (399), and leave when it has released it."""
        if lot.account is None or lot.account_item is None:
            return
        if self._book.standing(item_key(lot.account, lot.account_item)) in (Standing.SUSPENDED, Standing.NO_OUT):
            raise RefusedError(f"customs has stopped lot {lot.lot!r}: nothing of it goes out")
        if act.verb is Verb.RESERVE:
            return
        inventory = self._documents.of_order(lot.owner, act.order or "").inventory
        clearance = self.clearance(lot.owner, act.order or "")
        examined = (
            act.verb is Verb.PICK
            and clearance is Clearance.PENDING
            and inventory is not None
            and inventory.status == EXAMINED
        )
        if clearance is not Clearance.RELEASED and not examined:
            raise RefusedError(f"customs lets nobody {act.verb} order {act.order!r} yet: it is {clearance}")
