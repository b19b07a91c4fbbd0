"""What somebody declared: one business node of a message, as text, field by field; and by what it is known."""

from decimal import Decimal
from typing import Annotated

from msgspec import Meta, Struct

from control.inspection.documents.catalogue import MESSAGES

Name = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,39}$")]
Value = Annotated[str, Meta(min_length=1, max_length=1_000)]
Fields = dict[Name, Value]

Key = str
"""What makes a document the same as another: the type and the values of its key, joined by `JOINT`."""
JOINT = "\x1f"
"""Stands in no value: a control character is refused."""


class Document(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A declaration. Fields have the message's own names in snake case; a field without a value is not there.

    Numbers stay the text that was sent, so that what is signed is what was checked; `number` reads them exactly.
    """

    type: Annotated[str, Meta(pattern="^[0-9]{3}$")]
    head: Fields
    lines: Annotated[tuple[Fields, ...], Meta(max_length=20_000)] = ()

    def text(self, name: str) -> str:
        """Return a field of the head, empty where there is none."""
        return self.head.get(name, "")

    def number(self, name: str) -> Decimal:
        """Return a number of the head, 0 where there is none. The document must have been checked."""
        return Decimal(self.head.get(name, "0"))

    @property
    def key(self) -> Key:
        """By what it is the same as another. The document must have been checked."""
        return key_of(self.type, self.head, MESSAGES[self.type].key)

    @property
    def receipt_key(self) -> Key:
        """By what its receipts name it."""
        return key_of(self.type, self.head, MESSAGES[self.type].receipt_key)

    @property
    def is_withdrawn(self) -> bool:
        """Whether it says that the one before it, with the same key, is not to count any more (appType 3)."""
        return self.text("app_type") == "3"

    @property
    def is_declared(self) -> bool:
        """Whether it was declared (appStatus 2) and not only kept."""
        return self.text("app_status") == "2"


def key_of(message: str, values: dict[str, str], names: tuple[str, ...]) -> Key:
    """Return the key that the values of `names` make."""
    return JOINT.join((message, *(values.get(name, "") for name in names)))


def readable(key: Key) -> str:
    """Return a key as people read it."""
    return key.replace(JOINT, " ")
