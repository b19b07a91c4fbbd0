"""A simulated lane from belt to verdict: parcels of all kinds, the edge's own gate and scale, control's own rules.

Nothing here is on a wire: reads, beams and frames go straight into what an agent makes of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from coldport.ids import PointId
from coldport.messages.observation import Direction, Passage, Weighing
from control.inspection.clearance import Clearance
from control.inspection.lane.acts import Judged, Scanned, TagBound
from control.inspection.lane.engine import Lanes
from control.inspection.lane.facts import Facts
from control.inspection.lane.settings import Lane
from control.inspection.lane.weight import ScaleType
from control.inspection.settings import InspectionFile
from edge.drivers.scales.load_cycle import LoadCycle
from edge.drivers.scales.report import WeightReport
from edge.drivers.scales.stability import StabilityRule
from edge.lines.scale import Load
from edge.passage.engine import Passages
from edge.passage.events import BeamChanged, TagSeen
from edge.passage.neighbours import Neighbours
from edge.passage.settings import PassageSettings
from edge.passage.verdict import Verdict as Told
from edge.protocols.shown import Shown, bad
from edge.sources.scale import load_rule
from firmware_sim.devices.conveyor import Belt, Conveyor, Parcel
from firmware_sim.devices.device import TagRead
from firmware_sim.devices.rfid_gate import Antennas, RfidGate
from firmware_sim.devices.scale import Platform, Scale
from firmware_sim.world import Wire, World

BEGIN = datetime(2026, 7, 1, tzinfo=UTC)
FRAME_S = 0.1
"""How often the scale speaks."""
DIVISION_KG = 0.005

KINDS = {
    "fine": 0.80,
    "wrong weight": 0.03,
    "wrong weight by a little": 0.02,
    "unknown": 0.02,
    "no inventory": 0.02,
    "pending": 0.02,
    "customs inspects": 0.02,
    "customs detains": 0.01,
    "customs sent back": 0.01,
    "watched": 0.01,
    "seen earlier": 0.01,
    "broken papers": 0.01,
    "unbound tag": 0.01,
    "label of another": 0.01,
}
"""What is wrong with a parcel, and how often."""

LANE = Lane(
    id="lane-1",
    zone="lane-1",
    gate="gate",
    scale="scale",
    scale_type=ScaleType(e_kg=DIVISION_KG, max_kg=60),
    apart_s=6.0,
    gate_before_s=(1.0, 5.5),
    tag_required=False,
    patience_s=4.0,
)
BELT = Belt(every_s=10.0, speed_m_per_s=1.0, unsteady=0.05, weigh_s=2.5, gap_m=2.5, dead=0.002)
GATE = PassageSettings(outside=(1,), inside=(2,), quiet_s=1.0)


@dataclass
class Truth:
    """A parcel as it really is."""

    logistics_no: str
    kind: str
    parcel: Parcel
    weighed_s: float | None = None


@dataclass
class Run:
    """What became of the parcels of a run."""

    parcels: dict[str, Truth] = field(default_factory=dict)
    judged: list[Judged] = field(default_factory=list)
    inputs: list[tuple[object, datetime]] = field(default_factory=list)
    facts: dict[str, Facts] = field(default_factory=dict)

    def should_be_held(self, judged: Judged) -> bool:
        """Whether something is wrong with a parcel, and was to be seen: of a tag that was not read nobody can know."""
        kinds = {one.logistics_no: one.kind for one in self.parcels.values()}
        kind = kinds[judged.logistics_no or ""]
        return kind != "fine" and not (kind == "unbound tag" and not judged.epcs)

    def on_scale(self, at: datetime) -> Truth | None:
        """Return the parcel that stopped on the scale within three seconds of a moment."""
        at_s = (at - BEGIN).total_seconds()
        near = [one for one in self.parcels.values() if one.weighed_s is not None and abs(one.weighed_s - at_s) < 3.0]
        return min(near, key=lambda one: abs((one.weighed_s or 0.0) - at_s), default=None)


def lane_run(count: int, seed: int, lane: Lane = LANE) -> Run:
    """Let `count` parcels go over a lane."""
    dice, run = Random(seed), Run()
    file = InspectionFile(lanes=(lane,))
    lanes = Lanes(file, ZoneInfo("Asia/Shanghai"), lambda _: None)
    floor = _Floor(lanes, run, lane)
    conveyor = Conveyor(BELT, Random(dice.random()))
    scale = Scale(Platform(capacity_kg=60, division_kg=DIVISION_KG), Random(dice.random()))
    gate = RfidGate(Antennas(stray_epc="3055A537C837754000000063"), Random(dice.random()))
    devices = {"belt": conveyor, "scale": scale, "gate": gate}
    world = World(
        devices,
        [
            Wire("belt.load_kg", "scale.load_kg"),
            Wire("still.disturbance", "scale.disturbance"),
            Wire("still.overload", "scale.overload"),
            Wire("belt.tags", "gate.tags"),
        ],
        {"still.disturbance": 0.0, "still.overload": 0.0},
    )
    agent = _Agent(scale, lane)
    world.watch("gate.reads", lambda now_s, reads: floor.pass_on(agent.read(now_s, reads), now_s))
    for number, beam in enumerate(("entry", "exit"), 1):
        world.watch(f"belt.{beam}", lambda now_s, broken, n=number: floor.pass_on(agent.beam(now_s, n, broken), now_s))
    now_s = 0.0
    while len(run.parcels) < count or conveyor._parcels:
        now_s = round(now_s + FRAME_S, 1)
        world.run_until(now_s)
        for parcel in conveyor._parcels:
            if len(run.parcels) < count and parcel.epc.hex().upper() not in run.parcels:
                floor.announce(parcel, dice, now_s)
        floor.stopped(conveyor, now_s, dice)
        floor.pass_on(agent.frame(now_s), now_s)
        floor.judge(now_s)
        if len(run.parcels) >= count and all(one.weighed_s is not None for one in run.parcels.values()):
            break
    for _ in range(200):
        now_s = round(now_s + FRAME_S, 1)
        world.run_until(now_s)
        floor.pass_on(agent.frame(now_s), now_s)
        floor.judge(now_s)
    return run


class _Agent:
    """What a gateway makes of reads, beams and frames."""

    def __init__(self, scale: Scale, lane: Lane) -> None:
        self._scale = scale
        self._lane = lane
        rule = StabilityRule(division_kg=DIVISION_KG, hold_s=0.5, rate_hz=1 / FRAME_S)
        self._report = WeightReport(PointId(lane.scale), rule, LoadCycle(load_rule(Load(), DIVISION_KG)))
        self._passages = Passages(lane.gate, GATE, Neighbours())

    def read(self, now_s: float, reads: object) -> Iterator[Passage]:
        for one in reads if isinstance(reads, tuple) else ():
            if isinstance(one, TagRead):
                event = TagSeen(
                    epc=one.epc.hex().upper(), antenna=one.antenna, rssi_dbm=one.rssi_dbm, at=moment(one.at_s)
                )
                yield from self._told(self._passages.take(event), now_s)

    def beam(self, now_s: float, number: int, broken: object) -> Iterator[Passage]:
        event = BeamChanged(beam=number, broken=bool(broken), at=moment(now_s))
        yield from self._told(self._passages.take(event), now_s)

    def frame(self, now_s: float) -> Iterator[Weighing | Passage]:
        shown = self._scale.weighing()
        if shown.overload or shown.underload:
            seen = bad("overload" if shown.overload else "underload")
        else:
            seen = Shown(gross_kg=shown.gross_kg, device_stable=shown.stable)
        told = self._report.weigh(seen, moment(now_s), now_s)
        yield from (one for one in told if isinstance(one, Weighing))
        yield from self._told(self._passages.advance(moment(now_s)), now_s)

    def _told(self, verdicts: list[Told], now_s: float) -> Iterator[Passage]:
        for one in verdicts:
            yield Passage(
                seq=1,
                point=self._lane.gate,
                observed_at=one.at,
                spooled_at=moment(now_s),
                direction=one.direction or Direction.UNDETERMINED,
                confidence=one.confidence,
                first_at=one.first_at,
                last_at=one.last_at,
                reads=one.reads,
                epc=one.epc,
                evidence=one.evidence,
            )


class _Floor:
    """Control's lanes, and what the papers say of each parcel."""

    def __init__(self, lanes: Lanes, run: Run, lane: Lane) -> None:
        self._lanes = lanes
        self._run = run
        self._lane = lane

    def announce(self, parcel: Parcel, dice: Random, now_s: float) -> None:
        """Declare a parcel, and stick its tag to it."""
        [kind] = dice.choices(list(KINDS), list(KINDS.values()))
        name, epc = f"SF{len(self._run.parcels):08}", parcel.epc.hex().upper()
        self._run.parcels[epc] = Truth(name, kind, parcel)
        self._run.facts[name] = _facts(kind, parcel.mass_kg, dice)
        if kind != "unbound tag":
            self.take(TagBound(epc=epc, logistics_no=name, at=moment(now_s), by="floor"), now_s)

    def stopped(self, conveyor: Conveyor, now_s: float, dice: Random) -> None:
        """Note which parcel stands on the scale, and scan its label: one in fifty cannot be read."""
        if conveyor._speed:
            return
        for parcel in conveyor._parcels:
            truth = self._run.parcels.get(parcel.epc.hex().upper())
            on_it = conveyor._share(parcel, conveyor._moved_m(now_s)) > 0.9
            if truth is None or not on_it or truth.weighed_s is not None:
                continue
            truth.weighed_s = now_s
            code = "SF99999999" if truth.kind == "label of another" else truth.logistics_no
            if truth.kind == "label of another" or dice.random() >= 0.02:
                self.take(Scanned(lane=self._lane.id, code=code, at=moment(now_s), by="scanner"), now_s)

    def pass_on(self, observations: Iterator[Weighing | Passage], now_s: float) -> None:
        """Take in what the gateway tells."""
        for one in observations:
            self._run.inputs.append((one, moment(now_s)))
            self._lanes.see(one, moment(now_s))

    def take(self, act: TagBound | Scanned, now_s: float) -> None:
        """Take in what people and scanners tell."""
        self._run.inputs.append((act, moment(now_s)))
        self._lanes.take(act, moment(now_s))

    def judge(self, now_s: float) -> None:
        """Let the lanes give what verdicts are due."""
        self._run.judged += self._lanes.judge(moment(now_s), lambda name: self._run.facts.get(name, Facts()))


def moment(at_s: float) -> datetime:
    """Return the moment of a second of the simulation."""
    return BEGIN + timedelta(seconds=at_s)


def _facts(kind: str, mass_kg: float, dice: Random) -> Facts:
    declared_kg = round(mass_kg * (1 + dice.gauss(0, 0.01)), 3)
    clearance = {
        "no inventory": Clearance.NONE,
        "pending": Clearance.PENDING,
        "customs inspects": Clearance.INSPECT,
        "customs detains": Clearance.DETAINED,
        "customs sent back": Clearance.REJECTED,
    }.get(kind, Clearance.RELEASED)
    if kind == "wrong weight":
        declared_kg = mass_kg * dice.choice([0.5, 0.8, 1.3, 2.0])
    elif kind == "wrong weight by a little":  # more than the band and the error of the scale allow
        declared_kg = (mass_kg - 0.03) / dice.uniform(1.06, 1.09)
    return Facts(
        known=kind != "unknown",
        clearance=clearance,
        declared_kg=declared_kg,
        watch="w-1" if kind == "watched" else None,
        findings=("order-total",) if kind == "broken papers" else (),
        seen_at=BEGIN - timedelta(days=30) if kind == "seen earlier" else None,
    )
