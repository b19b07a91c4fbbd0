"""Finds the events that tell of a passport: those of its names, and of what it was in or made of, three steps away."""

from collections.abc import Sequence

import msgspec

from coldport.site import Site
from control.passport.acts import PassportIssued
from control.passport.story import Happened, Story, Window, names_of, related, tell, this_trip
from control.traceability.event import Found, micros
from control.traceability.identifiers import HOST
from control.traceability.ports import Traces
from control.traceability.query import Query, Wanted
from control.tracing.names import Names

DEPTH = 3
"""A thing in a box, in a parcel, on a vehicle."""
NAMES_LIMIT = 24
"""Names that are looked for: each is a search of some milliseconds."""
EVENTS_LIMIT = 200
"""Events of one name within its window, from the first on; a box has ten."""

_KINDS = ("epc", "parent", "output", "class", "output-class")


async def story_of(issued: PassportIssued, site: Site, traces: Traces) -> Story:
    """Return what is told of a passport; raises UnavailableError."""
    names = Names(site)
    lot = names.of("lot", issued.lot) if issued.lot is not None else None
    looked_for = dict.fromkeys(names_of(issued.item, lot), Window())
    known: dict[str, tuple[Window, Sequence[Happened]]] = {}
    for _ in range(DEPTH + 1):
        following: dict[str, Window] = {}
        for name, window in looked_for.items():
            if name in known or len(known) >= NAMES_LIMIT:
                continue
            events = await _events(traces, name, window)
            trip = this_trip(events, window) if window.since is not None else window
            known[name] = (trip, events)
            following |= related(events, name, trip)
        looked_for = following
    return tell(known, lambda place: is_here(site, place))


def is_here(site: Site, place: str) -> bool:
    """Whether a place is the site or in it."""
    own = [f"urn:coldport:{site.id}"]
    own += [f"{HOST}/414/{gln}" for gln in (site.gln, *(zone.gln for zone in site.zones)) if gln is not None]
    return any(place == one or place.startswith((f"{one}:", f"{one}/")) for one in own)


async def _events(traces: Traces, name: str, window: Window) -> list[Happened]:
    since, until = (None if at is None else micros(at) for at in (window.since, window.until))
    query = Query(wanted=(Wanted(_KINDS, (name,)),), event_from=since, event_until=until)
    return [_read(one) for one in (await traces.page(query, None, EVENTS_LIMIT)).found]


def _read(found: Found) -> Happened:
    event: dict[str, object] = msgspec.json.decode(found.body)
    return {**event, "eventID": found.event_id}
