"""A site of many points, its `notify.toml`, and alarms that move."""

import tomllib
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from coldport.messages.alarm import Alarm, AlarmState, Priority
from coldport.site import Point, Quantity, Site, Text, Zone, ZoneClass
from control.alarms.definition import Advice, Definition, Kind
from control.notify.follow import Form
from control.notify.planner import Planner, PlannerState
from control.notify.settings import NotifyFile
from control.notify.texts import Texts, catalogue

START = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # a Monday, 10:00 in Shanghai

NOTIFY = """
language = "en"
link = "http://127.0.0.1:8000/"
channels = [{ kind = "log", id = "chat" }, { kind = "log", id = "call" }]
recipients = [
  { id = "group", name = "Duty group", group = true, addresses = { chat = "" } },
  { id = "wang", name = "Wang", addresses = { chat = "wang", call = "+861" } },
  { id = "boss", name = "Boss", addresses = { call = "+862" }, quiet = { start = 22:00:00, end = 06:00:00 } },
]
roles = [
  { id = "duty", recipients = ["group"] },
  { id = "head", recipients = ["wang"] },
  { id = "boss", recipients = ["boss"] },
]
[[policies]]
id = "all"
unfixed_after_s = 3600
steps = [
  { after_s = 0, roles = ["duty"] },
  { after_s = 300, roles = ["head"], channels = ["call"], repeat_s = 600 },
]
"""


def notify_file(text: str = NOTIFY) -> NotifyFile:
    return msgspec.convert(tomllib.loads(text), NotifyFile)


def site_of(count: int) -> Site:
    points = tuple(Point(id=f"p{n}", quantity=Quantity.TEMPERATURE, every_s=1, label=f"C1-{n}") for n in range(count))
    zone = Zone(id="c1", name=Text(zh="冷藏一库", en="Chilled room 1"), zone_class=ZoneClass.CHILLED, points=points)
    return Site(id="s", name=Text(zh="站", en="Site"), timezone="Asia/Shanghai", zones=(zone,))


def definition_of(name: str) -> Definition:
    return Definition(
        id=name,
        version=1,
        name=Text(zh="温度高", en="Too warm"),
        kind=Kind.HI,
        quantity=Quantity.TEMPERATURE,
        zone_class=ZoneClass.CHILLED,
        limit=8.0,
        unit="°C",
        source="test",
        severity="major",
        time_to_respond_s=1800,
        owner="test",
        consequence=Advice(zh="坏", en="bad"),
        action=Advice(zh="关门", en="Close the door"),
    )


PRIORITIES = {"hi": Priority.HIGH, "lo": Priority.LOW, "hihi": Priority.CRITICAL}
DEFINITIONS = tuple(map(definition_of, PRIORITIES))


class Floor:
    """A planner and its alarms. What went out is (seconds, why, recipient/channel, alarms)."""

    def __init__(self, text: str = NOTIFY, count: int = 3) -> None:
        self.site = site_of(count)
        self.settings = notify_file(text)
        self.texts = Texts(self.site, DEFINITIONS, self.settings, catalogue(self.settings.language))
        self.planner = Planner(self.site, self.settings, self.texts)
        self.standing: dict[str, Alarm] = {}
        self.transition = 0
        self.now_s = 0.0
        self.sent = []

    @property
    def now(self) -> datetime:
        return START + timedelta(seconds=self.now_s)

    def flap(self, name: str) -> Alarm:
        """Let an alarm occur, or return when it stands."""
        if name in self.standing and self.standing[name].is_active:
            self.recover(name)
            return self.standing[name]
        return self.move(name)

    def move(self, name: str, state: AlarmState | None = None, **changes) -> Alarm:
        """Move an alarm `definition.point` to a state; None: it occurs anew."""
        definition, point = name.split(".")
        self.transition += 1
        old = self.standing.get(name)
        if state is None:
            occurrence = old.occurrence + 1 if old else 1
            alarm = Alarm(
                id=f"{name}.{occurrence}",
                definition=definition,
                point=point,
                occurrence=occurrence,
                state=AlarmState.UNACKNOWLEDGED,
                priority=PRIORITIES[definition],
                occurred_at=self.now,
                transition=self.transition,
                value=9.5,
            )
        else:
            alarm = msgspec.structs.replace(old, state=state, transition=self.transition)
            if state in (AlarmState.NORMAL, AlarmState.RETURNED_UNACKNOWLEDGED):
                alarm = msgspec.structs.replace(alarm, returned_at=alarm.returned_at or self.now)
        alarm = msgspec.structs.replace(alarm, **changes)
        self.standing[name] = alarm
        if self.planner is not None:
            self.planner.see(alarm, self.now)
        return alarm

    def acknowledge(self, name: str) -> None:
        active = self.standing[name].is_active
        self.move(name, AlarmState.ACKNOWLEDGED if active else AlarmState.NORMAL, acknowledged_by="li")

    def recover(self, name: str) -> None:
        unanswered = self.standing[name].state is AlarmState.UNACKNOWLEDGED
        self.move(name, AlarmState.RETURNED_UNACKNOWLEDGED if unanswered else AlarmState.NORMAL)

    def at(self, now_s: float) -> list[tuple[str, str]]:
        """Let it be `now_s` and decide; return what goes out as (why, recipient/channel)."""
        self.now_s = now_s
        notices = self.planner.decide(self.now)
        self.sent += [(now_s, notice) for notice in notices]
        return [(str(notice.why), f"{notice.recipient}/{notice.channel}") for notice in notices]

    def restart(self) -> None:
        state = msgspec.msgpack.encode((1, self.planner.state))
        _, again = msgspec.msgpack.decode(state, type=tuple[Form, PlannerState])
        self.planner = Planner(self.site, self.settings, self.texts, again)


@pytest.fixture(scope="session")
def floor() -> type[Floor]:
    return Floor


@pytest.fixture(scope="session")
def notify_toml() -> str:
    return NOTIFY


@pytest.fixture(scope="session")
def start() -> datetime:
    return START
