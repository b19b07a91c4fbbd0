"""The reader: its ROSpecs and settings outlive a connection, and it has one client at a time."""

import zlib
from collections.abc import Iterable

from firmware_sim.devices.device import TagRead
from firmware_sim.faults import FaultKind, Faults
from firmware_sim.servers.llrp.capabilities import GPOS, Hardware
from firmware_sim.servers.llrp.config import Config, Input
from firmware_sim.servers.llrp.operations import Operations
from firmware_sim.servers.llrp.outbox import Event, Outbox
from firmware_sim.servers.llrp.session import Session
from firmware_sim.servers.llrp.stamps import Stamps
from firmware_sim.servers.llrp.wire import V1_1, tlv, u8, u16

ACCEPTED, TAKEN, TRIED = 0, 2, 4
"""ConnectionAttemptEvent: success; a client is there already; another client tried (told to the one that is there)."""


class LlrpReader:
    """One reader. `connect` makes the core of a new connection.

    `reads` come in from the gate's antennas, `gpi` from what is wired to it, `antenna` when one is pulled off or put
    back.
    """

    def __init__(
        self,
        name: str,
        antennas: int,
        faults: Faults,
        *,
        stamps: Stamps,
        inputs: int = 0,
        newest: int = V1_1,
    ) -> None:
        """Read with `antennas`, hear `inputs`, and speak protocol versions up to `newest`."""
        self.name = name
        self.faults = faults
        self.newest = newest
        self.hardware = Hardware(antennas=antennas, inputs=inputs, outputs=GPOS, has_clock=stamps.has_clock)
        self.config = Config(
            identity=identity(name),
            inputs={port: Input() for port in range(1, inputs + 1)},
            antennas=dict.fromkeys(range(1, antennas + 1), True),
        )
        self.outbox = Outbox(stamps.now, self.config.wants)
        self.operations = Operations(antennas, stamps, self.outbox)
        self._live: Session | None = None

    def connect(self) -> Session:
        """Return the core for a client that has just connected; refused when there is one already."""
        session = Session(self)
        if self.faults.find(FaultKind.OCCUPIED, self.name):
            session.tell_connection(TAKEN)
            session.finished = True
            return session
        if self._live is not None and not self._live.finished:
            self._live.tell_connection(TRIED)
            session.tell_connection(TAKEN)
            session.finished = True
            return session
        self._live = session
        session.tell_connection(ACCEPTED)
        return session

    def disconnect(self, session: Session) -> None:
        """Forget a client whose connection is gone. What is read while nobody is there is lost, unless it is held."""
        if self._live is session:
            self._live = None
            if not self.config.hold:
                self.operations.forget()

    def reads(self, reads: Iterable[TagRead], now_s: float) -> None:
        """Take what the antennas have read."""
        if self._live is None and not self.config.hold:
            return
        self.operations.tick(now_s)
        self.operations.offer((read for read in reads if self.config.antennas.get(read.antenna)), now_s)

    def gpi(self, port: int, *, high: bool) -> None:
        """Take the level of an input."""
        one = self.config.inputs[port]
        if one.high != high:
            one.high = high
            if one.enabled:
                self._tell(Event.GPI, tlv(248, u16(port), u8(0x80 if high else 0)))

    def antenna(self, number: int, *, connected: bool) -> None:
        """Pull an antenna off, or put it back; without it nothing is read there."""
        if self.config.antennas[number] != connected:
            self.config.antennas[number] = connected
            self._tell(Event.ANTENNA, tlv(255, u8(connected), u16(number)))

    def _tell(self, event: Event, parameter: bytes) -> None:
        if self._live is not None or self.config.hold:
            self.outbox.tell(event, parameter)


def identity(name: str) -> bytes:
    """Return the EUI-64 of a reader: locally administered, and another one for each name.

    >>> identity("lane-1-gate").hex() != identity("lane-2-gate").hex()
    True
    """
    return bytes.fromhex("0200fffe") + zlib.crc32(name.encode("ascii")).to_bytes(4, "big")
