"""What happens to consignments that come into the zone, as the journal keeps it."""

from decimal import Decimal
from typing import Annotated

from msgspec import Meta, Struct

from coldport.ids import Id, Person
from coldport.messages.observation import Moment
from control.inspection.inbound.rules import InboundStep

Account = Annotated[str, Meta(pattern="^[A-Z0-9]{12}$", description="账册号")]
AccountItem = Annotated[int, Meta(ge=1, le=999_999_999, description="备案序号")]
DocumentNo = Annotated[str, Meta(min_length=1, max_length=60, description="核注清单")]
Said = Annotated[str, Meta(min_length=1, max_length=500)]


class InboundLine(Struct, frozen=True, kw_only=True):
    """So much of an item of an account, in its declared unit."""

    account: Account
    item: AccountItem
    quantity: Decimal


Lines = Annotated[tuple[InboundLine, ...], Meta(max_length=1_000)]


class InboundNoticed(Struct, frozen=True, kw_only=True, tag_field="entry", tag="inbound-noticed"):
    """A consignment is to come, with so much of these items."""

    inbound: Id
    lines: Annotated[tuple[InboundLine, ...], Meta(min_length=1, max_length=1_000)]
    at: Moment
    by: Person


class InboundMoved(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="entry", tag="inbound-moved"):
    """Somebody did something with a consignment; to declare it gives the number of its document."""

    inbound: Id
    step: InboundStep
    at: Moment
    by: Person
    approved_by: Person | None = None
    document: DocumentNo | None = None
    reason: Said | None = None


class InboundTallied(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="entry", tag="inbound-tallied"):
    """It was counted (理货): all that came, the damaged too, and the damaged by themselves."""

    inbound: Id
    counted: Lines
    at: Moment
    by: Person
    damaged: Lines = ()


InboundAct = InboundNoticed | InboundMoved | InboundTallied
"""What people do; what else moves a consignment is told by other acts."""
