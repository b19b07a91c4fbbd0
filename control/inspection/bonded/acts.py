"""What happens to accounts and quotas, as the journal keeps it. Quantities are in the declared unit of the item."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from coldport.ids import Person
from coldport.messages.observation import Moment

Account = Annotated[str, Meta(pattern="^[A-Z0-9]{12}$", description="账册号")]
AccountItem = Annotated[int, Meta(ge=1, le=999_999_999, description="备案序号")]
DocumentNo = Annotated[str, Meta(min_length=1, max_length=60, description="核注清单")]
PassNo = Annotated[str, Meta(pattern="^[A-Za-z0-9-]{1,40}$", description="核放单")]


class BookLine(Struct, frozen=True, kw_only=True):
    """So much of one item of an account."""

    account: Account
    item: AccountItem
    quantity: Decimal


class BookDeclared(Struct, frozen=True, kw_only=True, tag_field="entry", tag="book-declared"):
    """A document (核注清单) moves items of an account in, or out: booked ahead (预核扣) until it is through."""

    document: DocumentNo
    inbound: bool
    lines: Annotated[tuple[BookLine, ...], Meta(min_length=1, max_length=1_000)]
    at: Moment
    by: Person


class BookReleased(Struct, frozen=True, kw_only=True, tag_field="entry", tag="book-released"):
    """Customs released the declaration behind a document."""

    document: DocumentNo
    at: Moment
    by: Person


class BookOnPass(Struct, frozen=True, kw_only=True, tag_field="entry", tag="book-on-pass"):
    """Part of a document was put on a vehicle pass (核放单)."""

    document: DocumentNo
    number: PassNo
    lines: Annotated[tuple[BookLine, ...], Meta(min_length=1, max_length=1_000)]
    at: Moment
    by: Person


class BookThrough(Struct, frozen=True, kw_only=True, tag_field="entry", tag="book-through"):
    """A pass that carried part of a document went through the gate."""

    document: DocumentNo
    number: PassNo
    at: Moment
    by: Person


class BookCancelled(Struct, frozen=True, kw_only=True, tag_field="entry", tag="book-cancelled"):
    """A document was withdrawn before anything of it went through the gate; what was booked ahead is given back."""

    document: DocumentNo
    at: Moment
    by: Person


class Standing(StrEnum):
    """`cusmExeMarkcd`: what customs lets an item do."""

    NORMAL = "1"
    SUSPENDED = "4"
    """暂停进出"""
    NO_IN = "5"
    NO_OUT = "6"


class BookReported(Struct, frozen=True, kw_only=True, tag_field="entry", tag="book-reported"):
    """What customs' own account says of an item (INV211)."""

    account: Account
    item: AccountItem
    standing: Standing
    increased: Decimal
    reduced: Decimal
    increase_ahead: Decimal
    reduce_ahead: Decimal
    at: Moment


BookAct = BookDeclared | BookReleased | BookOnPass | BookThrough | BookCancelled | BookReported


class QuotaReserved(Struct, frozen=True, kw_only=True, tag_field="entry", tag="quota-reserved"):
    """An order takes part of its buyer's yearly quota. `buyer` is a digest of who it is, never the identity number."""

    buyer: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    order: Annotated[str, Meta(min_length=1, max_length=80)]
    amount_cny: Decimal
    items: Annotated[int, Meta(ge=1)]
    at: Moment
    by: Person


class CameBack(Struct, frozen=True, kw_only=True):
    """The days of an order that came back: customs released it, its return was asked for, the goods were back."""

    released_on: date
    asked_on: date
    back_on: date


class QuotaReleased(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="entry", tag="quota-released"):
    """An order gives its part back: it was cancelled, or `came_back` in time. `reason` says more."""

    buyer: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    order: Annotated[str, Meta(min_length=1, max_length=80)]
    reason: Annotated[str, Meta(min_length=1, max_length=200)]
    at: Moment
    by: Person
    came_back: CameBack | None = None


QuotaAct = QuotaReserved | QuotaReleased
