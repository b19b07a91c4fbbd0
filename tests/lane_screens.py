"""Lanes with something to show, for the pages: sites of one to fourteen lanes, and verdicts of every kind."""

from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from coldport.clock import Clock
from coldport.messages.status import LinkState, LinkStatus
from coldport.site import Point, Quantity, Site, Text, Zone, ZoneClass, load_site
from control.api.desk_memory import MemoryDesk
from control.inspection.floor import Floor
from control.inspection.lane.acts import Judged
from control.inspection.lane.verdict import Verdict, VerdictReason, Why, reason
from control.inspection_settings import load_inspection

EXAMPLE = Path(__file__).parents[1] / "config" / "sites" / "xiangtan"

LONG_NUMBER, LONG_AT = "SM261125000138002500001", 5

OFF = (0.004, -0.011, 0.009, 0.002, 0.014, -0.006, 0.011, 0.003)
"""By which share the parcels of a quiet lane are off."""


def lanes_site(count: int) -> Site:
    """Return the example site with so many lanes."""
    site = load_site(EXAMPLE)
    others = tuple(zone for zone in site.zones if zone.zone_class is not ZoneClass.LANE)
    return msgspec.structs.replace(site, zones=(*others, *(_zone(n) for n in range(1, count + 1))))


def _zone(number: int) -> Zone:
    name = f"lane-{number}"
    return Zone(
        id=name,
        name=Text(zh=f"{number} 号查验线", en=f"Lane {number}"),
        zone_class=ZoneClass.LANE,
        points=(
            Point(id=f"{name}-scale", quantity=Quantity.MASS, every_s=1.0),
            Point(id=f"{name}-gate", quantity=Quantity.TAGS, every_s=60.0),
        ),
    )


class LanesDesk(MemoryDesk):
    """A desk of which only the lanes matter."""

    def __init__(self, count: int, clock: Clock) -> None:
        """Start with quiet lanes."""
        site = lanes_site(count)
        example = load_inspection(EXAMPLE, load_site(EXAMPLE))
        first = example.lanes[0]
        lanes = tuple(
            msgspec.structs.replace(
                first,
                id=name,
                zone=name,
                gate=f"{name}-gate",
                scale=f"{name}-scale",
                outputs=None,
                lines=(f"{name}-reader",),
            )
            for name in (f"lane-{n}" for n in range(1, count + 1))
        )
        super().__init__(site, clock, Floor(site, msgspec.structs.replace(example, lanes=lanes)))
        self.lanes = [lane.id for lane in lanes]
        self._judged = 0

    def judge(self, lane: str, verdict: Verdict, *why: VerdictReason, off: float = 0.006, **more: object) -> Judged:
        """Let a lane say something of a parcel that is on its scale now."""
        self._judged += 1
        number, at = self._judged, self.now()
        declared_kg = 3.1 + number % 7
        fields = {
            "id": f"{lane}.{number}.1",
            "presentation": f"{lane}.{number}",
            "lane": lane,
            "at": at,
            "verdict": verdict,
            "reasons": why or (reason(Why.CLEARED),),
            "rules": 1,
            "logistics_no": f"SF10{20_481_000 + 37 * number}",
            "epcs": ("3055A537C837754000000001",),
            "measured_kg": round(declared_kg * (1 + off), 3),
            "error_kg": 0.005,
            "declared_kg": declared_kg,
            "seen_at": at + timedelta(microseconds=number),
        }
        judged = Judged(**(fields | more))
        self.floor.recall(judged, at)
        return judged

    def fill(self) -> None:
        """Let every lane have a past, and the first ones something of each kind."""
        for lane in self.lanes:
            for n, off in enumerate(OFF):
                if n == 3:
                    self.judge(lane, Verdict.INSPECT, far_off(), off=0.18)
                else:
                    named = {"logistics_no": LONG_NUMBER} if n == LONG_AT else {}
                    self.judge(lane, Verdict.RELEASE, off=off, **named)
        for lane, (verdict, why, off) in zip(self.lanes[1:], self.kinds(), strict=False):
            self.judge(lane, verdict, why, off=off)

    @staticmethod
    def kinds() -> list[tuple[Verdict, VerdictReason, float]]:
        """Return verdicts of every kind."""
        return [
            (Verdict.INSPECT, far_off(), 0.18),
            (Verdict.WAIT, reason(Why.NOT_RELEASED_YET), 0.004),
            (Verdict.HOLD, reason(Why.TAG_AND_SCAN_DIFFER, tag="SF1020481999", scan="SF1020482001"), -0.02),
            (Verdict.RECHECK, reason(Why.BAD_WEIGHING, reason="never-stable"), 0.0),
            (Verdict.HOLD, reason(Why.NO_DECLARED_WEIGHT), 0.0),
            (Verdict.INSPECT, reason(Why.UNTAGGED_BESIDE), 0.001),
        ]

    def judge_what_is_due(self) -> None:
        """Let time pass on the lanes."""
        self.floor.judge(self.now())

    def break_line(self, lane: str, since: datetime) -> None:
        """Let the reader of a lane go down."""
        down = {"gateway": "gw-1", "state": LinkState.DOWN, "since": since, "reason": "no-answer"}
        self.put_status([LinkStatus(link=f"{lane}-reader", **down)])


def far_off() -> VerdictReason:
    """Return the reason of a parcel that is far too heavy."""
    return reason(Why.WEIGHT_FAR_OFF, measured_kg=9.912, declared_kg=8.4, error_kg=0.005)
