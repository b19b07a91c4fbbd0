"""Under which names a document is found, besides its key: the threads that tie the documents of one parcel together."""

from collections.abc import Iterable

from control.inspection.documents.catalogue import CANCELLATIONS, INVENTORIES, LISTS
from control.inspection.documents.document import JOINT, Document, Key

Thread = str
"""One such name: what kind of tie, and the values that it hangs on."""


def parcel(logistics_no: str) -> Thread:
    """Inventories of a parcel."""
    return JOINT.join(("parcel", logistics_no))


def listed(logistics_no: str) -> Thread:
    """Lists that a parcel stands on."""
    return JOINT.join(("listed", logistics_no))


def bill(bill_no: str) -> Thread:
    """Lists of one bill of lading."""
    return JOINT.join(("bill", bill_no))


def paid(ebp_code: str, order_no: str) -> Thread:
    """Payments for an order: they name the platform and not the enterprise."""
    return JOINT.join(("paid", ebp_code, order_no))


def carried(order_no: str) -> Thread:
    """Import waybills that name their order."""
    return JOINT.join(("carried", order_no))


def cancelled(invt_no: str) -> Thread:
    """Cancellations of an inventory, which they know by customs' number alone."""
    return JOINT.join(("cancelled", invt_no))


def answered(receipt_key: Key) -> Thread:
    """Inventories and cancellations, by what their receipts name them."""
    return JOINT.join(("answered", receipt_key))


def numbered(invt_no: str) -> Thread:
    """Keys of the receipts that gave an inventory its number."""
    return JOINT.join(("numbered", invt_no))


def threads(document: Document) -> list[Thread]:
    """Return the names under which a document is found."""
    text = document.text
    if document.type in INVENTORIES:
        return [parcel(text("logistics_no")), answered(document.receipt_key)]
    if document.type in LISTS:
        names = [listed(line["logistics_no"]) for line in document.lines if "logistics_no" in line]
        return [*names, bill(text("bill_no"))] if text("bill_no") else names
    if document.type == "411":
        return [paid(text("ebp_code"), text("order_no"))]
    if document.type == "511" and text("order_no"):
        return [carried(text("order_no"))]
    if document.type in CANCELLATIONS:
        return [cancelled(text("invt_no")), answered(document.receipt_key)]
    return []


class Index:
    """Keys by thread, in the order of the keys, so that it is the same whichever way it came about."""

    def __init__(self) -> None:
        """Begin empty."""
        self._keys: dict[Thread, tuple[Key, ...]] = {}

    def find(self, thread: Thread) -> tuple[Key, ...]:
        """Return what hangs on a thread."""
        return self._keys.get(thread, ())

    def add(self, key: Key, names: Iterable[Thread]) -> None:
        """Hang a key on threads."""
        for name in set(names):
            known = self._keys.get(name, ())
            if key not in known:
                self._keys[name] = tuple(sorted((*known, key)))

    def remove(self, key: Key, names: Iterable[Thread]) -> None:
        """Take a key off threads."""
        for name in set(names):
            left = tuple(known for known in self._keys.get(name, ()) if known != key)
            if left:
                self._keys[name] = left
            else:
                self._keys.pop(name, None)
