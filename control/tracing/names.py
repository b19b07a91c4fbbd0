"""What things and places of a site are called in events: GS1 keys where there are some, names of the site otherwise.

A site with a GLN (`gln` in `site.toml`) names its places by it: a zone with a GLN of its own by that, any other place
by the site's with an extension (AI 254, at most 20 characters). Everything else is `urn:coldport:SITE:KIND:NAME`.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from coldport.site import Site
from control.traceability.identifiers import HOST, check_digit

WORDS = "urn:coldport:voc:"
"""Our own words, which stand in events with the prefix `coldport`."""
CUSTOMS_RELEASING = f"{WORDS}bizstep:customs_releasing"
"""The core vocabulary has no word for it, and refuses unknown ones that are no URI."""

_EVENTS = uuid.UUID("6f1d7c0a-52b8-5c0e-9a64-3d0f8f3b9e21")
"""Name space of our event ids (RFC 4122 version 5)."""
_EXTENSION_LIMIT = 20
"""Characters of a GLN extension component."""


class Names:
    """The names of one site."""

    def __init__(self, site: Site) -> None:
        """Read GLNs and time zone."""
        self._site = site
        self._zone = ZoneInfo(site.timezone)
        self._glns = {zone.id: zone.gln for zone in site.zones if zone.gln is not None}

    def of(self, kind: str, name: str) -> str:
        """Return the site's own name of a thing: `urn:coldport:centre:lot:a1` is lot `a1` of site `centre`."""
        return f"urn:coldport:{self._site.id}:{kind}:{quote(name, safe='')}"

    def unit(self, kind: str, name: str) -> str:
        """Return the name of something that may have an SSCC for a name."""
        if len(name) == 18 and name.isascii() and name.isdigit() and check_digit(name[:17]) == name[17]:
            return f"{HOST}/00/{name}"
        return self.of(kind, name)

    def place(self, name: str | None = None) -> str:
        """Return the name of a place of the site, or of the site."""
        if name in self._glns:
            return f"{HOST}/414/{self._glns[name]}"
        if self._site.gln is None:
            return self.of("place", name) if name is not None else f"urn:coldport:{self._site.id}"
        if name is None:
            return f"{HOST}/414/{self._site.gln}"
        if len(name) > _EXTENSION_LIMIT:
            return self.of("place", name)
        return f"{HOST}/414/{self._site.gln}/254/{quote(name, safe='')}"

    def event_id(self, number: int, index: int) -> str:
        """Return the id of the `index`-th event of a journal entry: always the same."""
        return uuid.uuid5(_EVENTS, f"{self._site.id}/{number}/{index}").urn

    def when(self, at: datetime) -> Mapping[str, Any]:
        """Return a moment as an event says it, in the site's time.

        An offset with seconds, or beyond what EPCIS can say, is told as UTC.
        """
        local = at.astimezone(self._zone)
        offset = local.utcoffset() or timedelta(0)
        if offset.seconds % 60 or abs(offset) > timedelta(hours=14):
            return {"eventTime": at.isoformat(), "eventTimeZoneOffset": "+00:00"}
        return {"eventTime": local.isoformat(), "eventTimeZoneOffset": local.isoformat()[-6:]}


def tag(epc: str) -> str:
    """Return the raw URI of what is on a tag (TDS 1.13 section 12): upper-case hex of whole words.

    >>> tag("3074257BF7194E4000001A85")
    'urn:epc:raw:96.x3074257BF7194E4000001A85'
    """
    return f"urn:epc:raw:{len(epc) * 4}.x{epc}"
