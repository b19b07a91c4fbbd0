"""The words for what a plan can break. They are stable: explanations, screens and reasons for staying use them."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct


class Rule(StrEnum):
    """A rule of `routing/DESIGN.md`; the number in front of a group is its paragraph there."""

    INSTANCE = "other-instance"
    """The plan answers another instance."""
    CONSIGNMENT = "unknown-consignment"
    SERVICE = "unknown-service"
    OFFER = "unknown-offer"
    CHAIN = "broken-chain"
    """A leg does not begin where the one before ended, or the first not at the origin."""
    DESTINATION = "wrong-destination"
    REVISIT = "place-twice"

    # 1, 2: handing over, papers and booking
    CLOSED = "place-closed"
    """The place does not open again after the goods have come."""
    GATE_IN = "gate-in-missed"
    CUSTOMS_CUT_OFF = "customs-missed"
    DOCUMENTS = "documents-missed"
    BOOKING = "booking-closed"

    # 3, 4: customs and service
    REGIME = "regime-not-served"
    CANCELLED = "service-cancelled"
    BAND = "band-not-served"
    FORBIDDEN = "mode-forbidden"
    FORCED = "mode-not-used"

    # 5, 6, 7: arrival, waiting, cold chain
    LATEST = "too-late"
    DWELL = "waits-too-long"
    EXPOSURE = "exposed-too-long"
    SHELF_LIFE = "shelf-life-short"

    # 8: room
    PLUGS = "cold-room-full"
    ROOM = "room-full"

    # 9: units
    SHORT = "units-too-few"
    IDLE = "units-not-needed"
    COUNT = "units-above-count"
    SERVICE_PLUGS = "plugs-on-board"
    BOOKED_TWICE = "booked-twice"

    # 10: parts
    SPLIT = "split-not-allowed"
    LEAST_PART = "part-too-small"
    PARTS = "parts-do-not-add-up"

    # 11: locks, and each consignment once
    LOCK = "lock-broken"
    BOTH = "routed-and-unplanned"
    NEITHER = "not-mentioned"
    UNPLANNED_TWICE = "unplanned-twice"

    COST = "cost-wrong"
    BOUND = "bound-above-cost"


class Violation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule that is broken. `subject` is the id of what broke it: a consignment, service, place or the instance."""

    rule: Rule
    subject: str
    text: Annotated[str, Meta(max_length=300)]

    def __str__(self) -> str:
        """Return it as one line."""
        return f"{self.rule}: {self.subject}: {self.text}"
