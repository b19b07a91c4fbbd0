"""The way of a bonded order out of the zone (出区), as one table: what may follow what.

Source: reference `customs-and-traceability` 1.2 and 1.7; the states are our proposal. The table is of the goods. What
customs says of an order's inventory (100, 399, 500, 800) comes in any order and ends in one state there, so it is asked
for and not kept here: goods are picked when customs has examined the order (399), and leave when it has released it
(800).
"""

from collections.abc import Mapping
from enum import StrEnum

from control.inspection.clearance import Clearance


class OrderState(StrEnum):
    """Where an order's goods stand: where the least advanced of them is."""

    RESERVED = "reserved"
    PICKED = "picked"
    PACKED = "packed"
    RECHECK = "recheck"
    """It was weighed and is not decided on: it goes over the line again, or is packed anew."""
    HELD = "held"
    INSPECTING = "inspecting"
    DETAINED = "detained"
    REJECTED = "rejected"
    """退运: customs does not let it out; its goods go back on the shelf."""
    SORTED = "sorted"
    """The line has let it go."""
    BOUND = "bound"
    """It is on a vehicle pass (核放单)."""
    LEFT = "left"
    """It is out of the zone."""
    SIGNED = "signed"
    """签收: the carrier has handed it over (513)."""
    CLOSED = "closed"
    CANCELLED = "cancelled"
    """撤单: nothing of it is taken any more."""
    RETURNING = "returning"
    """退货: its buyer sends it back."""
    BACK = "back"
    RESTOCKED = "restocked"
    SCRAPPED = "scrapped"


class OrderStep(StrEnum):
    """What people do with one order."""

    OPEN = "open"
    RELEASE = "release"
    DETAIN = "detain"
    REJECT = "reject"
    BIND = "bind"
    UNBIND = "unbind"
    SEND_BACK = "send-back"
    """Its buyer gives it back (625)."""
    COME_BACK = "come-back"
    RESTOCK = "restock"
    SCRAP = "scrap"


class OrderFate(StrEnum):
    """What happens to it elsewhere: on the shelves, on a lane, at customs, at the gate, at the buyer's door."""

    RESERVED = "reserved"
    PICKED = "picked"
    PACKED = "packed"
    FREED = "freed"
    SHIPPED = "shipped"
    PASSED = "passed"
    STOPPED = "stopped"
    UNDECIDED = "undecided"
    RECALLED = "recalled"
    UNBOUND = "unbound"
    """Its vehicle pass was rejected or given up."""
    GATED_OUT = "gated-out"
    SIGNED = "signed"
    CLOSED = "closed"


S, Step, Fate = OrderState, OrderStep, OrderFate

RULES: Mapping[tuple[OrderState, OrderStep | OrderFate], OrderState] = {
    (S.RESERVED, Fate.PICKED): S.PICKED,
    (S.RESERVED, Fate.FREED): S.CANCELLED,
    (S.PICKED, Fate.RESERVED): S.RESERVED,
    (S.PICKED, Fate.PACKED): S.PACKED,
    (S.PICKED, Fate.FREED): S.CANCELLED,
    (S.PACKED, Fate.RESERVED): S.RESERVED,
    **{
        (state, fate): after
        for state in (S.PACKED, S.RECHECK, S.SORTED)
        for fate, after in ((Fate.PASSED, S.SORTED), (Fate.STOPPED, S.HELD), (Fate.UNDECIDED, S.RECHECK))
    },
    (S.BOUND, Fate.STOPPED): S.HELD,
    (S.SORTED, Fate.RECALLED): S.HELD,
    (S.BOUND, Fate.RECALLED): S.HELD,
    # What is unpacked begins anew, wherever it stood; what customs looks into is not unpacked.
    **{(state, Fate.PICKED): S.PICKED for state in (S.PACKED, S.RECHECK, S.HELD, S.REJECTED, S.SORTED)},
    (S.HELD, Step.OPEN): S.INSPECTING,
    (S.INSPECTING, Step.RELEASE): S.SORTED,
    (S.INSPECTING, Step.DETAIN): S.DETAINED,
    (S.INSPECTING, Step.REJECT): S.REJECTED,
    (S.DETAINED, Step.RELEASE): S.SORTED,
    (S.DETAINED, Step.REJECT): S.REJECTED,
    (S.SORTED, Step.BIND): S.BOUND,
    (S.BOUND, Step.UNBIND): S.SORTED,
    (S.BOUND, Fate.UNBOUND): S.SORTED,
    (S.BOUND, Fate.GATED_OUT): S.LEFT,
    # Where no pass is drawn it leaves when it is handed over; on a pass it leaves with its vehicle.
    (S.PACKED, Fate.SHIPPED): S.LEFT,
    (S.SORTED, Fate.SHIPPED): S.LEFT,
    (S.BOUND, Fate.SHIPPED): S.BOUND,
    (S.LEFT, Fate.SHIPPED): S.LEFT,
    (S.LEFT, Fate.SIGNED): S.SIGNED,
    (S.LEFT, Fate.CLOSED): S.CLOSED,
    (S.SIGNED, Fate.CLOSED): S.CLOSED,
    **{(state, Step.SEND_BACK): S.RETURNING for state in (S.LEFT, S.SIGNED, S.CLOSED)},
    (S.RETURNING, Step.COME_BACK): S.BACK,
    (S.BACK, Step.RESTOCK): S.RESTOCKED,
    (S.BACK, Step.SCRAP): S.SCRAPPED,
}
"""A state and what happens in it; what is not here is refused when people do it, and changes nothing otherwise."""

RELEASED_ONLY = frozenset({Step.RELEASE, Step.BIND})
"""Steps that ask for customs' release (800)."""
TWO_PERSONS = frozenset({Step.OPEN, Step.RESTOCK, Step.SCRAP})
"""Steps that two different people take together."""
WITH_REASON = frozenset({Step.DETAIN, Step.REJECT, Step.UNBIND, Step.SEND_BACK, Step.RESTOCK, Step.SCRAP})
"""Steps that say why."""
STOPS = frozenset({Clearance.INSPECT, Clearance.SUSPENDED, Clearance.DETAINED, Clearance.REJECTED, Clearance.RETURNED})
"""What customs may say that stops an order which the line had let go."""
AWAY = frozenset({S.LEFT, S.SIGNED, S.CLOSED})
"""Where a recall comes too late for the floor."""
OVER = frozenset({S.CLOSED, S.CANCELLED, S.RESTOCKED, S.SCRAPPED})
"""Where its way ends, unless its buyer sends it back."""
