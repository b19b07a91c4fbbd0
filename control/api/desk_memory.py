"""A desk without control behind it: the twin of `control.service` for tests and for the pictures in the documents."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from coldport.clock import Clock
from coldport.errors import NotFoundError, RefusedError
from coldport.ids import AlarmId, PointId
from coldport.messages.alarm import Alarm, AlarmState
from coldport.messages.status import Health, LinkStatus, Presence
from coldport.site import Site
from control.exposure.custody import LotAct, LotStated
from control.exposure.lots import Lot, Lots
from control.ports import Latest

_ACKNOWLEDGED = {
    AlarmState.UNACKNOWLEDGED: AlarmState.ACKNOWLEDGED,
    AlarmState.RETURNED_UNACKNOWLEDGED: AlarmState.NORMAL,
}


class MemoryDesk:
    """A `Desk` whose values, alarms and links are put in by hand."""

    def __init__(self, site: Site, clock: Clock) -> None:
        """Start with nothing seen."""
        self._site = site
        self._clock = clock
        self._version = 0
        self._latest: dict[PointId, Latest] = {}
        self._changed_at: dict[PointId, int] = {}
        self._alarms: dict[AlarmId, Alarm] = {}
        self._links: tuple[LinkStatus, ...] = ()
        self._lots = Lots()
        self.stated: list[LotStated] = []
        self._presences: tuple[Presence, ...] = ()
        self._devices: tuple[Health, ...] = ()

    @property
    def site(self) -> Site:
        """The site as its files say."""
        return self._site

    def now(self) -> datetime:
        """Return the clock's moment."""
        return self._clock.now()

    def version(self) -> int:
        """Return how many things have been put in."""
        return self._version

    def latest(self) -> dict[PointId, Latest]:
        """Return the newest observation of every point that has one."""
        return self._latest

    def changed_points(self, since: int) -> Sequence[PointId]:
        """Return points put in after `version` was `since`."""
        return [point for point, version in self._changed_at.items() if version > since]

    def alarms(self) -> Sequence[Alarm]:
        """Return the occurrences in the order they were put in."""
        return list(self._alarms.values())

    def acknowledge(self, alarm: AlarmId, by: str, comment: str | None) -> Alarm:
        """Acknowledge an occurrence; see `Desk.acknowledge`."""
        found = self._alarms.get(alarm)
        if found is None:
            raise NotFoundError(f"no alarm {alarm!r}")
        if found.acknowledged_by is not None:
            return found
        if found.state not in _ACKNOWLEDGED:
            raise RefusedError(f"alarm {alarm!r} is {found.state} already")
        return self.put_alarm(
            msgspec.structs.replace(
                found,
                state=_ACKNOWLEDGED[found.state],
                acknowledged_at=self.now(),
                acknowledged_by=by,
                comment=comment,
                transition=self._version + 1,
            )
        )

    def lots(self) -> Sequence[Lot]:
        """Return the lots in the order in which they came."""
        return list(self._lots.by_id.values())

    def lot(self, name: str) -> Lot:
        """Return one lot; raises NotFoundError."""
        return self._lots.find(name)

    def take_lot(self, act: LotAct) -> Lot:
        """Take in what happened to a lot; see `Desk.take_lot`."""
        self._lots.check(act, self.now(), {zone.id for zone in self._site.zones})
        self._version += 1
        return self._lots.take(act)

    def state_lot(self, stated: LotStated) -> None:
        """Remember what was signed off."""
        self.stated.append(stated)

    def links(self) -> Sequence[LinkStatus]:
        """Return the links put in."""
        return self._links

    def devices(self) -> Sequence[Health]:
        """Return the devices put in."""
        return self._devices

    def presences(self) -> Sequence[Presence]:
        """Return the presences put in."""
        return self._presences

    def journal_last(self) -> int:
        """Return the version: every change is one entry here."""
        return self._version

    def put(self, *latest: Latest) -> None:
        """Take new observations in."""
        self._version += 1
        for one in latest:
            self._latest[one.point] = one
            self._changed_at[one.point] = self._version

    def put_alarm(self, alarm: Alarm) -> Alarm:
        """Take a new state of an occurrence in and return it."""
        self._version += 1
        self._alarms[AlarmId(alarm.id)] = alarm
        return alarm

    def put_status(
        self, links: Sequence[LinkStatus], presences: Sequence[Presence] = (), devices: Sequence[Health] = ()
    ) -> None:
        """Replace what is known of links, processes and devices."""
        self._version += 1
        self._links, self._presences, self._devices = tuple(links), tuple(presences), tuple(devices)
