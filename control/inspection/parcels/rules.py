"""The way of a parcel through the inspection centre, as one table: what may follow what.

Source: the steps of an export inspection centre (9610), reference `customs-and-traceability` 1.1; the states are our
proposal. Before it is received a parcel is announced, which is to say that documents name it; nothing is kept of it
here until then.
"""

from collections.abc import Mapping
from enum import StrEnum

from control.inspection.clearance import Clearance


class ParcelState(StrEnum):
    """Where a parcel stands."""

    RECEIVED = "received"
    EXTRA = "extra"
    """多货: it came, and no list names it."""
    ON_LINE = "on-line"
    SCREENED = "screened"
    """It was measured and is not decided on: customs has not answered, or a measurement was in doubt."""
    RELEASED = "released"
    HELD = "held"
    INSPECTING = "inspecting"
    RECTIFYING = "rectifying"
    """改单/撤单: its documents are being corrected or withdrawn."""
    DETAINED = "detained"
    RETURNED = "returned"
    BAGGED = "bagged"
    LOADED = "loaded"
    SEALED = "sealed"
    GATED_OUT = "gated-out"
    DEPARTED = "departed"
    CLOSED = "closed"


class Step(StrEnum):
    """What people do with one parcel."""

    LINE = "line"
    OPEN = "open"
    RELEASE = "release"
    RECTIFY = "rectify"
    DETAIN = "detain"
    RETURN = "return"
    BAG = "bag"
    LOAD = "load"
    UNLOAD = "unload"


class Fate(StrEnum):
    """What happens to a parcel without anybody touching it: the lane's verdict, customs' word, its vehicle's way."""

    TALLIED_EXTRA = "tallied-extra"
    PASSED = "passed"
    STOPPED = "stopped"
    UNDECIDED = "undecided"
    RECALLED = "recalled"
    SEALED = "sealed"
    UNSEALED = "unsealed"
    GATED_OUT = "gated-out"
    DEPARTED = "departed"
    CLOSED = "closed"


S = ParcelState

RULES: Mapping[tuple[ParcelState, Step | Fate], ParcelState] = {
    (S.RECEIVED, Step.LINE): S.ON_LINE,
    (S.RECEIVED, Fate.TALLIED_EXTRA): S.EXTRA,
    **{
        (state, fate): after
        for state in (S.RECEIVED, S.ON_LINE, S.SCREENED, S.RELEASED)
        for fate, after in ((Fate.PASSED, S.RELEASED), (Fate.STOPPED, S.HELD), (Fate.UNDECIDED, S.SCREENED))
    },
    (S.BAGGED, Fate.STOPPED): S.HELD,
    # What is held is released by people, not by another run over a lane; what no list names, by neither.
    (S.EXTRA, Fate.STOPPED): S.HELD,
    (S.SCREENED, Step.LINE): S.ON_LINE,
    (S.EXTRA, Step.OPEN): S.INSPECTING,
    (S.HELD, Step.OPEN): S.INSPECTING,
    (S.INSPECTING, Step.RELEASE): S.RELEASED,
    (S.INSPECTING, Step.RECTIFY): S.RECTIFYING,
    (S.INSPECTING, Step.DETAIN): S.DETAINED,
    (S.INSPECTING, Step.RETURN): S.RETURNED,
    (S.RECTIFYING, Step.LINE): S.ON_LINE,
    (S.RECTIFYING, Step.RETURN): S.RETURNED,
    (S.DETAINED, Step.RELEASE): S.RELEASED,
    (S.DETAINED, Step.RETURN): S.RETURNED,
    (S.RELEASED, Step.BAG): S.BAGGED,
    (S.RELEASED, Step.LOAD): S.LOADED,
    (S.BAGGED, Step.LOAD): S.LOADED,
    (S.LOADED, Step.UNLOAD): S.HELD,
    (S.RELEASED, Fate.RECALLED): S.HELD,
    (S.BAGGED, Fate.RECALLED): S.HELD,
    (S.LOADED, Fate.SEALED): S.SEALED,
    (S.SEALED, Fate.UNSEALED): S.LOADED,
    (S.SEALED, Fate.GATED_OUT): S.GATED_OUT,
    # The parcel of a bonded order leaves on the order's vehicle pass; no vehicle is loaded here.
    (S.RELEASED, Fate.GATED_OUT): S.GATED_OUT,
    (S.GATED_OUT, Fate.DEPARTED): S.DEPARTED,
    (S.DEPARTED, Fate.CLOSED): S.CLOSED,
}
"""A state and what happens in it; what is not here is refused when people do it, and changes nothing otherwise."""

RELEASED_ONLY = frozenset({Step.RELEASE, Step.BAG, Step.LOAD})
"""Steps that ask for customs' release (800)."""
TWO_PERSONS = frozenset({Step.OPEN})
"""Steps that two different people take together."""
WITH_REASON = frozenset({Step.RECTIFY, Step.DETAIN, Step.RETURN, Step.UNLOAD})
"""Steps that say why."""

RECALLS = frozenset(
    {Clearance.INSPECT, Clearance.SUSPENDED, Clearance.DETAINED, Clearance.REJECTED, Clearance.RETURNED}
)
"""What customs may say that stops a parcel which was released."""

AWAY = frozenset({S.GATED_OUT, S.DEPARTED})
"""Where a recall comes too late for the floor."""
OVER = frozenset({S.RETURNED, S.CLOSED})
"""Where its way ends."""
