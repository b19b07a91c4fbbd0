"""The reader: it answers inventories, or pushes every read by itself, as its work mode says."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from firmware_sim.devices.device import TagRead
from firmware_sim.faults import FaultKind, Faults
from firmware_sim.servers.uhf.inventory import Inventory, UhfModel, frames, pushed
from firmware_sim.servers.uhf.wire import Command, Splitter, Status, answer

ANYBODY = 0xFF
INVENTORY, INFO, PUSHED = 0x01, 0x21, 0xEE
GET_MODE = 0x36
SET_MODE = {UhfModel.UHF18: 0x35, UhfModel.UHF288: 0x76}
ANSWERING, PUSHING = 0, 1

HEARTBEAT_S = 10.0
"""Seconds between the heartbeats of a 288 that pushes (assumed; the vendor's tool sets it)."""

OUT_LIMIT = 64 * 1024
"""Bytes that wait for a host; more pushed frames are lost, as on a line that is full."""

_WIEGAND, _EAS_AND_SYRIS = bytes([0, 30, 10, 15]), bytes([8, 0])
"""What stands before and behind the work mode of an 18 when it is asked for it: outputs that nothing is wired to."""

_VERSION, _PROTOCOLS = bytes([2, 36]), 0b10
_TYPES = {UhfModel.UHF18: 0x09, UhfModel.UHF288: 0x0C}
_CHINA_MAX, _CHINA_MIN = 0b00_010001, 0b01_000010
"""Band 0001, China 920.125 + 0.25 n MHz, channels 17 down to 2: 920.625 to 924.375 MHz."""

_SETTINGS = {0x22: 2, 0x24: 1, 0x25: 1, 0x28: 1, 0x2F: 1}
"""Bytes of data that the commands for frequency, address, scan time, baud rate and power have."""


@dataclass(slots=True)
class UhfReader:
    """One reader with its settings, which all its hosts share. `reads` come in from the gate's antennas."""

    name: str
    model: UhfModel
    antennas: int
    faults: Faults
    address: int = 0
    mode: int = ANSWERING
    mode_details: bytes = bytes([0, 1, 0, 6, 0])
    power_dbm: int = 30
    scan_ticks: int = 10
    sessions: list["UhfSession"] = field(default_factory=list)

    def connect(self) -> "UhfSession":
        """Return the core for one line or one TCP client."""
        session = UhfSession(self)
        self.sessions.append(session)
        return session

    def disconnect(self, session: "UhfSession") -> None:
        """Forget a client that is gone."""
        self.sessions.remove(session)

    def reads(self, reads: Iterable[TagRead], now_s: float) -> None:
        """Take what the antennas have read. In answer mode only a host that has just asked hears of it."""
        del now_s
        held = tuple(reads)
        for session in self.sessions:
            session.reads(held)

    def work_mode(self) -> bytes:
        """Return what an 18 says of its work mode."""
        return _WIEGAND + bytes([self.mode]) + self.mode_details + _EAS_AND_SYRIS

    def info(self) -> bytes:
        """Return what the reader says of itself."""
        head = _VERSION + bytes([_TYPES[self.model], _PROTOCOLS, _CHINA_MAX, _CHINA_MIN])
        data = head + bytes([self.power_dbm, self.scan_ticks])
        return data if self.model is UhfModel.UHF18 else data + bytes([(1 << self.antennas) - 1 & 0xFF, 0, 0, 1])


class UhfSession:
    """One line to a host."""

    def __init__(self, reader: UhfReader) -> None:
        """Begin, with nothing asked yet."""
        self._reader = reader
        self._splitter = Splitter()
        self._out = bytearray()
        self._inventory: Inventory | None = None
        self._beat_s: float | None = None
        self._beats = self._pushed = 0
        self._reader_commands: dict[int, Callable[[bytes], int]] = {
            **dict.fromkeys(_SETTINGS, lambda _: Status.OK),
            0x24: self._set_address,
            0x25: self._set_scan_time,
            0x2F: self._set_power,
            SET_MODE[reader.model]: self._set_mode,
        }

    def receive(self, data: bytes, now_s: float) -> None:
        """Take bytes off the line. Commands for other addresses are none of ours."""
        if self._reader.faults.find(FaultKind.SILENCE, self._reader.name):
            return
        for command in self._splitter.feed(data, now_s):
            if command.address in (self._reader.address, ANYBODY):
                self._obey(command, now_s)

    def send(self, now_s: float) -> bytes:
        """Return answers, an inventory that is over, pushed reads, and a heartbeat that is due."""
        if self._inventory is not None and self._inventory.over(now_s):
            self._tell(self._inventory, now_s)
            self._inventory = None
        self._beat(now_s)
        out = bytes(self._out)
        self._out.clear()
        return b"" if self._reader.faults.find(FaultKind.SILENCE, self._reader.name) else out

    @property
    def finished(self) -> bool:
        """A host hangs up, the reader does not."""
        return False

    def reads(self, reads: Iterable[TagRead]) -> None:
        """Take what the antennas have read."""
        if self._inventory is not None:
            self._inventory.add(reads)
        if self._reader.mode == PUSHING:
            for read in reads:
                self._say(PUSHED, Status.OK, pushed(self._reader.model, read))
                self._pushed += 1

    def _obey(self, command: Command, now_s: float) -> None:
        reader = self._reader
        if not command.whole or not self._known(command.code):
            self._say(0, Status.ILLEGAL)
        elif command.code == INVENTORY:
            self._begin(command.data, now_s)
        elif command.code == INFO:
            self._say(INFO, Status.OK, reader.info())
        elif command.code == GET_MODE:
            self._say(GET_MODE, Status.OK, reader.work_mode())
        elif len(command.data) != self._data_bytes(command.code):
            self._say(command.code, Status.WRONG_LENGTH)
        else:
            address = reader.address
            self._say(command.code, self._reader_commands[command.code](command.data), address=address)

    def _known(self, code: int) -> bool:
        """Tell whether a command is carried out in this work mode: while it pushes, only the reader's own are."""
        if code == INVENTORY:
            return self._reader.mode == ANSWERING
        if code == GET_MODE:
            return self._reader.model is UhfModel.UHF18
        return code == INFO or code in self._reader_commands

    def _data_bytes(self, code: int) -> int:
        return _SETTINGS.get(code, 6 if self._reader.model is UhfModel.UHF18 else 1)

    def _begin(self, data: bytes, now_s: float) -> None:
        """Begin an inventory. The nine bytes a host may send to a 288 end with an antenna and a scan time."""
        antennas, ticks = None, self._reader.scan_ticks
        if self._reader.model is UhfModel.UHF288 and len(data) == 9:
            antennas, ticks = frozenset({(data[7] & 0x7F) + 1}), data[8] or ticks
        self._inventory = Inventory(now_s, now_s + ticks / 10, antennas)

    def _tell(self, inventory: Inventory, now_s: float) -> None:
        parts = list(frames(self._reader.model, inventory.heard.values()))
        if not parts:
            self._say(INVENTORY, Status.NO_TAG)
        for part in parts[:-1]:
            self._say(INVENTORY, Status.MORE, part)
        if parts:
            in_time = now_s < inventory.ends_s
            self._say(INVENTORY, Status.FINISHED if in_time else Status.TIME_OVER, parts[-1])

    def _beat(self, now_s: float) -> None:
        reader = self._reader
        if reader.mode != PUSHING or reader.model is not UhfModel.UHF288:
            self._beat_s = None
            return
        if self._beat_s is None:
            self._beat_s = now_s + HEARTBEAT_S
        if now_s >= self._beat_s:
            self._beat_s = now_s + HEARTBEAT_S
            self._beats += 1
            there = bytes(int(antenna < reader.antennas) for antenna in range(8))
            told = self._beats.to_bytes(4, "big") + there + self._pushed.to_bytes(4, "big")
            self._say(PUSHED, Status.HEARTBEAT, told)

    def _say(self, code: int, status: int, data: bytes = b"", *, address: int | None = None) -> None:
        if self._reader.faults.swallows(self._reader.name):
            return
        sent = answer(self._reader.address if address is None else address, code, status, data)
        if self._reader.faults.find(FaultKind.CRC, self._reader.name):
            sent = self._reader.faults.flipped(sent)
        if len(self._out) + len(sent) <= OUT_LIMIT:
            self._out += sent

    def _set_address(self, data: bytes) -> int:
        if data[0] == ANYBODY:
            return Status.WRONG_PARAMETER
        self._reader.address = data[0]
        return Status.OK

    def _set_scan_time(self, data: bytes) -> int:
        if data[0] < 3:
            return Status.WRONG_PARAMETER
        self._reader.scan_ticks = data[0]
        return Status.OK

    def _set_power(self, data: bytes) -> int:
        if data[0] > 30:
            return Status.WRONG_PARAMETER
        self._reader.power_dbm = data[0]
        return Status.OK

    def _set_mode(self, data: bytes) -> int:
        if data[0] not in (ANSWERING, PUSHING):
            return Status.WRONG_PARAMETER  # the modes with a trigger input are not simulated
        self._reader.mode = data[0]
        self._reader.mode_details = data[1:]
        return Status.OK
