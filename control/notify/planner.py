"""From alarms and time to notices: who is owed what (`episodes`), and what of it may go out now.

What holds a notice back: suppression, quiet hours (never a critical one), the window of its point, a flood (then one
digest in place of many; critical alarms stay single). Nothing is lost by that: what is owed stays owed, as it stands,
until it goes.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct, field

from coldport.messages.alarm import Alarm, Priority
from coldport.site import Site, ZoneClass
from control.notify.episodes import UNANSWERED, Address, Episode, Owed
from control.notify.flood import ENTER, Flood
from control.notify.notice import Notice, Why
from control.notify.rota import is_quiet, on_duty
from control.notify.settings import NotifyFile, Policy
from control.notify.severity import RANK
from control.notify.texts import Texts

SINGLE_LIMIT = 5
"""Notices at once to one address; more of them become a digest, flood or not."""

DIGEST_S = 120.0
"""Between two digests to one address: a group that hears every two minutes how things stand needs no more."""


class Told(Struct, frozen=True):
    """When an address was last told of a point, and of which rank."""

    at: datetime
    rank: int


class PlannerState(Struct):
    """Everything the planner remembers. `finished` holds the newest occurrence of each alarm whose return was told."""

    episodes: dict[str, Episode] = field(default_factory=dict)
    finished: dict[str, int] = field(default_factory=dict)
    told: dict[tuple[str, str, str], Told] = field(default_factory=dict)
    digests: dict[Address, datetime] = field(default_factory=dict)
    flood: Flood = field(default_factory=Flood)


Item = tuple[Episode, Owed]


class Planner:
    """The notices of one site. Pure: what it gives depends on what it was told, and when."""

    def __init__(self, site: Site, settings: NotifyFile, texts: Texts, state: PlannerState | None = None) -> None:
        """Plan for `site` by its `notify.toml`, going on from `state`, which becomes the planner's own."""
        self.state = state if state is not None else PlannerState()
        self._settings = settings
        self._texts = texts
        self._zone = ZoneInfo(site.timezone)
        self._window = timedelta(seconds=settings.window_s)
        self._recipients = {recipient.id: recipient for recipient in settings.recipients}
        self._levels = {name: RANK[recipient.level] for name, recipient in self._recipients.items()}
        self._classes = {point.id: zone.zone_class for zone in site.zones for point in zone.points}

    def see(self, alarm: Alarm, now: datetime) -> None:
        """Take in the newest occurrence of an alarm that has moved."""
        name = f"{alarm.definition}.{alarm.point}"
        episode = self.state.episodes.get(name)
        known = self.state.finished.get(name, 0)
        if episode is not None:
            known = episode.alarm.occurrence
            episode.see(alarm, now, self._levels)
        elif alarm.is_active or (alarm.state in UNANSWERED and alarm.occurrence > known):
            answered = None if alarm.state in UNANSWERED else now
            self.state.episodes[name] = Episode(alarm=alarm, begun=now, answered=answered)
        else:
            self.state.finished[name] = alarm.occurrence
        for _ in range(min(alarm.occurrence - known, ENTER)):
            self.state.flood.raised(now)

    def forget_past(self) -> None:
        """Take all that has returned as told: at the very first start, old alarms are nobody's news."""
        for name, episode in list(self.state.episodes.items()):
            if not episode.active:
                self._finish(name, episode)

    def decide(self, now: datetime) -> list[Notice]:
        """Return what goes out at `now`, and remember that it did."""
        self._owe(now)
        flood = self.state.flood.look(now)
        notices: list[Notice] = []
        for address, items in self._free(now).items():
            single = [item for item in items if item[0].alarm.priority is Priority.CRITICAL]
            others = [item for item in items if item[0].alarm.priority is not Priority.CRITICAL]
            if flood or len(others) > SINGLE_LIMIT:
                notices += self._digest(address, others, now)
            else:
                single += others
            notices += [self._notice(address, *item, now) for item in single]
        if notices:
            self.state.told = {k: told for k, told in self.state.told.items() if now - told.at < self._window}
        over = [(n, e) for n, e in self.state.episodes.items() if not (e.active or e.owed or e.alarm.suppressed)]
        for name, episode in over:
            self._finish(name, episode)
        return notices

    def _owe(self, now: datetime) -> None:
        duty = {role.id: on_duty(role, now, self._zone) for role in self._settings.roles}
        for name, episode in list(self.state.episodes.items()):
            policy = policy_for(self._settings.policies, episode.alarm.priority, self._classes.get(episode.alarm.point))
            if policy is None:
                self._finish(name, episode)
                continue
            for step, owed in episode.advance(policy, now):
                for recipient, channel in self._addresses(step.roles, step.channels, duty):
                    episode.owe((recipient, channel), owed, self._recipients[recipient])
            episode.settle()

    def _addresses(
        self, roles: Iterable[str], channels: tuple[str, ...], duty: Mapping[str, tuple[str, ...]]
    ) -> Iterator[Address]:
        for name in dict.fromkeys(name for role in roles for name in duty[role]):
            for channel in self._recipients[name].addresses:
                if not channels or channel in channels:
                    yield name, channel

    def _free(self, now: datetime) -> dict[Address, list[Item]]:
        """Return what nothing holds back, by address, in the order in which the alarms occurred."""
        free: dict[Address, list[Item]] = {}
        owing = [one for one in self.state.episodes.values() if one.owed and not _is_kept(one.alarm)]
        for episode in sorted(owing, key=lambda e: (e.alarm.occurred_at, e.alarm.transition)):
            for address, owed in episode.owed.items():
                if not self._held(address, episode, owed, now):
                    free.setdefault(address, []).append((episode, owed))
        return free

    def _held(self, address: Address, episode: Episode, owed: Owed, now: datetime) -> bool:
        critical = episode.alarm.priority is Priority.CRITICAL
        if not critical and is_quiet(self._recipients[address[0]].quiet, now, self._zone):
            return True
        told = self.state.told.get((*address, episode.alarm.point))
        if told is None or now - told.at >= self._window or told.rank < RANK[episode.alarm.priority]:
            return False
        return not (critical and owed.why in (Why.ESCALATED, Why.UNFIXED))

    def _notice(self, address: Address, episode: Episode, owed: Owed, now: datetime) -> Notice:
        alarm = episode.alarm
        self._mark(address, episode, now)
        title, text = self._texts.single(owed.why, alarm, episode.raised)
        return Notice(
            key=f"{alarm.id}/{owed.transition}/{owed.why}.{owed.step}/{'/'.join(address)}",
            why=owed.why,
            channel=address[1],
            recipient=address[0],
            address=self._recipients[address[0]].addresses[address[1]],
            critical=alarm.priority is Priority.CRITICAL and owed.why is not Why.RETURNED,
            at=now,
            title=title,
            text=text,
            alarms=(alarm.id,),
        )

    def _digest(self, address: Address, items: list[Item], now: datetime) -> list[Notice]:
        last = self.state.digests.get(address)
        if not items or (last is not None and now - last < timedelta(seconds=DIGEST_S)):
            return []
        self.state.digests[address] = now
        for episode, _ in items:
            self._mark(address, episode, now)
        title, text = self._texts.digest([(owed.why, episode.alarm) for episode, owed in items])
        return [
            Notice(
                key=f"digest/{now.isoformat(timespec='milliseconds')}/{'/'.join(address)}",
                why=Why.DIGEST,
                channel=address[1],
                recipient=address[0],
                address=self._recipients[address[0]].addresses[address[1]],
                critical=False,
                at=now,
                title=title,
                text=text,
                alarms=tuple(episode.alarm.id for episode, _ in items),
            )
        ]

    def _mark(self, address: Address, episode: Episode, now: datetime) -> None:
        episode.deliver(address)
        self.state.told[*address, episode.alarm.point] = Told(now, RANK[episode.alarm.priority])

    def _finish(self, name: str, episode: Episode) -> None:
        del self.state.episodes[name]
        self.state.finished[name] = episode.alarm.occurrence


def policy_for(policies: Iterable[Policy], priority: Priority, zone_class: ZoneClass | None) -> Policy | None:
    """Return the first policy that fits an alarm, or None: then nobody is told."""
    for policy in policies:
        if (not policy.priorities or priority in policy.priorities) and (
            not policy.zone_classes or zone_class in policy.zone_classes
        ):
            return policy
    return None


def _is_kept(alarm: Alarm) -> bool:
    """Whether nobody is to be told of it now: it is suppressed, or a graver alarm of its point speaks for it."""
    return alarm.suppressed is not None or (alarm.is_active and alarm.superseded_by is not None)
