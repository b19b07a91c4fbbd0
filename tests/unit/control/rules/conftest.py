"""A room of several points, judged; what moves is told as (edge, definition, point, seconds)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from coldport.messages.observation import Quality, Reading
from coldport.site import Point, Quantity, Role, Site, Text, Zone, ZoneClass
from control.alarms.definition import AlarmFile
from control.alarms.engine import Engine, EngineState
from control.entries import Content, Observed, Ticked

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


def moment(after_s: float) -> datetime:
    return START + timedelta(seconds=after_s)


def point_of(name: str, quantity: Quantity = Quantity.TEMPERATURE, every_s: float = 1, **more) -> Point:
    return Point(id=name, quantity=quantity, every_s=every_s, **more)


def room_of(*points: Point, zone_class: ZoneClass = ZoneClass.CHILLED) -> Site:
    zone = Zone(id="z", name=Text(zh="库", en="Room"), zone_class=zone_class, points=points)
    return Site(id="s", name=Text(zh="站", en="Site"), timezone="Asia/Shanghai", zones=(zone,))


class Room:
    """The points of one room under some definitions."""

    def __init__(self, *points: Point, alarms: AlarmFile) -> None:
        self.site, self.alarms = room_of(*points), alarms
        self.engine = Engine(self.site, alarms)
        self.edges: list[tuple[str, str, str, float]] = []
        self._told: set[tuple[str, str]] = set()
        self._moved = 0

    def take(self, content: Content, at_s: float) -> None:
        for alarm in self.engine.apply(content, moment(at_s), self._moved + 1):
            self._moved += 1
            for edge, at in (("raise", alarm.occurred_at), ("clear", alarm.returned_at)):
                if at is not None and (alarm.id, edge) not in self._told:  # people and their answers move it too
                    self._told.add((alarm.id, edge))
                    self.edges.append((edge, alarm.definition, alarm.point, (at - START).total_seconds()))

    def read(self, point: str, at_s: float, value: float | None) -> None:
        quality = {"quality": Quality.BAD, "reason": "no-answer"} if value is None else {}
        at = moment(at_s)
        reading = Reading(seq=1, point=point, observed_at=at, spooled_at=at, value=value, **quality)
        self.take(Observed(gateway="g", boot_id="0" * 32, observations=(reading,)), at_s)

    def series(self, point: str, values: dict[float, float | None]) -> None:
        for at_s, value in values.items():
            self.read(point, at_s, value)

    def tick(self, at_s: float) -> None:
        self.take(Ticked(at=moment(at_s)), at_s)

    def restart(self) -> None:
        """Go on from a snapshot."""
        kept = msgspec.msgpack.encode(self.engine.state)
        self.engine = Engine(self.site, self.alarms, msgspec.msgpack.decode(kept, type=EngineState))

    def moves(self, definition: str) -> list[tuple[str, float]]:
        return [(edge, at_s) for edge, name, _, at_s in self.edges if name == definition]


@pytest.fixture(scope="session")
def room(definition) -> Callable[..., Room]:
    """Make a room: points, definitions as dictionaries of what differs from a HI alarm, other parts of the file."""

    def make(points, *definitions, **parts) -> Room:
        alarms = AlarmFile(settle_s=0, alarms=tuple(definition(**one) for one in definitions), **parts)
        return Room(*points, alarms=alarms)

    return make


@pytest.fixture(scope="session")
def point() -> Callable[..., Point]:
    return point_of


@pytest.fixture(scope="session")
def product() -> Callable[..., Point]:
    return lambda name, **more: point_of(name, role=Role.PRODUCT, **more)
