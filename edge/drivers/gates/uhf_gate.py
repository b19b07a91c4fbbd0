"""One RFID gate with a UHFReader18 or UHFReader288: asked antenna by antenna, or listened to in push mode."""

import logging
from dataclasses import dataclass
from random import Random

from edge.drivers.gates.report import GateReport, GateSettings
from edge.ports import Link, LinkDownError, Outlet
from edge.protocols.framing import FrameError
from edge.protocols.reader_events import AntennaEvent, ReaderEvent, ReaderProblem, TagRead
from edge.protocols.uhf_reader import Command, Family, Reply, ReplyReader, Status, inventory, tags

FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0
"""Between two attempts to take the line."""
JITTER = 0.2

ANSWER_S = 0.3
"""How much longer than its scan time a reader may take to answer."""
MISSES = 3
"""Inventories in a row without an answer after which the reader is silent; one alone is a frame lost on the line."""
BETWEEN_S = 0.01
"""Between an answer and the next question, so that a reader which answers at once does not take all the time."""
GAP_S = 0.1
"""Silence amid a frame after which it will not be completed: 256 bytes take 45 ms at 57600 baud."""
ANYBODY = 0xFF

log = logging.getLogger("edge.gate")


@dataclass(frozen=True, slots=True, kw_only=True)
class UhfSetup:
    """How a reader is spoken to: its family, its bus address (FF: whoever is there), its antennas from 1.

    `push` is whether it sends by itself; it is then silent after `silent_s` without a frame, if that is known. The RSSI
    byte is dBm above `rssi_zero_dbm`; None when its maker does not say.
    """

    family: Family
    antennas: tuple[int, ...]
    address: int = ANYBODY
    scan_time_s: float = 1.0
    push: bool = False
    silent_s: float | None = None
    rssi_zero_dbm: int | None = None


class UhfGate:
    """One reader. It is the `Source` of its point."""

    def __init__(self, settings: GateSettings, link: Link, setup: UhfSetup, outlet: Outlet, dice: Random) -> None:
        """Read tags through `link`; `dice` spread the attempts to take it."""
        self.name = settings.name
        self._link = link
        self._setup = setup
        self._report = GateReport(settings, outlet)
        self._clock = outlet.clock
        self._dice = dice
        self._wait_s = FIRST_WAIT_S
        self._faulty: set[int] = set()

    async def run(self) -> None:
        """Read for ever; when cancelled, give the line back."""
        try:
            while True:
                try:
                    await self._link.open()
                    self._report.begin()
                    await (self._listen() if self._setup.push else self._ask())
                except LinkDownError as error:
                    log.info("%s: %s", self.name, error)
                    self._report.down(error.reason)
                await self._link.close()
                wait_s = self._wait_s * (1 + JITTER * self._dice.random())
                self._wait_s = min(LONGEST_WAIT_S, self._wait_s * 2)
                await self._clock.sleep(wait_s)
        finally:
            await self._link.close()

    async def _ask(self) -> None:
        """Take inventory through one antenna after the other."""
        misses = 0
        while True:
            for antenna in self._setup.antennas:
                misses = 0 if await self._inventory(antenna) else misses + 1
                if misses >= MISSES:
                    raise LinkDownError(f"the reader has left {misses} inventories unanswered", "silent")
                await self._clock.sleep(BETWEEN_S)

    async def _inventory(self, antenna: int) -> bool:
        """Take one inventory; return whether the reader answered. Frames come until one says that it is the last."""
        setup = self._setup
        reader = ReplyReader()
        self._link.discard()
        await self._link.write(inventory(setup.family, setup.address, antenna, setup.scan_time_s))
        answered = False
        deadline_s = self._clock.monotonic_s() + setup.scan_time_s + ANSWER_S
        while (left_s := deadline_s - self._clock.monotonic_s()) > 0:
            chunk = await self._link.read(min(left_s, GAP_S) if reader.amid_frame else left_s)
            replies = [reply for reply in self._cut(reader, chunk) if reply.command == Command.INVENTORY]
            if replies:
                answered = True
                self._heard()
                await self._report.tell([event for reply in replies for event in self._events(reply, antenna)])
                if replies[-1].ends_inventory:
                    break
                deadline_s = self._clock.monotonic_s() + setup.scan_time_s + ANSWER_S
        if reader.tally.spoiled:
            await self._report.tell([ReaderProblem(reason="crc", text=f"spoiled: {reader.tally.samples['crc'].hex()}")])
        elif not answered:
            await self._report.tell([ReaderProblem(reason="timeout", text="an inventory was not answered")])
        return answered

    async def _listen(self) -> None:
        """Take what the reader pushes."""
        reader = ReplyReader()
        silent_s = self._setup.silent_s or float("inf")
        heard_s = self._clock.monotonic_s()
        spoiled = 0
        while True:
            chunk = await self._link.read(GAP_S)
            replies = self._cut(reader, chunk)
            if replies:
                heard_s = self._clock.monotonic_s()
                self._heard()
                pushed = [reply for reply in replies if reply.command == Command.PUSH]
                await self._report.tell([event for reply in pushed for event in self._events(reply, None)])
            if reader.tally.spoiled > spoiled:
                spoiled = reader.tally.spoiled
                await self._report.tell([ReaderProblem(reason="crc", text=f"{spoiled} spoiled frames so far")])
            if self._clock.monotonic_s() - heard_s >= silent_s:
                raise LinkDownError(f"the reader has sent nothing for {silent_s:.0f} s", "silent")

    def _cut(self, reader: ReplyReader, chunk: bytes) -> list[Reply]:
        """Return the frames of our reader: on RS-485 others may be heard."""
        replies = reader.feed(chunk) if chunk else reader.give_up()
        return [reply for reply in replies if self._setup.address in (ANYBODY, reply.address)]

    def _heard(self) -> None:
        self._wait_s = FIRST_WAIT_S
        self._report.up()

    def _events(self, reply: Reply, asked: int | None) -> list[ReaderEvent]:
        """Return what a reply says; `asked` is the antenna it was asked for."""
        if reply.status in (Status.NO_TAG, Status.HEARTBEAT):
            return self._antenna(asked, works=True) if reply.status == Status.NO_TAG else []
        if reply.status == Status.ANTENNA_FAULT:
            return self._antenna(asked, works=False)
        try:
            found = tags(self._setup.family, reply)
        except FrameError as error:
            return [ReaderProblem(reason=error.reason, text=str(error))]
        if reply.status > Status.MEMORY_FULL:
            return [ReaderProblem(reason=f"status-{reply.status:02x}", text=f"status {reply.status:02X}")]
        first = self._setup.antennas[0]
        reads = [
            TagRead(
                epc=tag.epc, antenna=tag.antenna or asked or first, rssi_dbm=self._dbm(tag.rssi), age_s=0.0, count=1
            )
            for tag in found
        ]
        return [*self._antenna(asked, works=True), *reads]

    def _antenna(self, antenna: int | None, *, works: bool) -> list[ReaderEvent]:
        """Tell of an antenna only what has changed."""
        if antenna is None or works is (antenna not in self._faulty):
            return []
        self._faulty ^= {antenna}
        return [AntennaEvent(antenna=antenna, connected=works)]

    def _dbm(self, rssi: int | None) -> float | None:
        zero_dbm = self._setup.rssi_zero_dbm
        return None if rssi is None or zero_dbm is None else float(zero_dbm + rssi)
