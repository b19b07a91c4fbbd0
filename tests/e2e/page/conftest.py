"""The pages in a real browser: served scenes without control behind them, and a proxy that can freeze the line."""

import math
import random
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from frozen_proxy import FrozenProxy
from lane_screens import LanesDesk
from planner_screens import planner_app
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from served_app import ServedApp

from coldport.clock import SystemClock
from coldport.ids import PointId
from coldport.messages.alarm import Alarm, AlarmState, Priority
from coldport.messages.observation import Quality
from coldport.messages.status import SIMULATOR, LinkState, LinkStatus, Presence
from coldport.site import Point, Quantity, load_site
from control.api.app import create_app
from control.api.desk_memory import MemoryDesk
from control.api.pages import load_catalogues
from control.ports import Bucket, Latest
from control.settings import load_alarms
from dashboards import web_root

SITE_FOLDER = Path(__file__).parents[3] / "config" / "sites" / "xiangtan"

BASE_C = {"f1": -19.6, "f2": -18.7, "c1": 4.6, "c2": 5.2, "c3": 2.1, "c4": 2.6, "t1": 7.4, "k1": 20.3, "truck": 4.4}

LAUNCH = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


LIVE = "body[data-freshness=live]"


class SceneHistorian:
    """A day of each room, made up: a slow wave, a door bump in the afternoon, an hour and a half without data."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def applied(self) -> int:
        return 0

    def write(self, through, samples) -> None:
        raise NotImplementedError

    def buckets(self, point: PointId, start: datetime, end: datetime, count: int, *, hold_s: float) -> list[Bucket]:
        width = (end - start) / count
        return [self._bucket(point, start + i * width, start + (i + 1) * width) for i in range(count)]

    def _bucket(self, point: PointId, start: datetime, end: datetime) -> Bucket:
        hours = (self.now - start).total_seconds() / 3600
        zone, probe, _ = point.split("-")
        unknown = hours < 0 or 8.0 < hours < 9.5
        if unknown or zone == "k1":
            return Bucket(start, end, count=0, bad=0 if unknown else 5, covered_s=0.0)
        value = BASE_C[zone] + 0.6 * math.sin(hours / 2.1) + 0.15 * math.sin(hours * 19 + int(probe)) + 0.2 * int(probe)
        value += 3.4 * math.exp(-(((hours - 14) / 0.25) ** 2))
        if zone == "c2" and hours < 0.9:
            value += (0.9 - hours) * 12.0
        return Bucket(start, end, count=60, bad=0, covered_s=60.0, minimum=value - 0.2, mean=value, maximum=value + 0.2)

    def close(self) -> None:
        return None


def _alarm(definition: str, point: str, state: AlarmState, priority: Priority, minutes: float, **more) -> Alarm:
    occurred_at = datetime.now(UTC) - timedelta(minutes=minutes)  # noqa: TID251 - a served scene lives in real time
    return Alarm(
        id=f"{definition}.{point}.1",
        definition=definition,
        point=point,
        occurrence=1,
        state=state,
        priority=priority,
        occurred_at=occurred_at,
        transition=1,
        **more,
    )


def scene_alarms() -> list[Alarm]:
    now = datetime.now(UTC)  # noqa: TID251 - as above
    return [
        _alarm(
            "probe-stale",
            "k1-1-temperature",
            AlarmState.ACKNOWLEDGED,
            Priority.LOW,
            21,
            acknowledged_at=now,
            acknowledged_by="李工",
        ),
        _alarm(
            "fresh-hi",
            "c4-2-temperature",
            AlarmState.RETURNED_UNACKNOWLEDGED,
            Priority.LOW,
            96,
            value=5.4,
            returned_at=now,
        ),
        _alarm("door-open", "f2-door", AlarmState.UNACKNOWLEDGED, Priority.LOW, 4, value=1.0),
        _alarm("chilled-hi", "c1-2-temperature", AlarmState.UNACKNOWLEDGED, Priority.HIGH, 6, value=8.1),
        _alarm("chilled-hi", "c2-1-temperature", AlarmState.ACKNOWLEDGED, Priority.HIGH, 41, value=8.1),
        _alarm("chilled-hihi", "c2-1-temperature", AlarmState.UNACKNOWLEDGED, Priority.CRITICAL, 2, value=15.1),
    ]


@dataclass
class Scene:
    """A desk that lives: every point gets a value each half second."""

    desk: MemoryDesk
    rng: random.Random = field(default_factory=lambda: random.Random(7))
    tick: int = 0

    def step(self) -> None:
        self.tick += 1
        now = self.desk.now()
        common = {"observed_at": now, "recorded_at": now}
        points = self.desk.site.points().items()
        if self.tick == 1:
            epc = "E28011700000020F1C0FFEE1"
            tag = {"point": PointId("lane-1-gate"), "value": None, "quality": Quality.GOOD, "epc": epc}
            self.desk.put(Latest(**common, **tag))
        self.desk.put(
            *(Latest(**common, point=p, **self._seen(p, q)) for p, q in points if q.quantity is not Quantity.TAGS)
        )

    def _seen(self, name: PointId, point: Point) -> dict[str, object]:
        zone, *rest = name.split("-")
        noise = self.rng.random()
        if zone == "k1":
            return {"value": None, "quality": Quality.BAD, "reason": "no-answer"}
        moving = name == "lane-2-scale"
        value = {
            Quantity.MASS: 8.4 + noise if moving else 12.345,
            Quantity.DOOR: 1.0 if zone == "f2" else 0.0,
            Quantity.HUMIDITY: (46.0 if zone == "t1" else 84.0) + noise,
        }.get(point.quantity)
        if value is None and point.quantity is not Quantity.TEMPERATURE:
            value = 1.0
        elif value is None:
            extra = {"c1-2-temperature": 4.9, "c2-1-temperature": 10.7, "c2-2-temperature": 10.1}.get(name, 0.0)
            value = BASE_C[zone] + 0.2 * int(rest[0]) + extra + 0.1 * noise
        return {"value": value, "quality": Quality.GOOD, "stable": not moving}


class Served(ServedApp):
    """Control's pages over a desk; `step` lets it live."""

    def __init__(self, desk: MemoryDesk, step: Callable[[], object], definitions=(), *, port: int = 0) -> None:
        self.desk = desk
        super().__init__(
            create_app(desk, SceneHistorian(desk.now()), web_root(), definitions=definitions), step, port=port
        )


def cold_store() -> Served:
    """Serve the cold store of the example site, with something wrong in it."""
    site = load_site(SITE_FOLDER)
    clock = SystemClock()
    desk = MemoryDesk(site, clock)
    for alarm in scene_alarms():
        desk.put_alarm(alarm)
    up = [
        LinkStatus(gateway="gw-1", link="rs485-1", state=LinkState.UP, since=clock.now()),
        LinkStatus(gateway="gw-1", link="rs485-2", state=LinkState.UP, since=clock.now()),
    ]
    desk.put_status(
        [*up, LinkStatus(gateway="gw-1", link="rs485-2", device="k1-bus", state=LinkState.DOWN, since=clock.now())],
        [Presence(process=SIMULATOR, session="0" * 32, online=True, since=clock.now())],
    )
    scene = Scene(desk)
    scene.step()
    return Served(desk, scene.step, load_alarms(SITE_FOLDER, site).alarms)


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    server = cold_store()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def lanes() -> Iterator[Callable[[int], Served]]:
    """A function that serves so many lanes with a past, each once."""
    servers: dict[int, Served] = {}

    def serve(count: int) -> Served:
        if count not in servers:
            desk = LanesDesk(count, SystemClock())
            desk.fill()
            if count in {4, 14}:
                desk.break_line(desk.lanes[-1], desk.now() - timedelta(minutes=4))
            servers[count] = Served(desk, desk.judge_what_is_due)
        return servers[count]

    yield serve
    for server in servers.values():
        server.stop()


@pytest.fixture(scope="module")
def planner() -> Iterator[tuple[ServedApp, str]]:
    """The planner with a few jobs, and the path of its plan."""
    app, plan = planner_app()
    server = ServedApp(app)
    yield server, f"/plan/{plan}"
    server.stop()


@pytest.fixture
def station() -> Iterator[Served]:
    """One quiet lane, whose server a test may stop."""
    desk = LanesDesk(1, SystemClock())
    server = Served(desk, desk.judge_what_is_due)
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def scene_as_told(served: Served) -> None:
    """Let every test begin with the alarms of the scene, however the one before left them."""
    done = threading.Event()

    def reset() -> None:
        for alarm in scene_alarms():
            served.desk.put_alarm(
                Alarm(
                    **{n: getattr(alarm, n) for n in alarm.__struct_fields__}
                    | {"transition": served.desk.version() + 1}
                )
            )
        done.set()

    served.do(reset)
    assert done.wait(10)


@pytest.fixture
def text() -> Callable[..., str]:
    """A Chinese text of the catalogue with its places filled in."""
    catalogue = load_catalogues(web_root())["zh"]
    return lambda key, **values: catalogue[key].format(**values)


@pytest.fixture
def frozen() -> Iterator[Callable[[Served], FrozenProxy]]:
    """A function that puts a proxy before a server."""
    proxies: list[FrozenProxy] = []

    def before(server: Served) -> FrozenProxy:
        proxies.append(FrozenProxy(server.port))
        return proxies[-1]

    yield before
    for proxy in proxies:
        proxy.close()


@pytest.fixture
def proxy(served: Served, frozen: Callable[[Served], FrozenProxy]) -> FrozenProxy:
    return frozen(served)


# One a module: while it is open its event loop runs in this thread, and no asynchronous test could.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    executable = shutil.which("chromium")
    if executable is None:
        pytest.skip("chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=LAUNCH)
        yield browser
        browser.close()


@dataclass
class Visit:
    """One page that is looked at, with everything it complained about and everybody it talked to."""

    page: Page
    complaints: list[str]
    requested: list[str]


@pytest.fixture
def visit(browser: Browser, served: Served) -> Iterator[Callable[..., Visit]]:
    contexts: list[BrowserContext] = []

    def open_page(
        path: str = "/cold", *, width: int = 1366, height: int = 768, base: str | None = None, wanted: str = LIVE
    ) -> Visit:
        context = browser.new_context(viewport={"width": width, "height": height}, timezone_id="Europe/Berlin")
        contexts.append(context)
        context.add_init_script("localStorage.setItem('coldport.operator', '王芳')")
        page = context.new_page()
        seen = Visit(page, [], [])
        page.on("console", lambda m: seen.complaints.append(m.text) if m.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        page.on("request", lambda request: seen.requested.append(request.url))
        page.on("websocket", lambda socket: seen.requested.append(socket.url))
        page.goto((base or served.url) + path)
        page.wait_for_selector(wanted)
        return seen

    yield open_page
    for context in contexts:
        context.close()
