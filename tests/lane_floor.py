"""One lane, a parcel that may go, and what is seen of it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from coldport.messages.observation import Direction, Passage, Quality, Weighing
from control.inspection.clearance import Clearance
from control.inspection.lane.acts import Imaged, Judged, Scanned, TagBound
from control.inspection.lane.engine import Lanes
from control.inspection.lane.evidence import Evidence
from control.inspection.lane.facts import Facts
from control.inspection.lane.settings import Lane
from control.inspection.lane.weight import ScaleType
from control.inspection.settings import InspectionFile

NOON = datetime(2026, 7, 1, 4, tzinfo=UTC)
"""Noon at the site."""
SITE_ZONE = ZoneInfo("Asia/Shanghai")
EPC, OTHER_EPC = "3055A537C837754000000001", "3055A537C837754000000002"
FINE = Facts(known=True, clearance=Clearance.RELEASED, declared_kg=2.0)
LANE = Lane(
    id="lane-1",
    zone="lane-1",
    gate="gate",
    scale="scale",
    scale_type=ScaleType(e_kg=0.005, max_kg=60),
    apart_s=10.0,
    gate_before_s=(2.0, 8.0),
)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def weighing(at_s: float = 0.0, kg: float | None = 2.0, number: int = 1, **changes) -> Weighing:
    fields = {
        "seq": number,
        "point": "scale",
        "observed_at": after(at_s + 0.5),
        "spooled_at": after(at_s + 0.5),
        "number": number,
        "placed_at": after(at_s),
        "gross_kg": kg,
    }
    if kg is None:
        fields |= {"quality": Quality.BAD, "reason": "never-stable"}
    return Weighing(**(fields | changes))


def passage(at_s: float = -5.0, epc: str | None = EPC, direction: Direction = Direction.IN) -> Passage:
    at = after(at_s)
    return Passage(
        seq=1,
        point="gate",
        observed_at=at,
        spooled_at=at,
        direction=direction,
        confidence=0.99,
        first_at=at,
        last_at=at,
        reads=9,
        epc=epc,
    )


def scan(at_s: float = -1.0, code: str = "SF1") -> Scanned:
    return Scanned(lane="lane-1", code=code, at=after(at_s), by="scanner")


def image(at_s: float = 0.0, *, suspicious: bool = False) -> Imaged:
    return Imaged(lane="lane-1", suspicious=suspicious, at=after(at_s), by="li")


class Floor:
    """A site's lanes with what the papers say, and every verdict that was given."""

    def __init__(self, *lanes: Lane, **changes) -> None:
        self.file = InspectionFile(lanes=lanes or (LANE,), **changes)
        self.papers: dict[str, Facts] = {"SF1": FINE, "SF2": FINE}
        self.seeds: dict[date, bytes] = {}
        self.journal: list[tuple[object, datetime]] = []
        self.judged: list[Judged] = []
        self.lanes = self.opened()
        self.do(TagBound(epc=EPC, logistics_no="SF1", at=NOON, by="wang"), NOON)
        self.do(TagBound(epc=OTHER_EPC, logistics_no="SF2", at=NOON, by="wang"), NOON)

    def opened(self) -> Lanes:
        return Lanes(self.file, SITE_ZONE, self.seeds.get)

    def facts(self, logistics_no: str) -> Facts:
        return self.papers.get(logistics_no, Facts())

    def say(self, logistics_no: str = "SF1", **changes) -> None:
        self.papers[logistics_no] = msgspec.structs.replace(self.facts(logistics_no), **changes)

    def do(self, what, heard_at: datetime) -> None:
        """Take in one thing, as control would, and write it down."""
        self.journal.append((what, heard_at))
        fold(self.lanes, what, heard_at)

    def hear(self, *evidence: Evidence, at_s: float = 0.6) -> None:
        for one in evidence:
            self.do(one, after(at_s))

    def wait(self, until_s: float = 30.0) -> list[Judged]:
        """Let time pass, and return what was judged in it."""
        return self.keep(self.lanes.judge(after(until_s), self.facts), until_s)

    def keep(self, new: list[Judged], at_s: float) -> list[Judged]:
        self.journal += [(one, after(at_s)) for one in new]
        self.judged += new
        return new

    def restart(self) -> None:
        """Fold the journal anew."""
        self.lanes = self.opened()
        for what, heard_at in self.journal:
            fold(self.lanes, what, heard_at)

    def judge(self, *evidence: Evidence) -> Judged:
        """Hear it all, and return the one verdict that comes of it."""
        self.hear(*evidence)
        [judged] = self.wait()
        return judged


def fold(lanes: Lanes, what, heard_at: datetime) -> None:
    if isinstance(what, Weighing | Passage):
        lanes.see(what, heard_at)
    else:
        lanes.take(what, heard_at)


def whys(judged: Judged) -> Sequence[str]:
    return [one.why.value for one in judged.reasons]
