"""The way of a consignment into the zone (入区), as one table: what may follow what.

Source: reference `customs-and-traceability` 1.2; the states are our proposal. What customs, the gate and the shelves
say is no step of anybody here: it comes as a fate, from the rooms that know it.
"""

from collections.abc import Mapping
from enum import StrEnum


class InboundState(StrEnum):
    """Where a consignment stands."""

    NOTICED = "noticed"
    DECLARED = "declared"
    """INV101 was sent: it has the number of its document (核注清单)."""
    PRE_BOOKED = "pre-booked"
    """预核扣: customs has booked it ahead."""
    APPROVED = "approved"
    """A vehicle pass (核放单) with it was approved (SAS221)."""
    GATED_IN = "gated-in"
    """At least one vehicle with it is in (SAS223); it waits to be counted."""
    TALLIED = "tallied"
    DISCREPANCY = "discrepancy"
    """短/溢/残: short, over, or damaged."""
    INSPECTING = "inspecting"
    DETAINED = "detained"
    BOOKED = "booked"
    """已核扣: the account has it for good (INV211)."""
    PUTTING_AWAY = "putting-away"
    ON_SHELF = "on-shelf"
    RETURNED = "returned"
    """退运"""
    DESTROYED = "destroyed"
    """销毁"""
    CANCELLED = "cancelled"


class InboundStep(StrEnum):
    """What people do with a consignment."""

    DECLARE = "declare"
    CANCEL = "cancel"
    OPEN = "open"
    CLEAR = "clear"
    DETAIN = "detain"
    SETTLE = "settle"
    """What differs is put right on paper: amended, or explained by another document."""
    RETURN = "return"
    DESTROY = "destroy"


class InboundFate(StrEnum):
    """What happens to it elsewhere: in the account, at the gate, in a count, on the shelves."""

    BOOKED_AHEAD = "booked-ahead"
    WITHDRAWN = "withdrawn"
    APPROVED = "approved"
    GATED_IN = "gated-in"
    AGREES = "agrees"
    DIFFERS = "differs"
    BOOKED = "booked"
    SHELVING = "shelving"
    SHELVED = "shelved"


S, Step, Fate = InboundState, InboundStep, InboundFate

RULES: Mapping[tuple[InboundState, InboundStep | InboundFate], InboundState] = {
    (S.NOTICED, Step.DECLARE): S.DECLARED,
    (S.NOTICED, Step.CANCEL): S.CANCELLED,
    (S.DECLARED, Step.CANCEL): S.CANCELLED,
    (S.DECLARED, Fate.BOOKED_AHEAD): S.PRE_BOOKED,
    (S.PRE_BOOKED, Fate.WITHDRAWN): S.DECLARED,
    (S.APPROVED, Fate.WITHDRAWN): S.DECLARED,
    (S.PRE_BOOKED, Fate.APPROVED): S.APPROVED,
    # What enters first and is declared afterwards (先入区后报关) is booked ahead when it is in.
    (S.DECLARED, Fate.APPROVED): S.APPROVED,
    (S.APPROVED, Fate.GATED_IN): S.GATED_IN,
    (S.PRE_BOOKED, Fate.GATED_IN): S.GATED_IN,
    **{
        (state, fate): after
        for state in (S.GATED_IN, S.TALLIED, S.DISCREPANCY)
        for fate, after in ((Fate.AGREES, S.TALLIED), (Fate.DIFFERS, S.DISCREPANCY))
    },
    **{(state, Step.OPEN): S.INSPECTING for state in (S.GATED_IN, S.TALLIED, S.DISCREPANCY)},
    # What was opened is counted afterwards, whether or not it was before.
    (S.INSPECTING, Step.CLEAR): S.GATED_IN,
    (S.INSPECTING, Step.DETAIN): S.DETAINED,
    (S.INSPECTING, Step.RETURN): S.RETURNED,
    (S.DETAINED, Step.CLEAR): S.GATED_IN,
    (S.DETAINED, Step.RETURN): S.RETURNED,
    (S.DISCREPANCY, Step.SETTLE): S.TALLIED,
    (S.DISCREPANCY, Step.RETURN): S.RETURNED,
    (S.DISCREPANCY, Step.DESTROY): S.DESTROYED,
    (S.TALLIED, Fate.BOOKED): S.BOOKED,
    (S.BOOKED, Fate.SHELVING): S.PUTTING_AWAY,
    (S.BOOKED, Fate.SHELVED): S.ON_SHELF,
    (S.PUTTING_AWAY, Fate.SHELVED): S.ON_SHELF,
}
"""A state and what happens in it; what is not here is refused when people do it, and changes nothing otherwise."""

TWO_PERSONS = frozenset({Step.OPEN, Step.SETTLE, Step.DESTROY})
"""Steps that two different people take together."""
WITH_REASON = frozenset({Step.CANCEL, Step.DETAIN, Step.SETTLE, Step.RETURN, Step.DESTROY})
"""Steps that say why."""
SHELVABLE = frozenset({S.BOOKED, S.PUTTING_AWAY, S.ON_SHELF})
"""Where its goods may go on a shelf: the account has them."""
OVER = frozenset({S.ON_SHELF, S.RETURNED, S.DESTROYED, S.CANCELLED})
"""Where its way ends."""
