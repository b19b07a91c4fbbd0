"""A gate with a UHFReader on a null modem: asked in turn, listened to, silent, spoiled, pulled off."""

import asyncio
from random import Random

import pytest

from coldport.ids import LinkId, PointId
from edge.drivers.gates.report import GateSettings
from edge.drivers.gates.uhf_gate import ANSWER_S, MISSES, UhfGate, UhfSetup
from edge.links.memory_link import null_modem
from edge.protocols.uhf_reader import Family, crc16

EPC = bytes.fromhex("3034257BF7194E4000001A85")
LINE, POINT = "dock-2-reader", "dock-2-gate"


def frame(command: int, status: int, data: bytes = b"", address: int = 0) -> bytes:
    body = bytes([5 + len(data), address, command, status]) + data
    return body + crc16(body).to_bytes(2, "little")


def seen_by(antenna: int, rssi: int = 0x50) -> bytes:
    return frame(1, 3, bytes([1 << antenna - 1, 1, len(EPC)]) + EPC + bytes([rssi]))


END = frame(1, 1, b"\x01\x00")


class Bench:
    """A gate, and a reader at the far end that answers with what `answers` holds, in turn."""

    def __init__(self, clock, outlet, setup: UhfSetup) -> None:
        self.near, self.far = null_modem(clock)
        self.clock = clock
        self.asked: list[bytes] = []
        self.answers: list[bytes] = []
        settings = GateSettings(name=LinkId(LINE), point=PointId(POINT), antennas=frozenset(setup.antennas))
        self.gate = UhfGate(settings, self.near, setup, outlet, Random(3))
        self.tasks: list[asyncio.Task[None]] = []

    async def begin(self, *answers: bytes) -> None:
        """Switch both on; the reader answers with these, then not at all."""
        self.answers = list(answers)
        self.tasks = [asyncio.create_task(self.gate.run()), asyncio.create_task(self._answer())]
        await self.clock.advance(0.0)

    async def _answer(self) -> None:
        while True:
            asked = await self.far.read(3600.0)
            if asked:
                self.asked.append(asked)
                await self.far.write(self.answers.pop(0) if self.answers else b"")

    async def end(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.wait(self.tasks)


@pytest.fixture
async def bench(clock, outlet, request):
    bench = Bench(clock, outlet, request.param)
    yield bench
    await bench.end()


def asking(**more: object):
    setup = UhfSetup(family=Family.UHF288, antennas=(1, 2), address=0, **more)  # type: ignore[arg-type]
    return pytest.mark.parametrize("bench", [setup], indirect=True)


@asking(rssi_zero_dbm=-130)
async def test_antennas_are_asked_in_turn_and_every_frame_of_an_answer_is_read(bench, clock, sink, board) -> None:
    await bench.begin(seen_by(1) + seen_by(1, 0x52) + END, seen_by(2) + END)
    await clock.advance(0.015)
    assert [(seen.antenna, seen.rssi_dbm) for seen in sink.of(POINT)] == [(1, -50), (1, -48), (2, -50)]
    assert [asked[10] for asked in bench.asked[:2]] == [0x80, 0x81]
    assert board.states == {LINE: None}


@asking()
async def test_without_a_measured_zero_the_rssi_is_not_told(bench, clock, sink) -> None:
    await bench.begin(seen_by(1) + END)
    assert [seen.rssi_dbm for seen in sink.of(POINT)] == [None]


@asking()
async def test_a_reader_that_leaves_three_inventories_unanswered_is_silent_and_asked_again(bench, clock, board) -> None:
    await bench.begin()
    await clock.advance(MISSES * (1.0 + ANSWER_S + 0.02))
    assert board.states == {LINE: "silent"}
    bench.answers = [END] * 100
    await clock.advance(3.0)
    assert board.states == {LINE: None}


@asking()
async def test_one_lost_answer_is_not_told(bench, clock, board) -> None:
    await bench.begin(END, b"", *[END] * 300)
    await clock.advance(2.0)
    assert board.changes == [(0.0, LINE, None)]


@asking()
async def test_an_answer_with_a_wrong_crc_is_passed_over_and_logged(bench, clock, sink, caplog) -> None:
    await bench.begin(seen_by(1)[:-1] + b"\x00" + END, seen_by(2) + END)
    await clock.advance(0.15)
    assert [seen.antenna for seen in sink.of(POINT)] == [2]
    assert "crc" in caplog.text


@asking()
async def test_what_another_reader_on_the_line_says_is_not_taken(bench, clock, sink) -> None:
    other = frame(1, 1, bytes([1, 1, len(EPC)]) + EPC + b"\x50", address=9)
    await bench.begin(other + END)
    await clock.advance(0.005)
    assert sink.of(POINT) == []


@asking()
async def test_a_faulty_antenna_is_told_once_and_told_well_again(bench, clock, board) -> None:
    fault, nothing = frame(1, 0xF8), frame(1, 0xFB)
    await bench.begin(fault, nothing, fault, nothing, nothing, nothing)
    await clock.advance(0.055)
    name = f"{LINE}-antenna-1"
    assert [reason for _, key, reason in board.changes if key == name] == ["disconnected", None]


@asking(push=True, silent_s=20.0)
async def test_in_push_mode_nothing_is_asked_and_a_missing_heartbeat_is_silence(bench, clock, sink, board) -> None:
    await bench.begin()
    await bench.far.write(frame(0xEE, 0, bytes([2, len(EPC)]) + EPC + b"\x50"))
    await clock.advance(0.1)
    assert [seen.antenna for seen in sink.of(POINT)] == [2]
    await clock.advance(15.0)
    await bench.far.write(frame(0xEE, 0x28, bytes(16)))
    await clock.advance(15.0)
    assert board.states == {LINE: None}
    await clock.advance(5.2)
    assert board.states == {LINE: "silent"}
    assert bench.asked == []


@asking(push=True)
async def test_a_torn_frame_costs_only_itself(bench, clock, sink) -> None:
    await bench.begin()
    pushed = frame(0xEE, 0, bytes([1, len(EPC)]) + EPC + b"\x50")
    await bench.far.write(pushed[:7])
    await clock.advance(0.25)
    await bench.far.write(pushed)
    await clock.advance(0.25)
    assert len(sink.of(POINT)) == 1


@asking()
async def test_a_line_that_is_pulled_is_told_and_tried_again(bench, clock, board) -> None:
    await bench.begin(END)
    bench.near.unplug()
    await clock.advance(0.02)
    assert board.states == {LINE: "link-down"}
    bench.near.plugged = True
    bench.answers = [END] * 500
    await clock.advance(2.0)
    assert board.states == {LINE: None}
