"""What the reader says about itself: GET_READER_CAPABILITIES (section 10.1)."""

from dataclasses import dataclass

from firmware_sim.servers.llrp.wire import s16, tlv, u8, u16, u32

MAKER = 0
"""No maker's enterprise number: the reader is a simulated one."""

FIRMWARE = b"coldport-sim"
CHINA = 156
CHINA_BAND = 14
"""CommunicationsStandard: China 920.5 to 924.5 MHz."""

FIRST_KHZ, CHANNEL_KHZ, CHANNELS = 920_625, 250, 16
POWERS_DBM = [10 + 0.25 * step for step in range(81)]
GPOS = 4
MAX_ROSPECS = 4
SPECS_PER_ROSPEC = 1

ALL, GENERAL, LLRP, REGULATORY, C1G2 = 0, 1, 2, 3, 4


_HOLDS_EVENTS = 1 << 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Hardware:
    """What there is: antennas, inputs, outputs, and a clock that knows UTC or only how long it has been on."""

    antennas: int
    inputs: int
    outputs: int
    has_clock: bool


def capabilities(requested: int, hardware: Hardware) -> bytes:
    """Return the capability parameters that were asked for."""
    parts = {
        GENERAL: _general(hardware),
        LLRP: _llrp(),
        REGULATORY: _regulatory(),
        C1G2: tlv(327, u8(0), u16(2)),
    }
    return b"".join(part for kind, part in parts.items() if requested in (ALL, kind))


def _general(hardware: Hardware) -> bytes:
    sensitivity = tlv(139, u16(1), u16(0))
    air = [tlv(140, u16(antenna), u16(1), u8(1)) for antenna in range(1, hardware.antennas + 1)]
    gpio = tlv(141, u16(hardware.inputs), u16(hardware.outputs))
    head = u16(hardware.antennas) + u16(hardware.has_clock << 14) + u32(MAKER) + u32(1) + u16(len(FIRMWARE)) + FIRMWARE
    return tlv(137, head, sensitivity, gpio, *air)


def _llrp() -> bytes:
    flags, priorities, client_operation_ms = _HOLDS_EVENTS, 0, 0
    return tlv(
        142,
        u8(flags),
        u8(priorities),
        u16(client_operation_ms),
        u32(MAX_ROSPECS),
        u32(SPECS_PER_ROSPEC),
        u32(1),
        u32(0),
        u32(0),
    )  # fmt: skip - one line a group


def _regulatory() -> bytes:
    powers = [tlv(145, u16(index), s16(round(dbm * 100))) for index, dbm in enumerate(POWERS_DBM, start=1)]
    channels = b"".join(u32(FIRST_KHZ + CHANNEL_KHZ * channel) for channel in range(CHANNELS))
    hopping = tlv(146, u8(0x80), tlv(147, u8(1), u8(0), u16(CHANNELS), channels))
    mode = tlv(329, u32(0), u8(0x80), u8(2), u8(2), u8(2), u32(250_000), u32(1500), u32(20_000), u32(20_000), u32(0))
    return tlv(143, u16(CHINA), u16(CHINA_BAND), tlv(144, *powers, hopping, tlv(328, mode)))
