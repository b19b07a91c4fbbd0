"""One-room sites, definitions and readings to judge."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from coldport.messages.alarm import Alarm, Priority
from coldport.messages.observation import Quality, Reading
from coldport.site import Point, Quantity, Site, Text, Zone, ZoneClass
from control.alarms.definition import Advice, AlarmFile, Definition, Kind
from control.alarms.engine import Engine, EngineState
from control.alarms.priority import Severity
from control.entries import Content, Observed, Ticked

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
BOOT = "0" * 32


def moment(after_s: float) -> datetime:
    return START + timedelta(seconds=after_s)


def reading_of(after_s: float, value: float | None, *, seq: int = 1, point: str = "p", lag_s: float = 0.0) -> Reading:
    quality = {"quality": Quality.BAD, "reason": "no-answer"} if value is None else {}
    at = moment(after_s)
    return Reading(
        seq=seq, point=point, observed_at=at, spooled_at=at + timedelta(seconds=lag_s), value=value, **quality
    )


def observed_of(after_s: float, value: float | None) -> Observed:
    return Observed(gateway="g", boot_id=BOOT, observations=(reading_of(after_s, value),))


RATINGS = {
    Priority.CRITICAL: {"severity": Severity.SEVERE, "time_to_respond_s": 900.0},
    Priority.HIGH: {"severity": Severity.SERIOUS},
    Priority.LOW: {"severity": Severity.MINOR},
}


def definition_of(**changes) -> Definition:
    fields = {
        "id": "hi",
        "version": 1,
        "name": Text(zh="高", en="High"),
        "kind": Kind.HI,
        "quantity": Quantity.TEMPERATURE,
        "points": ("p",),
        "limit": 8.0,
        "unit": "°C",
        "source": "test",
        "severity": Severity.SERIOUS,
        "time_to_respond_s": 1800.0,
        "owner": "test",
        "consequence": Advice(zh="坏", en="bad"),
        "action": Advice(zh="做", en="do"),
    }
    rating = RATINGS[changes.pop("priority")] if "priority" in changes else {}
    return Definition(**(fields | rating | changes))


def site_of(*points: Point) -> Site:
    zone = Zone(id="z", name=Text(zh="库", en="Room"), zone_class=ZoneClass.CHILLED, points=points)
    return Site(id="s", name=Text(zh="站", en="Site"), timezone="Asia/Shanghai", zones=(zone,))


class Judged:
    """One point `p` judged by some definitions, at `every_s` seconds an observation; remembers what moved."""

    def __init__(
        self, *definitions: Definition, every_s: float = 1, quantity: Quantity = Quantity.TEMPERATURE, settle_s=0
    ) -> None:
        self.site = site_of(Point(id="p", quantity=quantity, every_s=every_s))
        self.alarms = AlarmFile(settle_s=settle_s, alarms=definitions)
        self.engine = Engine(self.site, self.alarms)
        self.moved: list[Alarm] = []

    def take(self, content: Content, recorded_s: float) -> None:
        self.moved += self.engine.apply(content, moment(recorded_s), len(self.moved) + 1)

    def observe(self, after_s: float, value: float | None, *, recorded_s: float | None = None) -> None:
        self.take(observed_of(after_s, value), after_s if recorded_s is None else recorded_s)

    def restart(self, state: bytes, journal: list[tuple[float, Content]]) -> None:
        """Make the engine again from a snapshot and the entries since, as (seconds, content)."""
        self.engine = Engine(self.site, self.alarms, msgspec.msgpack.decode(state, type=EngineState))
        for recorded_s, content in journal:
            self.engine.recall(content, moment(recorded_s))

    def tick(self, now_s: float) -> None:
        self.take(Ticked(at=moment(now_s)), now_s)

    @property
    def edges(self) -> list[tuple[str, float]]:
        """What moved, as ('raise' or 'clear', seconds)."""
        return [
            ("raise", (alarm.occurred_at - START).total_seconds())
            if alarm.returned_at is None
            else ("clear", (alarm.returned_at - START).total_seconds())
            for alarm in self.moved
        ]


@pytest.fixture(scope="session")
def judged() -> type[Judged]:
    return Judged


@pytest.fixture(scope="session")
def definition() -> Callable[..., Definition]:
    return definition_of


@pytest.fixture(scope="session")
def at() -> Callable[[float], datetime]:
    return moment


@pytest.fixture(scope="session")
def observed() -> Callable[[float, float | None], Observed]:
    """One reading of `p`, as the journal holds it."""
    return observed_of


@pytest.fixture(scope="session")
def reading() -> Callable[..., Reading]:
    return reading_of


@pytest.fixture(scope="session")
def one_room() -> Callable[..., Site]:
    """A site of one zone with the points given."""
    return site_of
