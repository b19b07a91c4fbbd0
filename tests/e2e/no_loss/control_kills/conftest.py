"""A site whose notices go to a server of this test, a gateway that plays its points, and what would have been told.

Its policies have nothing that depends on when control happens to look: no reminders, no window, no quiet hours, and all
alarms are critical, so that no digest takes the place of single notices.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler
from itertools import groupby
from pathlib import Path

import msgspec
import pytest
from loopback_server import LoopbackServer, Quiet

from coldport import topics
from coldport.bus import Bus
from coldport.clock import ManualClock, SystemClock
from coldport.ids import AlarmId, GatewayId, PointId, SiteId
from coldport.messages.alarm import Alarm
from coldport.messages.observation import Batch, Observation
from coldport.site import load_site
from control.entries import Acknowledged, Content, Observed, Transitioned
from control.journal.memory import MemoryJournal
from control.notify.follow import NotifyFollower
from control.notify.load import load_notify
from control.notify.outbox_memory import MemoryOutbox
from control.notify.texts import Texts, catalogue
from control.service import Service
from control.settings import load_alarms
from edge.channels import Channels
from edge.health.births import Births
from edge.observe import reading
from edge.points import Measured
from edge.spool.memory import MemorySpool
from edge.spool.uplink import Uplink

SITE, GATEWAY = SiteId("notices-1"), GatewayId("notices-edge-1")
BOOT_ID = "5e" * 16
EVERY_S = 0.2
COLD, WARM = 5.0, 12.0
UNANSWERED_S = 3.0
"""After so long somebody else is told of what nobody has acknowledged."""

KINDS = {"told": 7, "answered": 7, "unanswered": 4, "short": 4, "brief": 3}
"""How many points there are whose excursions are told of; acknowledged; left unanswered; over before anybody may have
looked; and too short for an alarm."""

DELAYS = {
    "told": (1.0, 0.6),
    "answered": (1.0, 0.6),
    "unanswered": (0.4, 1.0),
    "short": (0.0, 0.0),
    "brief": (6.0, 0.6),
}
"""On-delay and off-delay in seconds."""

ALARM = """
[[alarms]]
id = "{kind}"
version = 1
name = {{ zh = "报警", en = "Alarm" }}
kind = "HI"
quantity = "temperature"
points = {points}
limit = 8.0
unit = "°C"
source = "This test"
deadband = 0.5
on_delay_s = {on}
off_delay_s = {off}
severity = "severe"
time_to_respond_s = 600
owner = "test"
consequence = {{ zh = "无", en = "None" }}
action = {{ zh = "无", en = "None" }}
"""

NOTIFY = """
language = "en"
window_s = 0
channels = [{{ kind = "webhook", id = "hook", url = "{url}", per_minute = 600, reserve = 0 }}]
recipients = [{{ id = "wang", name = "Wang", addresses = {{ hook = "" }} }}]
roles = [{{ id = "duty", recipients = ["wang"] }}]

[[policies]]
id = "unanswered"
zone_classes = ["frozen"]
steps = [{{ after_s = 0, roles = ["duty"] }}, {{ after_s = {unanswered}, roles = ["duty"] }}]

[[policies]]
id = "others"
steps = [{{ after_s = 0, roles = ["duty"] }}]
"""

Told = tuple[str, str]
"""An occurrence, and why somebody was told of it."""


def points_of_kind(kind: str) -> list[str]:
    return [f"{kind}-{number}" for number in range(1, KINDS[kind] + 1)]


def write_site(folder: Path, broker_port: int, url: str) -> Path:
    folder.mkdir()
    zones = {"frozen": ["unanswered"], "chilled": [kind for kind in KINDS if kind != "unanswered"]}
    text = (
        f'id = "{SITE}"\nname = {{ zh = "测试", en = "Notices" }}\ntimezone = "Asia/Shanghai"\n'
        f"[broker]\nport = {broker_port}\n"
    )
    for name, kinds in zones.items():
        points = "".join(
            f'  {{ id = "{point}", quantity = "temperature", every_s = {EVERY_S} }},\n'
            for kind in kinds
            for point in points_of_kind(kind)
        )
        text += f'[[zones]]\nid = "{name}"\nname = {{ zh = "库", en = "Room" }}\nzone_class = "{name}"\n'
        text += f"points = [\n{points}]\n"
    (folder / "site.toml").write_text(text, encoding="utf-8")
    alarms = [
        ALARM.format(kind=kind, points=json.dumps(points_of_kind(kind)), on=on, off=off)
        for kind, (on, off) in DELAYS.items()
    ]
    (folder / "alarms.toml").write_text("".join(alarms), encoding="utf-8")
    (folder / "notify.toml").write_text(NOTIFY.format(url=url, unanswered=UNANSWERED_S), encoding="utf-8")
    return folder


class Hook(LoopbackServer):
    """The server behind the webhook. `keys` are those of all that was posted, repeats too, in the order they came."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.told: set[Told] = set()
        self.before_answer: Callable[[], None] = lambda: None
        hook = self

        class Handler(Quiet, BaseHTTPRequestHandler):
            def do_POST(self):
                size = int(self.headers["Content-Length"])
                body = self.rfile.read(size)
                if len(body) < size:
                    return  # who asked was killed in the middle of it
                notice = json.loads(body)
                hook.keys.append(self.headers["Idempotency-Key"])
                hook.told.update((alarm, notice["why"]) for alarm in notice["alarms"])
                hook.before_answer()
                try:
                    self.send_response(204)
                    self.end_headers()
                except ConnectionError:
                    pass  # who asked has been killed

        super().__init__(Handler)


@pytest.fixture
def hook():
    one = Hook()
    yield one
    one.close()


class Gateway:
    """Plays a gateway: it reads points that the test moves, and sends by the edge's own spool and uplink."""

    def __init__(self, bus: Bus, clock: SystemClock) -> None:
        self.values = {point: COLD for kind in KINDS for point in points_of_kind(kind)}
        self.spool = MemorySpool(BOOT_ID, 1_000_000)
        self._clock = clock
        channels = Channels(bus, clock)
        uplink = Uplink(SITE, GATEWAY, self.spool, channels.open(topics.receipts(SITE, GATEWAY)), clock)
        births = Births(channels.open(topics.presence(SITE, "control")), [uplink.control_is_there], clock)
        self._works = (uplink, births, channels)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            for work in self._works:
                tasks.create_task(work.run())
            while True:
                now = self._clock.now()
                seen = [reading(PointId(point), now, Measured(value)) for point, value in self.values.items()]
                await self.spool.append(seen)
                await self._clock.sleep(EVERY_S)


def alarms_in(contents: Sequence[Content]) -> dict[str, Alarm]:
    """Return each occurrence as it stands at the end, but for the journal's number, which counts every entry."""
    found = {content.alarm.id: content.alarm for content in contents if isinstance(content, Transitioned)}
    return {name: msgspec.structs.replace(alarm, transition=1) for name, alarm in found.items()}


async def without_kills(folder: Path, contents: Sequence[Content]) -> tuple[dict[str, Alarm], list[Told]]:
    """Give the readings and the acknowledgements of a journal, each at its own moment, to a control that nobody kills.

    Returns:
        Each occurrence as it stands at the end, and every notice that this control would have sent.
    """
    site = load_site(folder)
    definitions, settings = load_alarms(folder, site), load_notify(folder, site)
    happened = _by_moment(contents)
    clock = ManualClock(min(happened) - timedelta(seconds=1))
    journal, outbox = MemoryJournal(), MemoryOutbox()
    service = Service(site, definitions, journal, clock)
    texts = Texts(site, definitions.alarms, settings, catalogue(settings.language))
    follower = NotifyFollower(site, settings, texts, service, outbox)
    for moment in sorted(happened.keys() | set(_ticks(clock.now(), max(happened) + timedelta(seconds=5)))):
        await clock.advance((moment - clock.now()).total_seconds())
        for content in happened.get(moment, ()):
            if isinstance(content, Batch):
                service.take([content])
            else:
                service.acknowledge(AlarmId(content.alarm), content.by, content.comment)
        service.tick()
        await follower.look(clock)
    entries = journal.read(0, journal.last())
    told = [told_by(record.key) for record in await outbox.records(100_000)]
    return alarms_in([entry.content for entry in entries]), told


def _ticks(start: datetime, end: datetime) -> list[datetime]:
    return [start + timedelta(seconds=EVERY_S * n) for n in range(int((end - start).total_seconds() / EVERY_S))]


def _by_moment(contents: Sequence[Content]) -> dict[datetime, list[Batch | Acknowledged]]:
    happened: dict[datetime, list[Batch | Acknowledged]] = defaultdict(list)
    seen: list[Observation] = [one for c in contents if isinstance(c, Observed) for one in c.observations]
    for moment, some in groupby(seen, key=lambda one: one.observed_at):
        batch = Batch(gateway=GATEWAY, boot_id=BOOT_ID, observations=tuple(some))
        happened[moment].append(batch)
    for content in contents:
        if isinstance(content, Acknowledged):
            happened[content.at].append(content)
    return happened


def told_by(key: str) -> Told:
    alarm, _, step, *_ = key.split("/")
    return alarm, step.split(".")[0]


class Play:
    """What the proof is played with."""

    KINDS, Gateway = KINDS, Gateway
    filters = (topics.receipts(SITE, GATEWAY), topics.presence(SITE, "control"))
    write_site = staticmethod(write_site)
    without_kills = staticmethod(without_kills)
    alarms_in = staticmethod(alarms_in)
    told_by = staticmethod(told_by)


@pytest.fixture
def play() -> type[Play]:
    return Play
