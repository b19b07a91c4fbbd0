"""What has to be told to the site before a truck of parcels may go over its lanes, in the order in which it is told.

Enterprise and carrier declare, each with a key of its own; the site's people write down what came in at the dock.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from firmware_sim.trade import papers
from firmware_sim.trade.firms import Consignment, Firm, Trade

BY = "simulator"
"""Who does it, on record."""

NUMBERS = "SM"
"""What the numbers of all simulated parcels begin with."""

MESSAGES = f"/api/v1/floor/messages?pass_on=true&by={BY}"
ACTS = "/api/v1/floor/acts"


class Party(NamedTuple):
    """A firm as a party of the site."""

    id: str
    kind: Literal["enterprise", "carrier"]
    firm: Firm


class Parties(NamedTuple):
    """Those of a trade that have keys."""

    seller: Party
    carrier: Party


class Errand(NamedTuple):
    """One request: what it is about, and who sends it; None: the site's own people, on its own machine."""

    what: str
    path: str
    body: bytes
    party: Party | None = None


class Truck(NamedTuple):
    """What comes on one truck: its bill, the parcels that are declared, and those that somebody forgot to declare."""

    bill: str
    declared: Sequence[Consignment]
    forgotten: Sequence[Consignment] = ()


def errands(trade: Trade, parties: Parties, truck: Truck, now: datetime) -> Iterator[Errand]:
    """Yield all that is told of a truck: papers first, then its arrival, then each parcel at the dock with its tag."""
    parcels, bill = truck.declared, truck.bill
    if parcels:
        seller, carrier = parties
        yield Errand(f"orders of {bill}", MESSAGES, papers.orders(trade, parcels, now), seller)
        yield Errand(f"waybills of {bill}", MESSAGES, papers.waybills(trade, parcels, now), carrier)
        yield Errand(f"inventories of {bill}", MESSAGES, papers.inventories(trade, parcels, bill, now), seller)
        yield Errand(f"arrival of {bill}", MESSAGES, papers.arrival(trade, parcels, bill, now))
    for one in (*parcels, *truck.forgotten):
        yield _act("parcel-received", one, {})
        # The simulated tags are used again: a simulation that starts anew begins with the same ones.
        yield _act("tag-bound", one, {"epc": one.epc, "again": True})


def _act(entry: str, one: Consignment, more: dict[str, Any]) -> Errand:
    body = {"entry": entry, "logistics_no": one.logistics_no, "by": BY} | more
    return Errand(f"{entry} {one.logistics_no}", ACTS, json.dumps(body).encode())
