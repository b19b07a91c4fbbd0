"""For how long each tag has been about a gate, heard off and on: what lies on a shelf is heard for hours."""

from collections import OrderedDict
from datetime import datetime

TAG_LIMIT = 4_000
"""Tags remembered: two loads of the largest manifest. The one not heard for longest is forgotten first."""

FORGOTTEN_S = 600.0
"""A tag not heard for so long is a new one: a shelf tag at the edge of the field answers every few seconds."""


class Known:
    """The tags about one gate."""

    def __init__(self) -> None:
        """Begin with nobody known."""
        self._spans: OrderedDict[str, tuple[datetime, datetime]] = OrderedDict()

    def heard(self, epc: str, at: datetime) -> None:
        """Remember that a tag was heard."""
        since, last = self._spans.get(epc, (at, at))
        if (at - last).total_seconds() > FORGOTTEN_S:
            since = at
        self._spans[epc] = (since, max(last, at))
        self._spans.move_to_end(epc)
        if len(self._spans) > TAG_LIMIT:
            self._spans.popitem(last=False)

    def known_s(self, epc: str, at: datetime) -> float:
        """Return for how long a tag has been about, until `at`; 0 for a new one."""
        since, _ = self._spans.get(epc, (at, at))
        return max(0.0, (at - since).total_seconds())
