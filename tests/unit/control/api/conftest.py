"""An application with a desk and a historian of memory behind it, in a time that stands still."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from starlette.testclient import TestClient, WebSocketTestSession

from coldport.clock import ManualClock
from coldport.ids import PointId
from coldport.messages.alarm import Alarm, AlarmState, Priority
from coldport.messages.observation import Quality
from coldport.site import Band, Point, Quantity, Site, Text, Zone, ZoneClass
from control.alarms.definition import Advice, Definition, Kind
from control.alarms.priority import Severity
from control.api.app import create_app
from control.api.desk_memory import MemoryDesk
from control.ports import Bucket, Latest
from dashboards import web_root

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
LOOPBACK = "http://127.0.0.1:8000"


def _point(name: str, quantity: Quantity, every_s: float = 1) -> Point:
    return Point(id=name, quantity=quantity, every_s=every_s, label=name.upper())


def small_site() -> Site:
    """A chilled room with three probes and a door, a tea room, a lane."""
    return Site(
        id="test-1",
        name=Text(zh="测试", en="Test site"),
        timezone="Asia/Shanghai",
        zones=(
            Zone(
                id="c1",
                name=Text(zh="冷藏一库", en="Chilled room 1"),
                zone_class=ZoneClass.CHILLED,
                temperature_c=Band(low=2.0, high=8.0),
                points=(
                    *(_point(f"c1-{n}-temperature", Quantity.TEMPERATURE) for n in (1, 2, 3)),
                    _point("c1-door", Quantity.DOOR),
                ),
            ),
            Zone(
                id="t1",
                name=Text(zh="茶叶库", en="Tea room"),
                zone_class=ZoneClass.TEA,
                temperature_c=Band(high=10.0),
                humidity_percent=Band(high=50.0),
                points=(
                    _point("t1-1-temperature", Quantity.TEMPERATURE),
                    _point("t1-1-humidity", Quantity.HUMIDITY),
                ),
            ),
            Zone(
                id="lane-1",
                name=Text(zh="1 号查验线", en="Lane 1"),
                zone_class=ZoneClass.LANE,
                points=(_point("lane-1-scale", Quantity.MASS), _point("lane-1-gate", Quantity.TAGS, 60)),
            ),
        ),
    )


class ScriptedHistorian:
    """Answers with what a test says, or raises it; notes what it was asked."""

    def __init__(self) -> None:
        self.answer: Callable[[], Sequence[Bucket]] = list
        self.asked: list[tuple[PointId, datetime, datetime, int, float]] = []

    def applied(self) -> int:
        return 0

    def write(self, through, samples) -> None:
        raise NotImplementedError

    def buckets(self, point, start, end, count, *, hold_s):
        self.asked.append((point, start, end, count, hold_s))
        return self.answer()

    def close(self) -> None:
        return None


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def site() -> Site:
    return small_site()


@pytest.fixture
def desk(site: Site, clock: ManualClock) -> MemoryDesk:
    return MemoryDesk(site, clock)


@pytest.fixture
def historian() -> ScriptedHistorian:
    return ScriptedHistorian()


@pytest.fixture
def definition() -> Definition:
    return Definition(
        id="chilled-hi",
        version=1,
        name=Text(zh="冷藏库温度高", en="Chiller warm"),
        kind=Kind.HI,
        quantity=Quantity.TEMPERATURE,
        zones=("c1",),
        limit=8.0,
        unit="°C",
        source="GB/T 28577",
        severity=Severity.SERIOUS,
        time_to_respond_s=1800,
        owner="test",
        consequence=Advice(zh="货物变质", en="The goods spoil"),
        action=Advice(zh="关门", en="Close the door"),
    )


@pytest.fixture
def client(desk, historian, clock, definition) -> Iterator[TestClient]:
    app = create_app(desk, historian, web_root(), definitions=[definition], clock=clock)
    with TestClient(app, base_url=LOOPBACK, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def listen(client) -> Callable[..., WebSocketTestSession]:
    """Open the live stream as a page does."""

    def connect(query: str = "", **headers: str) -> WebSocketTestSession:
        url = LOOPBACK.replace("http", "ws") + "/api/v1/stream" + query
        return client.websocket_connect(url, headers=headers)

    return connect


@pytest.fixture
def see() -> Callable[..., Latest]:
    """Make a newest observation, `age_s` before START."""

    def make(point: str, value: float | None, *, age_s: float = 0.0, **more: object) -> Latest:
        at = START - timedelta(seconds=age_s)
        quality = Quality.GOOD if value is not None or "epc" in more else Quality.BAD
        more = {"quality": quality} | more
        return Latest(point=PointId(point), observed_at=at, recorded_at=at, value=value, **more)

    return make


@pytest.fixture
def raise_alarm() -> Callable[..., Alarm]:
    """Make an occurrence of the chiller's alarm."""

    def make(
        occurrence: int = 1, state: AlarmState = AlarmState.UNACKNOWLEDGED, transition: int = 1, **more: object
    ) -> Alarm:
        return Alarm(
            id=f"chilled-hi.c1-1-temperature.{occurrence}",
            definition="chilled-hi",
            point="c1-1-temperature",
            occurrence=occurrence,
            state=state,
            priority=Priority.HIGH,
            occurred_at=START - timedelta(minutes=5),
            transition=transition,
            value=8.6,
            **more,
        )

    return make
