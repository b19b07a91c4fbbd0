"""Which gate of a gateway heard a tag loudest: what goes through one door is heard at the next one too."""

from collections import OrderedDict
from datetime import datetime

TAG_LIMIT = 10_000
"""Tags remembered of all gates together; the one not heard for longest is forgotten first."""


class Neighbours:
    """What the gates of one gateway hear of each tag."""

    def __init__(self) -> None:
        """Begin with nothing heard."""
        self._levels: OrderedDict[str, dict[str, tuple[float, datetime]]] = OrderedDict()

    def heard(self, gate: str, epc: str, rssi_dbm: float, at: datetime) -> None:
        """Remember a read. A louder one stands for half a minute, then any newer one replaces it."""
        levels = self._levels.setdefault(epc, {})
        self._levels.move_to_end(epc)
        known = levels.get(gate)
        if known is None or rssi_dbm >= known[0] or (at - known[1]).total_seconds() > 30:
            levels[gate] = (rssi_dbm, at)
        if len(self._levels) > TAG_LIMIT:
            self._levels.popitem(last=False)

    def loudest(self, gate: str, epc: str, since: datetime) -> float | None:
        """Return the strongest read of a tag at another gate than `gate` since then; None without one."""
        levels = self._levels.get(epc, {})
        return max((rssi for other, (rssi, at) in levels.items() if other != gate and at >= since), default=None)
