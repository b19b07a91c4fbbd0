"""What the indicator of a scale shows to whoever asks, and how all scales fail alike."""

import dataclasses
from collections.abc import Callable, Mapping

from firmware_sim.devices.scale import Platform, Scale, Weighing
from firmware_sim.distortion import Distortion
from firmware_sim.faults import FaultKind, Faults

Frame = Callable[[Weighing, Platform], bytes]
"""Writes what is shown as the bytes of a dialect; empty where a dialect has no way to say it and says nothing."""

EVERY_S = 0.1
"""Ten frames a second: what indicators send by default, and no more than a line at 4800 baud can carry."""


class Display:
    """The display of one scale, with all that is wrong with its values."""

    def __init__(self, name: str, scale: Scale, faults: Faults) -> None:
        """Show `scale`; `name` is the name under which it can be broken."""
        self.scale = scale
        self._name = name
        self._faults = faults
        self._distortion = Distortion(faults, name)

    @property
    def platform(self) -> Platform:
        """Return what the scale is."""
        return self.scale.platform

    def weighing(self) -> Weighing:
        """Return what is shown now."""
        return self._distortion.held("weighing", self._felt)

    def spoken(self, sent: bytes) -> bytes:
        """Return what of an answer gets onto the line: all of it, nothing, or all with one wrong bit."""
        if not sent or self._faults.find(FaultKind.SILENCE, self._name) or self._faults.swallows(self._name):
            return b""
        return self._faults.flipped(sent) if self._faults.find(FaultKind.CRC, self._name) else sent

    def zero(self) -> bool:
        """Press the zero key; False while the scale moves or stands too far from zero."""
        return self.weighing().stable and self.scale.set_zero()

    def tare(self) -> bool:
        """Press the tare key; False while the scale moves, is out of range or stands below zero."""
        now = self.weighing()
        return now.stable and not now.overload and self.scale.set_tare()

    def clear_tare(self) -> bool:
        """Show gross again."""
        return self.scale.set_tare(0.0)

    def _felt(self) -> Weighing:
        """Return what the load cell makes of the load: it may creep or jump, and its display does so by divisions."""
        shift_kg = self._distortion.shift(self._faults.now_s)
        weighing, platform = self.scale.weighing(), self.platform
        if not shift_kg:
            return weighing
        gross_kg = platform.shown(weighing.gross_kg + shift_kg)
        return dataclasses.replace(
            weighing, gross_kg=gross_kg, overload=platform.above(gross_kg), underload=platform.below(gross_kg)
        )


class Continuous:
    """A scale that sends a frame ten times a second, whether anybody listens or not, and understands nothing."""

    def __init__(self, name: str, scale: Scale, faults: Faults, frame: Frame) -> None:
        """Send what `frame` makes of the display; `name` is the name under which it can be broken."""
        self.display = Display(name, scale, faults)
        self._frame = frame
        self._next_s = 0.0

    def receive(self, data: bytes, now_s: float) -> None:
        """Hear nothing."""

    def send(self, now_s: float) -> bytes:
        """Return the next frame when it is time for it."""
        if now_s < self._next_s:
            return b""
        self._next_s = now_s + EVERY_S
        return self.display.spoken(self._frame(self.display.weighing(), self.display.platform))

    @property
    def finished(self) -> bool:
        """A line never ends by itself."""
        return False


Keys = Mapping[str, Callable[[Display], bool]]
"""Commands that press a key, without their CR LF."""

LINE_LIMIT = 32
"""Characters of a command; the longest key has four."""


class Keyed(Continuous):
    """One whose keys can be pressed over the line. Nothing is answered: what it did is seen on the display."""

    def __init__(self, name: str, scale: Scale, faults: Faults, frame: Frame, *, keys: Keys) -> None:
        """Obey `keys`, and nothing else."""
        super().__init__(name, scale, faults, frame)
        self._keys = keys
        self._heard = bytearray()

    def receive(self, data: bytes, now_s: float) -> None:
        """Take bytes off the line; a command ends with CR LF."""
        del now_s
        for byte in data:
            if byte == 0x0A:
                key = self._keys.get(self._heard.removesuffix(b"\r").decode("ascii", "replace"))
                self._heard.clear()
                if key is not None:
                    key(self.display)
            elif len(self._heard) <= LINE_LIMIT:
                self._heard.append(byte)


def digits(value_kg: float, decimals: int, width: int) -> str:
    """Return the digits of a weight without sign and point, `width` of them.

    >>> digits(-12.34, 2, 6)
    '001234'
    """
    return f"{round(abs(value_kg) * 10**decimals):0{width}}"


def is_net(weighing: Weighing) -> bool:
    """Tell whether the display shows a net weight: it does as long as there is a tare."""
    return weighing.tare_kg != 0
