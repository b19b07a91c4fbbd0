"""What is known of one consignment: its order, its payment, its waybill, its inventory, each with customs' answer."""

from collections.abc import Callable, Iterable
from decimal import Decimal

from msgspec import Struct

from coldport.messages.observation import Moment
from control.inspection.clearance import Clearance, clearance_of
from control.inspection.documents.catalogue import INVENTORIES, MESSAGES, ORDERS
from control.inspection.documents.document import JOINT, Document, Key
from control.inspection.documents.lookup import carried, paid
from control.inspection.documents.notation import Direction
from control.inspection.documents.receipts import CustomsReceipt


class Paper(Struct, frozen=True, kw_only=True):
    """A document, the answer to it that counts, and since when the document is known here."""

    document: Document
    since: Moment
    receipt: CustomsReceipt | None = None

    @property
    def status(self) -> str:
        """What customs answered to the document as it stands now; empty: nothing yet.

        A rejection that is older than the document is an answer to the one before it.
        """
        if self.receipt is None:
            return ""
        rejected = clearance_of(self.receipt.status) is Clearance.REJECTED
        return "" if rejected and self.receipt.time < self.document.text("app_time") else self.receipt.status

    @property
    def clearance(self) -> Clearance:
        """What that means; without an answer it is pending."""
        return clearance_of(self.status) if self.status else Clearance.PENDING

    @property
    def invt_no(self) -> str:
        """The number that customs gave an inventory, or empty."""
        given = self.receipt.keys.get("invt_no", "") if self.receipt is not None else ""
        return given or self.document.text("invt_no")


class Dossier(Struct, frozen=True, kw_only=True):
    """The papers of one consignment; None: it has not come."""

    direction: Direction
    order: Paper | None = None
    payment: Paper | None = None
    waybill: Paper | None = None
    inventory: Paper | None = None

    @property
    def papers(self) -> tuple[Paper, ...]:
        """Those that are there."""
        return tuple(paper for paper in (self.order, self.payment, self.waybill, self.inventory) if paper is not None)

    @property
    def declared_kg(self) -> Decimal | None:
        """Gross weight as declared to customs, else as the carrier says it; None: nobody has said."""
        for paper, name in ((self.inventory, "gross_weight"), (self.waybill, self._waybill_weight)):
            if paper is not None and name in paper.document.head:
                return paper.document.number(name)
        return None

    @property
    def _waybill_weight(self) -> str:
        return "weight" if self.direction is Direction.IMPORT else "gross_weight"


def assemble(paper: Paper, find: Callable[[Key], Paper | None], hanging: Callable[[str], Iterable[Key]]) -> Dossier:
    """Return the dossier of an inventory, or of an order that has none, by the keys they name.

    Any other paper stands alone.
    """
    document = paper.document
    direction = MESSAGES[document.type].direction
    if document.type not in INVENTORIES | ORDERS:
        return Dossier(direction=direction)
    exported = direction is Direction.EXPORT
    inventory = paper if document.type in INVENTORIES else None
    text = document.text
    order_type, payment_type, waybill_type = ("303", "403", "505") if exported else ("311", "411", "511")
    order = find(JOINT.join((order_type, text("order_no"), text("ebc_code"))))
    return Dossier(
        direction=direction,
        order=order,
        payment=find(JOINT.join((payment_type, text("order_no"), text("ebc_code"))))
        if exported
        else _payment(document, order, find, hanging),
        waybill=find(JOINT.join((waybill_type, text("logistics_code"), text("logistics_no"))))
        if inventory is not None
        else _latest(find, hanging(carried(text("order_no")))),
        inventory=inventory,
    )


def _payment(
    document: Document,
    order: Paper | None,
    find: Callable[[Key], Paper | None],
    hanging: Callable[[str], Iterable[Key]],
) -> Paper | None:
    """Return the payment that the order names, else the latest for it."""
    named = order.document.text("pay_transaction_id") if order is not None else ""
    keys = hanging(paid(document.text("ebp_code"), document.text("order_no")))
    matching = [key for key in keys if key.split(JOINT)[2] == named] if named else []
    return _latest(find, matching or keys)


def _latest(find: Callable[[Key], Paper | None], keys: Iterable[Key]) -> Paper | None:
    papers = [paper for key in keys if (paper := find(key)) is not None]
    return max(papers, key=lambda paper: (paper.document.text("app_time"), paper.document.key), default=None)
