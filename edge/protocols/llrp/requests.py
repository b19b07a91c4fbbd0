"""What a client sends to a reader: the bodies of its requests."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from edge.protocols.llrp.about import Capabilities
from edge.protocols.llrp.names import ParameterType as P
from edge.protocols.llrp.wire import tlv

ROSPEC_ID = 1
"""The one ROSpec we have. Before it is added, all others are deleted: a gate is ours alone."""

_INPUTS = 9
"""GPIPortCurrentState (GetReaderConfig, RequestedData)."""
_EVENT_NAMES = 9
_EVENTS_ON = {1, 2, 3, 4, 8}
"""GPI, ROSpec, report buffer, reader exception, antenna (ReaderEventNotificationSpec)."""
_REPORT_FIELDS = 0x8000 | 0x1000 | 0x0400 | 0x0200 | 0x0100 | 0x0080
"""ROSpecID, AntennaID, PeakRSSI, first and last seen, seen count (TagReportContentSelector)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """How the reader of a gate is set.

    `antennas` count from 1. `power_dbm` None leaves the reader's own power; else the highest step of its table that is
    not above it is used, or its lowest. `gen2_session` 0 makes a tag answer again and again while it is in the field,
    which the direction of a passage is judged by; 1 to 3 make it fall silent for a while. `keepalive_s` is how often
    the reader shows that it lives; it is LOST after 1.25 of it in silence. `negotiate` asks for LLRP 1.1 and goes on in
    1.0.1 if the reader refuses; some that know only 1.0.1 end the connection instead. A reader that does not call
    itself `identity` (hex) is another one than was wired, and is left alone.
    """

    antennas: tuple[int, ...]
    negotiate: bool = False
    identity: str | None = None
    power_dbm: float | None = None
    gen2_session: int = 0
    tag_population: int = 32
    gpi_ports: tuple[int, ...] = ()
    keepalive_s: float = 5.0
    request_timeout_s: float = 5.0

    def __post_init__(self) -> None:
        """Refuse what no reader could take: ValueError."""
        if not self.antennas or not all(1 <= antenna <= 0xFFFF for antenna in self.antennas):
            raise ValueError(f"antennas are 1 to 65535, at least one, not {self.antennas}")
        if not 0 <= self.gen2_session <= 3:
            raise ValueError(f"a Gen2 session is 0 to 3, not {self.gen2_session}")
        if not 1 <= self.tag_population <= 0xFFFF:
            raise ValueError(f"a tag population is 1 to 65535, not {self.tag_population}")
        if not all(1 <= port <= 0xFFFF for port in self.gpi_ports):
            raise ValueError(f"GPI ports are 1 to 65535, not {self.gpi_ports}")
        if not 0.1 <= self.keepalive_s <= 3600 or not 0.1 <= self.request_timeout_s <= 3600:
            raise ValueError("keepalive_s and request_timeout_s are 0.1 to 3600 seconds")


def get_capabilities() -> bytes:
    """Ask for all capabilities."""
    return b"\x00"


def get_config() -> bytes:
    """Ask for the whole configuration: all antennas, all kinds, all GPI and GPO ports."""
    return bytes(7)


def get_inputs() -> bytes:
    """Ask how the GPI ports are."""
    return struct.pack(">HBHH", 0, _INPUTS, 0, 0)


def protocol_version(version: int) -> bytes:
    """Return the body of SET_PROTOCOL_VERSION."""
    return bytes([version])


def set_config(setup: Setup) -> bytes:
    """Turn on the events we read, the keepalive and the GPI ports; nothing is reset to factory settings."""
    events = (
        tlv(P.EVENT_NOTIFICATION_STATE, struct.pack(">HB", event, 0x80 if event in _EVENTS_ON else 0))
        for event in range(_EVENT_NAMES)
    )
    keepalive = tlv(P.KEEPALIVE_SPEC, struct.pack(">BI", 1, round(setup.keepalive_s * 1000)))
    # The state is read-only for a client; 2 is "unknown".
    ports = (tlv(P.GPI_PORT_CURRENT_STATE, struct.pack(">HBB", port, 0x80, 2)) for port in setup.gpi_ports)
    return b"\x00" + tlv(P.READER_EVENT_NOTIFICATION_SPEC, *events) + keepalive + b"".join(ports)


def spec_id(number: int) -> bytes:
    """Return the body of a message that names one ROSpec or AccessSpec; 0 means all of them."""
    return struct.pack(">I", number)


def add_rospec(setup: Setup, capabilities: Capabilities) -> bytes:
    """Describe the reading of a gate: all antennas without end, a report for each tag read; started by START_ROSPEC."""
    antennas = struct.pack(f">H{len(setup.antennas)}H", len(setup.antennas), *setup.antennas)
    inventory = tlv(P.INVENTORY_PARAMETER_SPEC, struct.pack(">HB", 1, 1), *_antenna_settings(setup, capabilities))
    endless = tlv(P.AISPEC_STOP_TRIGGER, struct.pack(">BI", 0, 0))
    reading = tlv(P.AISPEC, antennas, endless, inventory)
    boundary = tlv(
        P.RO_BOUNDARY_SPEC, tlv(P.ROSPEC_START_TRIGGER, b"\x00"), tlv(P.ROSPEC_STOP_TRIGGER, struct.pack(">BI", 0, 0))
    )
    selector = tlv(
        P.TAG_REPORT_CONTENT_SELECTOR, struct.pack(">H", _REPORT_FIELDS), tlv(P.C1G2_EPC_MEMORY_SELECTOR, b"\x00")
    )
    report = tlv(P.RO_REPORT_SPEC, struct.pack(">BH", 1, 1), selector)
    return tlv(P.ROSPEC, struct.pack(">IBB", ROSPEC_ID, 0, 0), boundary, reading, report)


def _antenna_settings(setup: Setup, capabilities: Capabilities) -> Sequence[bytes]:
    singulation = tlv(P.C1G2_SINGULATION_CONTROL, struct.pack(">BHI", setup.gen2_session << 6, setup.tag_population, 0))
    command = tlv(P.C1G2_INVENTORY_COMMAND, b"\x00", singulation)
    transmitter = b""
    if setup.power_dbm is not None and capabilities.powers_dbm:
        index = _power_index(setup.power_dbm, capabilities.powers_dbm)
        # Hop tables are numbered by each reader; a guessed number is refused by some (1 by those that begin at 0). One
        # that does not hop wants the place of a channel in its own table, from 1.
        hop_table = capabilities.hop_tables[0] if capabilities.hop_tables else 0
        channel = 1 if capabilities.channels_khz and not capabilities.hop_tables else 0
        transmitter = tlv(P.RF_TRANSMITTER, struct.pack(">HHH", hop_table, channel, index))
    return [
        tlv(P.ANTENNA_CONFIGURATION, struct.pack(">H", antenna), transmitter, command) for antenna in setup.antennas
    ]


def _power_index(wanted_dbm: float, powers_dbm: Sequence[tuple[int, float]]) -> int:
    allowed = [(dbm, index) for index, dbm in powers_dbm if dbm <= wanted_dbm]
    return max(allowed)[1] if allowed else min((dbm, index) for index, dbm in powers_dbm)[1]
