"""What customs answers. Of all answers to one document one counts, in whatever order they come.

The answers to a document have a total order (`weight`), and the greatest counts: a join of a semilattice, so that
answers may come twice, late or in any order. A closed case stays closed; else the newest counts by customs' own clock,
and of two of the same millisecond the one that lets less pass.
"""

from typing import Annotated

from msgspec import Meta, Struct

from control.inspection.clearance import is_final, status_rank
from control.inspection.documents.catalogue import BY_RECEIPT
from control.inspection.documents.checks import Flaw, value_flaw
from control.inspection.documents.document import Fields, Key, key_of
from control.inspection.documents.notation import Field


class CustomsReceipt(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One answer: to which message, by which keys, what status, when (Beijing time to the millisecond), and why.

    `keys` are the fields it repeats of the document, and the numbers customs gave it (`pre_no`, `invt_no`).
    """

    type: Annotated[str, Meta(pattern="^[0-9]{3}$")]
    keys: Fields
    status: Annotated[str, Meta(min_length=1, max_length=10)]
    time: Annotated[str, Meta(pattern="^[0-9]{17}$")]
    info: Annotated[str, Meta(max_length=1_000)] = ""

    @property
    def key(self) -> Key:
        """The document it answers, as that says it of itself (`Document.receipt_key`)."""
        message = BY_RECEIPT[self.type]
        return key_of(message.type, self.keys, message.receipt_key)

    @property
    def weight(self) -> tuple[bool, str, tuple[bool, int], str, str, tuple[tuple[str, str], ...]]:
        """What makes it count more than another answer to the same document."""
        return (
            is_final(self.status),
            self.time,
            status_rank(self.status),
            self.status,
            self.info,
            tuple(sorted(self.keys.items())),
        )


def counting(one: CustomsReceipt | None, other: CustomsReceipt) -> CustomsReceipt:
    """Return which of two answers to one document counts. Commutative, associative, idempotent."""
    return other if one is None or other.weight > one.weight else one


def receipt_flaws(receipt: CustomsReceipt) -> tuple[Flaw, ...]:
    """Return what is wrong with an answer by its field table."""
    message = BY_RECEIPT.get(receipt.type)
    if message is None:
        return (Flaw(reason="unknown-message", parameters={"type": receipt.type}),)
    table = {field.name: field for field in message.receipt_fields}
    found = [Flaw(reason="missing", field=table[name].xml) for name in message.receipt_key if name not in receipt.keys]
    values = receipt.keys | {"return_status": receipt.status, "return_time": receipt.time}
    found += [flaw for name, value in values.items() for flaw in _flaws(name, table, value)]
    return tuple(found)


def _flaws(name: str, table: dict[str, Field], value: str) -> list[Flaw]:
    if name not in table:
        return [Flaw(reason="unknown-field", field=name)]
    flaw = value_flaw(table[name], value)
    return [Flaw(reason=flaw[0], field=table[name].xml, parameters=flaw[1])] if flaw else []
