"""From what a register or an input holds to the value of a point, and back for outputs.

A value outside what the device can measure is never clamped: it becomes a reading of bad quality with a reason.
"""

import struct
from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from math import isfinite
from typing import Annotated

from msgspec import Meta, Struct

from coldport.messages.observation import Quality

Word = Annotated[int, Meta(ge=0, le=0xFFFF_FFFF)]


class Measured(Struct, frozen=True):
    """What is known about a point after one read. Bad quality carries no value and says why."""

    value: float | None
    quality: Quality = Quality.GOOD
    reason: str | None = None


def bad(reason: str) -> Measured:
    """Return a failed read; `reason` is one of this module's, of a FrameError, or of the poller."""
    return Measured(None, Quality.BAD, reason)


class RegisterType(StrEnum):
    """How many registers hold the value, and how its bits are meant."""

    INT16 = "int16"
    UINT16 = "uint16"
    INT32 = "int32"
    UINT32 = "uint32"
    FLOAT32 = "float32"

    @property
    def registers(self) -> int:
        """Registers the value takes."""
        return 1 if self in (RegisterType.INT16, RegisterType.UINT16) else 2


class WordOrder(StrEnum):
    """Which of two registers comes first. Within a register the high byte always does."""

    HIGH_FIRST = "high-first"
    """ABCD."""
    LOW_FIRST = "low-first"
    """CDAB."""


class Sign(StrEnum):
    """How a negative value is written in a signed integer."""

    TWOS = "twos"
    """Two's complement: 0xFFFF is -1."""
    MAGNITUDE = "sign-magnitude"
    """The highest bit is the sign: 0x8001 is -1."""
    PLUS_10000 = "plus-10000"
    """10000 and more mean negative: 10001 is -1 (KinCony SHT30 transmitters)."""


class RegisterScale(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a device's registers become a value in the unit of the point: `integer * scale + offset`.

    `sentinels` are register contents (before sign and scale) by which the device says that its probe is broken, such as
    0x8000. `minimum` and `maximum` are the ends of what the device can measure, both included, in the point's unit;
    with them the classic unsigned mistake (6553.5 °C for -0.1 °C) shows as `out-of-range`.
    """

    type: RegisterType = RegisterType.INT16
    word_order: WordOrder = WordOrder.HIGH_FIRST
    sign: Sign = Sign.TWOS
    scale: float = 1.0
    offset: float = 0.0
    sentinels: tuple[Word, ...] = ()
    minimum: float | None = None
    maximum: float | None = None

    def __post_init__(self) -> None:
        """Refuse, with a ValueError, a scale by which no value could ever be good."""
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError(f"minimum {self.minimum} is above maximum {self.maximum}")
        if self.scale == 0:
            raise ValueError("a scale of 0 makes every value the same")

    def measure(self, registers: Sequence[int]) -> Measured:
        """Return the value of `type.registers` registers (each 0..65535, in the order of their addresses).

        Reasons of bad quality: `sentinel`, `not-a-number` (a float32 may be one), `out-of-range`.

        >>> RegisterScale(scale=0.1).measure([0xFF33]).value
        -20.5
        """
        raw = self._raw(registers)
        if raw in self.sentinels:
            return bad("sentinel")
        if self.type is RegisterType.FLOAT32:
            value = struct.unpack(">f", raw.to_bytes(4, "big"))[0] * self.scale + self.offset
            if not isfinite(value):
                return bad("not-a-number")
        else:
            # Decimal, so that a tenth stays a tenth: 3 * 0.1 is 0.30000000000000004 in binary.
            value = float(self._signed(raw) * Decimal(str(self.scale)) + Decimal(str(self.offset)))
        if self._is_outside(value):
            return bad("out-of-range")
        return Measured(value)

    def registers_of(self, value: float) -> tuple[int, ...]:
        """Return what `type.registers` registers hold to mean `value`, rounded to the nearest that they can say.

        Raises:
            ValueError: It is outside `minimum..maximum`, or more than the registers can hold.

        >>> RegisterScale(scale=0.1).registers_of(-20.5)
        (65331,)
        """
        if not isfinite(value) or self._is_outside(value):
            raise ValueError(f"{value} is outside {self.minimum}..{self.maximum}")
        if self.type is RegisterType.FLOAT32:
            raw = int.from_bytes(struct.pack(">f", (value - self.offset) / self.scale), "big")
        else:
            steps = (Decimal(str(value)) - Decimal(str(self.offset))) / Decimal(str(self.scale))
            raw = self._unsigned(int(steps.to_integral_value(ROUND_HALF_EVEN)))
        high, low = raw >> 16, raw & 0xFFFF
        if self.type.registers == 1:
            return (low,)
        return (high, low) if self.word_order is WordOrder.HIGH_FIRST else (low, high)

    def _is_outside(self, value: float) -> bool:
        return (self.minimum is not None and value < self.minimum) or (
            self.maximum is not None and value > self.maximum
        )

    def _unsigned(self, number: int) -> int:
        """Return the bits that `_signed` reads as `number`."""
        top = 1 << (16 * self.type.registers - 1)
        raw = number
        if number < 0 and self.sign is Sign.PLUS_10000:
            raw = 10_000 - number
        elif number < 0:
            raw = 2 * top + number if self.sign is Sign.TWOS else top - number
        if not 0 <= raw < 2 * top or self._signed(raw) != number:
            raise ValueError(f"{number} steps do not fit into {self.type}")
        return raw

    def _raw(self, registers: Sequence[int]) -> int:
        if len(registers) != self.type.registers:
            raise ValueError(f"{self.type} takes {self.type.registers} registers, not {len(registers)}")
        if len(registers) == 1:
            return registers[0]
        high, low = registers if self.word_order is WordOrder.HIGH_FIRST else (registers[1], registers[0])
        return high << 16 | low

    def _signed(self, raw: int) -> int:
        if self.type in (RegisterType.UINT16, RegisterType.UINT32):
            return raw
        if self.sign is Sign.PLUS_10000:
            return 10_000 - raw if raw >= 10_000 else raw
        top = 1 << (16 * self.type.registers - 1)
        if raw < top:
            return raw
        return raw - 2 * top if self.sign is Sign.TWOS else top - raw


class BitScale(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How an input becomes a value: 1 is open, alarm, running. `inverted` is for a contact wired the other way."""

    inverted: bool = False

    def measure(self, bit: int) -> Measured:
        """Return the value of one bit, 0 or 1."""
        return Measured(float(bit ^ self.inverted))

    def bit_of(self, value: float) -> int:
        """Return the bit that means `value`, 0 or 1; anything else is refused with a ValueError."""
        if value not in (0, 1):
            raise ValueError(f"{value} is neither 0 nor 1")
        return int(value) ^ self.inverted
