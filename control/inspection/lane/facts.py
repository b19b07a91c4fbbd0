"""What the rest of the floor knows of a parcel when a lane asks."""

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from control.inspection.clearance import Clearance


class Facts(Struct, frozen=True, kw_only=True):
    """A parcel as its documents and its way so far say.

    `known` is false when no order, waybill or inventory names it. `findings` are the ids of the document rules it
    breaks; `watch` the entry of a watch list that it meets. `seen_at` is when the same number was on a lane the last
    time; it counts where the lanes themselves do not remember the parcel. A `cold` parcel left the cold at
    `cold_since`; None: nobody said. `stratum` is the one it is drawn from.
    """

    known: bool = False
    clearance: Clearance = Clearance.NONE
    declared_kg: float | None = None
    findings: tuple[str, ...] = ()
    watch: str | None = None
    seen_at: datetime | None = None
    cold: bool = False
    cold_since: datetime | None = None
    dwell_limit_s: float | None = None
    stratum: str = "all"


Lookup = Callable[[str], Facts]
"""Facts of a logistics number, now."""
