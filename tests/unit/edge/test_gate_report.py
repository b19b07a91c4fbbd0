"""What a reader tells, as observations, states on the board, and events for whoever judges passages."""

from datetime import timedelta

import pytest

from coldport.ids import LinkId, PointId
from edge.drivers.gates.report import LOSS_SHOWN_S, GateReport, GateSettings
from edge.passage.events import AntennaChanged, BeamChanged, ReadsLost, TagSeen
from edge.protocols.reader_events import (
    AntennaEvent,
    GpiEvent,
    InventoryEvent,
    LostEvent,
    ReaderProblem,
    TagRead,
)

NAME, POINT = LinkId("dock-1-reader"), PointId("dock-1-gate")
EPC = "3034257BF7194E4000001A85"


class Watch:
    def __init__(self) -> None:
        self.seen: list = []

    async def take(self, events) -> None:
        self.seen += events


@pytest.fixture
def watch() -> Watch:
    return Watch()


def read(antenna: int = 1, rssi_dbm: float | None = -52.34, age_s: float = 0.5) -> TagRead:
    return TagRead(epc=EPC, antenna=antenna, rssi_dbm=rssi_dbm, age_s=age_s, count=2)


async def test_a_read_is_recorded_and_passed_on_at_the_moment_it_happened(outlet, sink, clock, watch) -> None:
    await GateReport(GateSettings(name=NAME, point=POINT, watch=watch), outlet).tell([read()])

    at = clock.now() - timedelta(seconds=0.5)
    assert watch.seen == [TagSeen(epc=EPC, antenna=1, rssi_dbm=-52.34, at=at, count=2)]
    (seen,) = sink.of(POINT)
    assert (seen.observed_at, seen.spooled_at, seen.rssi_dbm, seen.count) == (at, clock.now(), -52, 2)


async def test_with_passages_only_reads_are_not_recorded_and_still_passed_on(outlet, sink, watch) -> None:
    settings = GateSettings(name=NAME, point=POINT, record_reads=False, watch=watch)
    await GateReport(settings, outlet).tell([read()])
    assert (sink.of(POINT), len(watch.seen)) == ([], 1)


async def test_reads_of_antennas_of_another_gate_are_nobodys(outlet, sink, watch) -> None:
    settings = GateSettings(name=NAME, point=POINT, antennas=frozenset({1, 2}), watch=watch)
    await GateReport(settings, outlet).tell([read(antenna=3), read(antenna=2)])
    assert [seen.antenna for seen in sink.of(POINT)] == [2]


@pytest.mark.parametrize(("broken_when_low", "broken"), [(False, True), (True, False)])
async def test_a_light_barrier_is_broken_as_it_is_wired(outlet, watch, clock, broken_when_low, broken) -> None:
    settings = GateSettings(name=NAME, point=POINT, beams=frozenset({1}), broken_when_low=broken_when_low, watch=watch)
    events = [GpiEvent(port=1, high=True, age_s=0.25), GpiEvent(port=2, high=True, age_s=0.0)]
    await GateReport(settings, outlet).tell(events)
    assert watch.seen == [BeamChanged(beam=1, broken=broken, at=clock.now() - timedelta(seconds=0.25))]


async def test_lost_reads_are_shown_for_a_minute_and_told_to_the_passages(outlet, board, watch, clock, caplog) -> None:
    report = GateReport(GateSettings(name=NAME, point=POINT, watch=watch), outlet)
    await report.tell([LostEvent(count=7)])
    assert watch.seen == [ReadsLost(count=7, at=clock.now())]
    assert "7 tag reads are lost" in caplog.text
    assert board.states["dock-1-reader-reads"] == "reads-lost"

    await clock.advance(LOSS_SHOWN_S - 1)
    await report.tell([read()])
    assert board.states["dock-1-reader-reads"] == "reads-lost"
    await clock.advance(1.0)
    await report.tell([read()])
    assert board.states["dock-1-reader-reads"] is None


async def test_antennas_and_whether_it_reads_are_on_the_board(outlet, board, watch, clock) -> None:
    report = GateReport(GateSettings(name=NAME, point=POINT, watch=watch), outlet)
    await report.tell([AntennaEvent(antenna=2, connected=False), InventoryEvent(running=False)])
    assert board.states == {"dock-1-reader-antenna-2": "disconnected", "dock-1-reader": "idle"}
    await report.tell([AntennaEvent(antenna=2, connected=True), InventoryEvent(running=True)])
    assert board.states == {"dock-1-reader-antenna-2": None, "dock-1-reader": None}
    assert watch.seen[0] == AntennaChanged(antenna=2, connected=False, at=clock.now())


async def test_a_problem_is_logged_once_a_session(outlet, caplog) -> None:
    report = GateReport(GateSettings(name=NAME, point=POINT), outlet)
    problem = ReaderProblem(reason="malformed", text="half an object")
    await report.tell([problem, problem])
    report.begin()
    await report.tell([problem])
    assert caplog.text.count("half an object") == 2
