"""How the site looks now: the newest observation of each point, the lots, the passports, who may see what, the lines.

Observations, lots, passports and parties are folded from the journal; lines and processes are retained on the bus and
are told again after a start, so they are kept in memory only.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from coldport.errors import MalformedError
from coldport.ids import PointId
from coldport.messages.observation import Quality, Reading, TagRead, Weight
from coldport.messages.status import Health, LinkStatus, Presence
from coldport.site import Site
from control.access.acts import AccessAct
from control.access.register import Access, AccessState
from control.alarms.engine import AHEAD_S, usable_value
from control.entries import Entry, Observed
from control.exposure.custody import LotMoved, LotReceived, LotShipped
from control.exposure.lots import Lot, Lots
from control.passport.acts import PassportAct
from control.passport.passports import Passports
from control.ports import Latest

STATUS_LIMIT = 4_000
"""Lines and devices, and processes, that are remembered: more than a full site has, and an end to invented names."""


class Seen(Struct, frozen=True, array_like=True):
    """What a point shows, its newest observation; when it was recorded, and the picture's version then."""

    observation: Reading | Weight | TagRead
    recorded_at: datetime
    version: int = 0


class Picture:
    """What is newest. `version` rises with every change; `unknown` counts observations of points the site has not."""

    def __init__(
        self,
        site: Site,
        seen: dict[str, Seen],
        lots: dict[str, Lot] | None = None,
        access: AccessState | None = None,
        passports: Passports | None = None,
    ) -> None:
        """Go on from what was seen; points that the site no longer has are forgotten, all else never."""
        self.lots = Lots(lots)
        self.access = Access(access)
        self.passports = passports or Passports()
        self._points = frozenset(site.points())
        self.seen = {point: one for point, one in seen.items() if point in self._points}
        self._links: dict[tuple[str, str, str | None], LinkStatus] = {}
        self._presences: dict[str, Presence] = {}
        self._health: dict[tuple[str, str], Health] = {}
        self.version = 1
        self.unknown = 0

    def see(self, entry: Entry) -> None:
        """Take an entry of the journal in. What is older than what is shown, or dated in the future, is not shown."""
        self.version += 1
        if isinstance(entry.content, LotReceived | LotMoved | LotShipped):
            self.lots.take(entry.content)
        elif isinstance(entry.content, AccessAct):
            self.access.take(entry.content)
        elif isinstance(entry.content, PassportAct):
            self.passports.take(entry.content)
        if not isinstance(entry.content, Observed):
            return
        seen, version, recorded_at = self.seen, self.version, entry.recorded_at
        latest = recorded_at + timedelta(seconds=AHEAD_S)
        for observation in entry.content.observations:
            if not isinstance(observation, Reading | Weight | TagRead):
                continue
            point = observation.point
            before = seen.get(point)
            if before is None and point not in self._points:
                self.unknown += 1
            elif observation.observed_at <= latest and (
                before is None or observation.observed_at >= before.observation.observed_at
            ):
                seen[point] = Seen(observation, recorded_at, version)

    def link(self, status: LinkStatus) -> None:
        """Take the state of a line or device in; raises MalformedError when there are too many names."""
        key = (status.gateway, status.link, status.device)
        if key not in self._links and len(self._links) >= STATUS_LIMIT:
            raise MalformedError(f"more than {STATUS_LIMIT} lines and devices")
        self._links[key] = status
        self.version += 1

    def presence(self, presence: Presence) -> None:
        """Take a process's presence in; raises MalformedError when there are too many names.

        The will of an old session, coming late, does not take the new one off the picture.
        """
        before = self._presences.get(presence.process)
        if before is None and len(self._presences) >= STATUS_LIMIT:
            raise MalformedError(f"more than {STATUS_LIMIT} processes")
        if presence.online or before is None or before.session == presence.session:
            self._presences[presence.process] = presence
            self.version += 1

    def health(self, health: Health) -> None:
        """Take in how well a device is heard; raises MalformedError when there are too many names."""
        key = (health.gateway, health.device)
        if key not in self._health and len(self._health) >= STATUS_LIMIT:
            raise MalformedError(f"more than {STATUS_LIMIT} devices")
        self._health[key] = health

    def latest(self) -> dict[PointId, Latest]:
        """Return the newest observation of every point that has one."""
        return {PointId(point): _latest(seen) for point, seen in self.seen.items()}

    def changed_points(self, since: int) -> Sequence[PointId]:
        """Return the points that changed after `version` was `since`."""
        return [PointId(point) for point, seen in self.seen.items() if seen.version > since]

    def links(self) -> Sequence[LinkStatus]:
        """Return the newest state of every line and device."""
        return list(self._links.values())

    def devices(self) -> Sequence[Health]:
        """Return how well every device is heard that has said so."""
        return list(self._health.values())

    def presences(self) -> Sequence[Presence]:
        """Return the newest presence of every process."""
        return list(self._presences.values())


def _latest(seen: Seen) -> Latest:
    observation = seen.observation
    return Latest(
        point=PointId(observation.point),
        observed_at=observation.observed_at,
        recorded_at=seen.recorded_at,
        value=usable_value(observation),
        quality=Quality.GOOD if isinstance(observation, TagRead) else observation.quality,
        reason=None if isinstance(observation, TagRead) else observation.reason,
        stable=observation.stable if isinstance(observation, Weight) else None,
        epc=observation.epc if isinstance(observation, TagRead) else None,
    )
