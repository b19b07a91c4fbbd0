"""What people do with whole orders, as the journal keeps it; what they do with goods is told by stock acts."""

from typing import Annotated

from msgspec import Meta, Struct

from coldport.ids import Person
from coldport.messages.observation import Moment
from control.inspection.orders.rules import OrderStep

Name = Annotated[str, Meta(min_length=1, max_length=60)]
Said = Annotated[str, Meta(min_length=1, max_length=500)]
PassNo = Annotated[str, Meta(pattern="^[A-Za-z0-9-]{1,40}$", description="核放单")]


class OrderMoved(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="entry", tag="order-moved"):
    """Somebody did something with an order of `owner` (ebcCode); to bind it names the vehicle pass it goes out on."""

    owner: Name
    order: Name
    step: OrderStep
    at: Moment
    by: Person
    approved_by: Person | None = None
    into: PassNo | None = None
    reason: Said | None = None


OrderAct = OrderMoved
