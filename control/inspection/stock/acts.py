"""What happens to stock, as the journal keeps it. Quantities are exact, in the unit of the lot's item."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from msgspec import Meta, Struct

from coldport.ids import Id, Person
from coldport.messages.observation import Moment
from coldport.site import ZoneClass
from control.inspection.stock.rules import Verb

Name = Annotated[str, Meta(min_length=1, max_length=60)]
Reason = Annotated[str, Meta(min_length=1, max_length=200)]


class BinSet(Struct, frozen=True, kw_only=True, tag_field="entry", tag="bin-set"):
    """A bin (货位) stands in a zone of a temperature class and holds so many units; `walk` orders bins on the way."""

    bin: Id
    zone: Id
    temperature_class: ZoneClass
    capacity: Decimal
    walk: Annotated[int, Meta(ge=0)]
    at: Moment
    by: Person


class StockLotNamed(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="entry", tag="stock-lot-named"):
    """A lot is of an item, belongs to somebody, keeps until a day and wants a temperature class.

    `account` and `account_item` are the bonded book (账册) and its item number (备案序号); a lot without is not bonded.
    `inbound` is the consignment it came with: it goes on no shelf before the account has that.
    """

    lot: Id
    item: Name
    unit: Annotated[str, Meta(pattern="^[0-9]{3}$")]
    owner: Name
    temperature_class: ZoneClass
    at: Moment
    by: Person
    expires_on: date | None = None
    account: Annotated[str, Meta(pattern="^[A-Z0-9]{12}$")] | None = None
    account_item: Annotated[int, Meta(ge=1, le=999_999_999)] | None = None
    inbound: Id | None = None


class StockMoved(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="entry", tag="stock-moved"):
    """A quantity of a lot was moved as `verb` says (`rules.RULES`); it lies in `bin`, and in `to_bin` afterwards."""

    verb: Verb
    lot: Id
    quantity: Decimal
    bin: Id
    at: Moment
    by: Person
    to_bin: Id | None = None
    order: Name | None = None
    reason: Reason | None = None
    approved_by: Person | None = None


class StockCounted(Struct, frozen=True, kw_only=True, tag_field="entry", tag="stock-counted"):
    """Somebody counted what of a lot lies in a bin. A difference is adjusted by an act of its own, or counted again."""

    lot: Id
    bin: Id
    counted: Decimal
    at: Moment
    by: Person


StockAct = BinSet | StockLotNamed | StockMoved | StockCounted
