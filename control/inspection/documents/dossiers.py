"""All that is declared and answered, as a fold of acts: which document counts, which answer, what follows for a parcel.

Documents and answers are kept apart, each under its own key, and are put together when somebody asks. So an answer may
come before its document, and no order of arrival leaves another state behind: of two documents with one key the later
by `appTime` counts, of two answers the one that `receipts.counting` says.
"""

import zlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice

import msgspec
from msgspec import Struct

from coldport.errors import NotFoundError, RefusedError
from coldport.messages.observation import Moment
from control.inspection.clearance import Clearance
from control.inspection.documents.acts import Declared, DocumentAct, Receipted
from control.inspection.documents.catalogue import CANCELLATIONS, INVENTORIES, LISTS
from control.inspection.documents.checks import flaws
from control.inspection.documents.document import JOINT, Document, Key, readable
from control.inspection.documents.dossier import Dossier, Paper, assemble
from control.inspection.documents.lookup import Index, answered, bill, cancelled, listed, numbered, parcel, threads
from control.inspection.documents.receipts import CustomsReceipt, counting, receipt_flaws

DOCUMENT_LIMIT = 800_000
"""Documents open: four for each of 200,000 consignments, which are a day and a half of the busiest centre known."""
RECEIPT_LIMIT = 1_000_000
"""Answers kept: one for each document, and those whose document has not come yet."""

ROOMY = DOCUMENT_LIMIT // 2
"""Documents up to which none is forgotten: a small centre keeps its own for years."""
KEPT_FOR = timedelta(days=1)
"""How long a document is kept at least once it is known, whatever becomes of it: the floor looks back a shift."""
LOOKED_AT = 4
"""Documents looked at for each that comes: with four to a parcel, all of a parcel's go as fast as another's come."""

_CAUTION = (
    Clearance.DETAINED,
    Clearance.SUSPENDED,
    Clearance.INSPECT,
    Clearance.PENDING,
    Clearance.RELEASED,
    Clearance.RETURNED,
    Clearance.CLOSED,
    Clearance.REJECTED,
)
"""Where a parcel stands on several inventories, the first of these counts. What customs rejected is not in force."""

_NOT_TAKEN_IN = frozenset({"1", "2", "3"})


class Kept(Struct, frozen=True, kw_only=True):
    """A document as it is held: packed, because a centre holds hundreds of thousands. `at`: since when it is known."""

    packed: bytes
    app_time: str
    at: Moment

    def unpack(self) -> Document:
        """Return the document."""
        return msgspec.json.decode(zlib.decompress(self.packed), type=Document)


class DossierState(Struct, frozen=True, kw_only=True):
    """Everything that the fold knows, for a snapshot."""

    documents: dict[Key, Kept] = {}
    receipts: dict[Key, CustomsReceipt] = {}


class Dossiers:
    """The documents of one site."""

    def __init__(self, state: DossierState | None = None) -> None:
        """Go on from what is known."""
        known = state or DossierState()
        self._documents = dict(known.documents)
        self._receipts = dict(known.receipts)
        self._index = Index()
        for key, kept in self._documents.items():
            self._index.add(key, threads(kept.unpack()))
        for key, receipt in self._receipts.items():
            self._index.add(key, _number_of(receipt))

    def state(self) -> DossierState:
        """Return what is known."""
        return DossierState(documents=dict(self._documents), receipts=dict(self._receipts))

    def check(self, act: DocumentAct, now: datetime) -> None:
        """Raise when `act` cannot have happened.

        Raises:
            RefusedError: It is not what its message asks for, comes too late, repeats what customs has taken,
                lies ahead of `now`, or passes a limit.
        """
        if act.at > now:
            raise RefusedError(f"{act.at.isoformat()} has not come yet")
        if isinstance(act, Declared):
            self._check_declared(act.document)
        else:
            self._check_receipt(act.receipt)

    def is_known(self, act: DocumentAct) -> bool:
        """Whether an act says what is on record already, so that a repeat need not be written down again."""
        if isinstance(act, Receipted):
            return self._receipts.get(act.receipt.key) == act.receipt
        kept = self._documents.get(act.document.key)
        return kept is not None and kept.unpack() == act.document

    def take(self, act: DocumentAct) -> None:
        """Take in what happened, as the journal has it."""
        if isinstance(act, Receipted):
            key = act.receipt.key
            self._receipts[key] = counting(self._receipts.get(key), act.receipt)
            self._index.add(key, _number_of(act.receipt))
            return
        key = act.document.key
        new, old = _pack(act), self._documents.get(key)
        if old is not None:
            if (old.app_time, old.packed) >= (new.app_time, new.packed):
                new, old = old, new
            new = msgspec.structs.replace(new, at=min(new.at, old.at))
            self._index.remove(key, threads(old.unpack()))
        self._documents[key] = new
        self._index.add(key, threads(new.unpack()))
        if len(self._documents) > ROOMY:
            self._forget_some(act.at - KEPT_FOR)

    def find(self, key: Key) -> Paper | None:
        """Return the document of a key with the answer that counts; None: there is none, or it was withdrawn."""
        kept = self._documents.get(key)
        paper = self._paper(kept) if kept is not None else None
        return None if paper is None or paper.document.is_withdrawn else paper

    def of_parcel(self, logistics_no: str) -> tuple[Dossier, ...]:
        """Return the dossiers of a parcel: one, unless its number stands on several inventories."""
        return tuple(assemble(paper, self.find, self._index.find) for paper in self._inventories(logistics_no))

    def of_order(self, ebc_code: str, order_no: str) -> Dossier:
        """Return what is known of an order.

        Raises:
            NotFoundError: Nothing is.
        """
        for way in ("621", "603"):
            paper = self.find(_key(way, ebc_code, order_no))
            if paper is not None:
                return assemble(paper, self.find, self._index.find)
        for way in ("311", "303"):
            paper = self.find(_key(way, order_no, ebc_code))
            if paper is not None:
                return assemble(paper, self.find, self._index.find)
        raise NotFoundError(f"no order {order_no!r} of {ebc_code!r}")

    def clearance(self, logistics_no: str) -> Clearance:
        """Return what customs says of a parcel."""
        standings = {self._standing(inventory) for inventory in self._inventories(logistics_no)}
        return next((one for one in _CAUTION if one in standings), Clearance.NONE)

    def declared_kg(self, logistics_no: str) -> Decimal | None:
        """Return the gross weight declared of a parcel; None: nobody has said, or two papers say two things."""
        said = {dossier.declared_kg for dossier in self.of_parcel(logistics_no)}
        return said.pop() if len(said) == 1 else None

    def concerned(self, act: DocumentAct) -> tuple[str, ...]:
        """Return the parcels of which customs may say something else, now that an act has been taken in."""
        if isinstance(act, Receipted):
            documents = [self._documents[key].unpack() for key in self._index.find(answered(act.receipt.key))]
        else:
            documents = [act.document]
        for document in [one for one in documents if one.type in CANCELLATIONS]:
            receipts = self._index.find(numbered(document.text("invt_no")))
            keys = {key for receipt in receipts for key in self._index.find(answered(receipt))}
            documents += [self._documents[key].unpack() for key in sorted(keys)]
        return tuple(dict.fromkeys(one.text("logistics_no") for one in documents if one.type in INVENTORIES))

    def lists_of(self, logistics_no: str) -> tuple[Document, ...]:
        """Return the lists (507, 509, 607, 711) that a parcel stands on."""
        papers = [self.find(key) for key in self._index.find(listed(logistics_no))]
        return tuple(paper.document for paper in papers if paper is not None)

    def lists_of_bill(self, bill_no: str) -> tuple[Document, ...]:
        """Return the lists of a bill of lading, every segment of them."""
        papers = [self.find(key) for key in self._index.find(bill(bill_no))]
        return tuple(paper.document for paper in papers if paper is not None)

    def _paper(self, kept: Kept) -> Paper:
        document = kept.unpack()
        return Paper(document=document, receipt=self._receipts.get(document.receipt_key), since=kept.at)

    def _inventories(self, logistics_no: str) -> list[Paper]:
        return [paper for key in self._index.find(parcel(logistics_no)) if (paper := self.find(key)) is not None]

    def _standing(self, inventory: Paper) -> Clearance:
        said = inventory.clearance
        if said is Clearance.CLOSED:
            return said
        for key in self._index.find(cancelled(inventory.invt_no)) if inventory.invt_no else ():
            paper = self.find(key)
            if paper is None or paper.document.text("app_time") < inventory.document.text("app_time"):
                continue
            if paper.status == "399":
                return Clearance.REJECTED
            if said is Clearance.RELEASED and paper.clearance is Clearance.PENDING:
                said = Clearance.PENDING
        return said

    def _check_declared(self, document: Document) -> None:
        found = flaws(document)
        if found:
            raise RefusedError(f"{document.type}: {found[0]}" + (f" and {len(found) - 1} more" if found[1:] else ""))
        name, kept = readable(document.key), self._documents.get(document.key)
        if kept is None:
            if len(self._documents) >= DOCUMENT_LIMIT:
                raise RefusedError(f"{DOCUMENT_LIMIT:,} documents are open already")
            return
        if document.text("app_time") <= kept.app_time:
            raise RefusedError(f"{name}: {document.text('app_time')} is not after {kept.app_time}, which is on record")
        standing = self._paper(kept)
        if not _may_be_replaced(standing, document):
            raise RefusedError(f"{name} was declared already and stands at {standing.status or 'no answer yet'}")

    def _check_receipt(self, receipt: CustomsReceipt) -> None:
        found = receipt_flaws(receipt)
        if found:
            raise RefusedError(f"{receipt.type}: {found[0]}")
        if receipt.key not in self._receipts and len(self._receipts) >= RECEIPT_LIMIT:
            raise RefusedError(f"{RECEIPT_LIMIT:,} answers are kept already")

    def _forget_some(self, before: datetime) -> None:
        """Look at those that were looked at longest ago: what is over and known since before `before` is dropped.

        Over is what is closed, rejected or withdrawn. An inventory goes with its partners, a list when no parcel on it
        has an inventory any more.
        """
        for key in list(islice(self._documents, LOOKED_AT)):
            kept = self._documents.get(key)
            if kept is None:
                continue
            over = self._over(key, kept) if kept.at < before else ()
            for one in over:
                self._drop(one)
            if not over:
                self._documents[key] = self._documents.pop(key)

    def _over(self, key: Key, kept: Kept) -> Sequence[Key]:
        """Return what goes with a document that is over, itself first; nothing where it is not."""
        paper = self._paper(kept)
        if paper.document.is_withdrawn or paper.clearance in (Clearance.REJECTED, Clearance.CLOSED):
            partners = assemble(paper, self.find, self._index.find).papers
            return list(dict.fromkeys((key, *(partner.document.key for partner in partners))))
        if paper.document.type in LISTS and not any(map(self._index.find, _parcels(paper.document))):
            return [key]
        return ()

    def _drop(self, key: Key) -> None:
        kept = self._documents.pop(key, None)
        if kept is None:
            return
        document = kept.unpack()
        self._index.remove(key, threads(document))
        receipt = self._receipts.pop(document.receipt_key, None)
        if receipt is not None:
            self._index.remove(document.receipt_key, _number_of(receipt))


def _number_of(receipt: CustomsReceipt) -> list[str]:
    number = receipt.keys.get("invt_no")
    return [numbered(number)] if number else []


def _key(message: str, *values: str) -> Key:
    return JOINT.join((message, *values))


def _parcels(document: Document) -> list[str]:
    return [parcel(line["logistics_no"]) for line in document.lines]


def _pack(act: Declared) -> Kept:
    body = msgspec.json.encode(act.document, order="deterministic")
    return Kept(packed=zlib.compress(body, 1), app_time=act.document.text("app_time"), at=act.at)


def _may_be_replaced(standing: Paper, document: Document) -> bool:
    """Whether a later document may take its place: it was only kept, or rejected, or customs has not taken it in."""
    if not standing.document.is_declared or standing.clearance is Clearance.REJECTED:
        return True
    changes = document.text("app_type") in {"2", "3"}
    return changes and (not standing.status or standing.status in _NOT_TAKEN_IN)
