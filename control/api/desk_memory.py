"""A desk without control behind it: the twin of `control.service` for tests and for the pictures in the documents."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from coldport.clock import Clock
from coldport.errors import NotFoundError, RefusedError
from coldport.ids import AlarmId, PointId
from coldport.messages.alarm import Alarm, Suppressed
from coldport.messages.status import Health, LinkStatus, Presence
from coldport.site import Site
from control.access.acts import AccessAct
from control.access.register import Access
from control.alarms.conduct import SUPPRESSING, answer, check_acknowledgement, check_suppression, suppression_after
from control.alarms.lifecycle import Stimulus
from control.alarms.occurrence import Said, stepped
from control.alarms.pending import Pending
from control.alarms.register import alarm_of
from control.entries import Acted, Content, Entry
from control.exposure.custody import LotAct, LotStated
from control.exposure.lots import Lot, Lots
from control.inspection.floor import Floor, FloorAct
from control.passport.acts import PassportAct
from control.passport.passports import Passports
from control.ports import Latest
from control.subjects import subjects


class MemoryDesk:
    """A `Desk` whose values, alarms and links are put in by hand."""

    def __init__(self, site: Site, clock: Clock, floor: Floor | None = None) -> None:
        """Start with nothing seen."""
        self._site = site
        self._clock = clock
        self._version = 0
        self._latest: dict[PointId, Latest] = {}
        self._changed_at: dict[PointId, int] = {}
        self._alarms: dict[AlarmId, Alarm] = {}
        self._suppressed: dict[str, Suppressed] = {}
        self.waiting: list[Pending] = []
        self._links: tuple[LinkStatus, ...] = ()
        self._lots = Lots()
        self.stated: list[LotStated] = []
        self._access = Access()
        self._passports = Passports()
        self._floor = floor or Floor(site)
        self._recorded: list[Entry] = []
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
        said = Said(by=by, text=comment)
        after = stepped(found, Stimulus.ACKNOWLEDGE, self.now(), self._version + 1, said)
        if after is None and found.acknowledged_by is None:
            raise RefusedError(f"alarm {alarm!r} is {found.state} already")
        if after is not None:
            check_acknowledgement(found, comment)
        return found if after is None else self.put_alarm(after)

    def act(self, acted: Acted) -> Alarm:
        """Do something about an occurrence; see `Desk.act`."""
        found = self._alarms.get(AlarmId(acted.alarm))
        if found is None:
            raise NotFoundError(f"no alarm {acted.alarm!r}")
        after = answer(found, acted, self._version + 1)
        return found if after is None else self.put_alarm(after)

    def suppress(self, acted: Acted) -> Suppressed | None:
        """Suppress an alarm or stop that; see `Desk.suppress`. The definitions are not known here."""
        name = ".".join(acted.alarm.split(".")[:2])
        found = [alarm for alarm in self._alarms.values() if alarm_of(alarm) == name]
        if not found:
            raise NotFoundError(f"no alarm {acted.alarm!r}")
        check_suppression(acted, self._suppressed.get(name), None, found[-1].priority)
        kept = suppression_after(acted, self._suppressed.get(name))
        for alarm in found:
            said = Said(by=acted.by, text=acted.text, suppressed=kept)
            after = stepped(alarm, SUPPRESSING[acted.action][0], acted.at, self._version + 1, said)
            if after is not None:
                self.put_alarm(after)
        self._suppressed.pop(name, None)
        if kept is not None:
            self._suppressed[name] = kept
        return kept

    def suppressions(self) -> Mapping[str, Suppressed]:
        """Return the alarms that were suppressed."""
        return self._suppressed

    def pending(self) -> Sequence[Pending]:
        """Return what was put in."""
        return self.waiting

    def lots(self) -> Sequence[Lot]:
        """Return the lots in the order in which they came."""
        return list(self._lots.by_id.values())

    def lot(self, name: str) -> Lot:
        """Return one lot; raises NotFoundError."""
        return self._lots.find(name)

    def take_lot(self, act: LotAct) -> Lot:
        """Take in what happened to a lot; see `Desk.take_lot`."""
        self._lots.check(act, self.now(), self._site)
        self._version += 1
        return self._lots.take(act)

    @property
    def access(self) -> Access:
        """The parties, their keys, and what they share."""
        return self._access

    @property
    def floor(self) -> Floor:
        """The inspection centre."""
        return self._floor

    def about(self, subject: str, limit: int) -> Sequence[Entry]:
        """Return what was recorded about a subject, the newest first."""
        return [entry for entry in reversed(self._recorded) if subject in subjects(entry.content)][:limit]

    @property
    def passports(self) -> Passports:
        """The passports."""
        return self._passports

    def record(self, *acts: AccessAct | FloorAct | PassportAct) -> Sequence[Content]:
        """Take in what somebody did; see `Desk.record`."""
        for act in acts:
            self._check(act)
        return [one for act in acts for one in self._take(act)]

    def _check(self, act: AccessAct | FloorAct | PassportAct) -> None:
        if isinstance(act, AccessAct):
            self._access.check(act, self.now())
        elif isinstance(act, PassportAct):
            self._passports.check(act, self.now())
        else:
            self._floor.check(act, self.now())

    def _take(self, act: AccessAct | FloorAct | PassportAct) -> Sequence[Content]:
        follows: Sequence[Content] = []
        if isinstance(act, AccessAct):
            self._access.take(act)
        elif isinstance(act, PassportAct):
            self._passports.take(act)
        else:
            follows = self._floor.apply(act, self.now())
        self._version += 1
        self._recorded += [Entry(self._version, self.now(), content) for content in (act, *follows)]
        return follows

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
