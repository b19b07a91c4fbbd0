"""A chilled room for a day: warm while its door stood open, silent for an hour, one probe failing for a while."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from coldport.messages.alarm import Alarm, AlarmState, Disposition, Priority
from coldport.messages.observation import Quality, Reading
from coldport.site import Point, Quantity, Site, Text, Zone, ZoneClass
from control.alarms.definition import Advice, Definition, Kind
from control.alarms.priority import Severity
from control.entries import Acknowledged, Acted, Action, Observed, Started, Tampered, Transitioned
from control.exposure.budget import Budget, Counting
from control.exposure.custody import LotReceived, LotShipped
from control.exposure.product import Product
from control.exposure.rules import ExposureRules, Kinetic
from control.journal.reader import JournalReader
from control.journal.sqlite import SqliteJournal
from control.reports.make import Books, Made, Request, make

START = datetime(2026, 7, 4, tzinfo=UTC)
END = START + timedelta(days=1)
MADE = END + timedelta(days=4)
MINUTE = timedelta(minutes=1)
BOOT = "b" * 32
ALARM = Alarm(
    id="hi.p-1.1",
    definition="hi",
    point="p-1",
    occurrence=1,
    state=AlarmState.NORMAL,
    priority=Priority.HIGH,
    occurred_at=START + 310 * MINUTE,
    transition=9,
    returned_at=START + 361 * MINUTE,
)
PRODUCT = Product(
    id="peach",
    version=1,
    name=Text(zh="桃", en="Peach"),
    exposure=ExposureRules(
        budgets=(Budget(id="warm", above_c=8.0, counting=Counting.CUMULATIVE, allowed_s=3600, source="rule"),),
        kinetic=Kinetic(limit_c=8.0, source="rule"),
    ),
)


def a_site() -> Site:
    points = (
        Point(id="p-1", quantity=Quantity.TEMPERATURE, every_s=60, label="P-1"),
        Point(id="p-2", quantity=Quantity.TEMPERATURE, every_s=60),
        Point(id="p-h", quantity=Quantity.HUMIDITY, every_s=60),
        Point(id="door", quantity=Quantity.DOOR, every_s=60),
    )
    room = Zone(id="room", name=Text(zh="冷藏库", en="Chilled room"), zone_class=ZoneClass.CHILLED, points=points)
    cold = Zone(
        id="cold",
        name=Text(zh="冷冻库", en="Freezer"),
        zone_class=ZoneClass.FROZEN,
        points=(Point(id="f-1", quantity=Quantity.TEMPERATURE, every_s=60),),
    )
    return Site(id="s", name=Text(zh="站", en="Site"), timezone="Asia/Shanghai", zones=(room, cold))


def a_minute(minute: int) -> Iterator[tuple[str, float | None]]:
    """5 degrees; 9 from minute 300 to 359 while the door is open; p-2 fails from 600 to 604; nothing 900 to 959."""
    if 900 <= minute < 960:
        return
    warm = 9.0 if 300 <= minute < 360 else 5.0
    yield "p-1", warm
    yield "p-2", None if 600 <= minute < 605 else warm
    yield "p-h", 88.0
    yield "door", 1.0 if 300 <= minute < 320 else 0.0
    yield "f-1", -19.0


def write_day(path: Path) -> None:
    seq = 0
    with SqliteJournal(path) as journal:
        journal.append(START - MINUTE, [Started(at=START - MINUTE)])
        received = {"product": "peach", "product_version": 1, "zone": "room", "by": "李明"}
        journal.append(START, [LotReceived(lot="lot-1", at=START, **received)])
        together = []
        for minute in range(1440):
            at, readings = START + minute * MINUTE, []
            for point, value in a_minute(minute):
                seq += 1
                how = {"value": value} if value is not None else {"quality": Quality.BAD, "reason": "no-answer"}
                readings.append(Reading(seq=seq, point=point, observed_at=at, spooled_at=at, **how))
            if readings:
                together.append(Observed(gateway="gw", boot_id=BOOT, observations=tuple(readings)))
            if minute % 60 == 59:
                journal.append(at + timedelta(seconds=0.25), together)
                together = []
        again = Reading(seq=1, point="p-1", observed_at=START, spooled_at=START, value=4.0)
        acknowledged = Acknowledged(alarm="hi.p-1.1", at=START + 320 * MINUTE, by="王芳", comment="seen")
        confirmed = Acted(
            action=Action.CONFIRM,
            alarm="hi.p-1.1",
            at=START + 400 * MINUTE,
            by="王芳",
            text="door closed 已关门",
            disposition=Disposition.RELEASE,
        )
        shelved = Acted(action=Action.SHELVE, at=START, by="赵", approved_by="钱", alarm="hi.p-2", text="cleaning")
        foreign = Acted(action=Action.SHELVE, at=START, by="x", alarm="hi.p-9", text="cleaning")
        other = Acknowledged(alarm="hi.elsewhere.1", at=START, by="nobody")
        tampered = Tampered(gateway="gw", boot_id=BOOT, seq=1, first=again, again=again)
        shipped = LotShipped(lot="lot-1", at=END, by="李明")
        acts = [shelved, foreign, acknowledged, other, confirmed, shipped]
        journal.append(END, [Transitioned(alarm=ALARM), *acts, tampered, Started(at=END)])


@pytest.fixture(scope="session")
def journal_file(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("records") / "control" / "journal.sqlite"
    write_day(path)
    return path


@pytest.fixture(scope="session")
def site() -> Site:
    return a_site()


@pytest.fixture(scope="session")
def definitions() -> tuple[Definition, ...]:
    fields = {
        "version": 2,
        "name": Text(zh="高", en="High"),
        "quantity": Quantity.TEMPERATURE,
        "zones": ("room",),
        "unit": "°C",
        "source": "GB/T 24616-2019",
        "severity": Severity.SERIOUS,
        "time_to_respond_s": 1800.0,
        "owner": "quality",
        "consequence": Advice(zh="坏", en="bad"),
        "action": Advice(zh="做", en="do"),
    }
    return (
        Definition(id="hi", kind=Kind.HI, limit=8.0, on_delay_s=600, **fields),
        Definition(id="hihi", kind=Kind.HIHI, limit=9.0, **fields),
        Definition(id="lo", kind=Kind.LO, limit=2.0, on_delay_s=3600, **fields),
        Definition(id="quiet", kind=Kind.STALE, limit=60.0, **(fields | {"unit": "s"})),
    )


@pytest.fixture(scope="session")
def report_of(journal_file, definitions):
    """Make the report of a subject, by default of the whole day."""

    def make_it(subject: str, start=START, end=END, calibrations=(), **changes) -> Made:
        asked = {"made_at": MADE, "made_by": "质量部", "software": "coldport 0"} | changes
        with JournalReader(journal_file) as journal:
            books = Books(a_site(), definitions, {("peach", 1): PRODUCT}, journal, calibrations)
            return make(books, Request(subject, start, end, **asked))

    return make_it
