"""A battery device with a radio: it sleeps, wakes to measure and to send, and keeps what nobody may have heard."""

from collections import deque
from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta, Struct

from firmware_sim.devices.device import Dice, Report, Sample, Update, Value, number
from firmware_sim.physics.thermal import lagged

LAG_S = 120.0
"""How slowly the closed housing of such a device follows the air (assumed)."""

NOISE_C, NOISE_PERCENT = 0.05, 0.5
HISTORY_LIMIT = 3000
"""Samples an EM300 holds (Milesight, EM300 series user guide); past it the oldest go."""

HISTORY_AT_ONCE = 10
"""Old samples in one frame: 100 bytes, which fit at the data rates a device near its gateway has."""

HISTORY_GAP_S = 10.0
"""Seconds between two frames with old samples (assumed)."""

BATTERY_PER_SEND = 0.0005
"""Percent of the battery a frame costs: ten years at one in ten minutes (Milesight, EM300 data sheet)."""


class Habits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a device behaves: how often it sends, whether it keeps samples while nobody hears it, and its battery now."""

    every_s: Annotated[float, Meta(ge=10, le=86_400)] = 600.0
    keeps_history: bool = False
    battery_percent: Annotated[float, Meta(ge=0, le=100)] = 92.0


class Wireless:
    """Measures and sends.

    Inputs: `air_c`, `humidity_percent`, `contact` (of a door, or always 0), `near` (1: within reach of its gateway),
    `jammed` (1: its radio does not get through) and `dead` (1: it does nothing). Output: `reports`, those sent at this
    moment. Each counts one up, and one that nobody hears is not there.
    """

    def __init__(self, habits: Habits, dice: Dice) -> None:
        """Start asleep; the first report comes within one interval, so that not all send at once."""
        self._habits = habits
        self._dice = dice
        self._due_s = dice.uniform(0, min(habits.every_s, 60.0))
        self._drain_s = 0.0
        self._at_s = 0.0
        self._felt: tuple[float, float] | None = None
        self._contact: float | None = None
        self._sent = 0
        self._history: deque[Sample] = deque(maxlen=HISTORY_LIMIT)

    def update(self, now_s: float, inputs: Mapping[str, Value]) -> Update:
        """Follow the air; send when it is time, when the door has moved, or when old samples wait and can be sent."""
        self._follow(now_s, inputs)
        contact = number(inputs, "contact")
        moved = self._contact is not None and contact != self._contact
        self._contact = contact
        heard = number(inputs, "near") > 0 and not number(inputs, "jammed")
        reports: tuple[Report, ...] = ()
        if number(inputs, "dead"):
            self._due_s = max(self._due_s, now_s + self._habits.every_s)
        elif moved or now_s >= self._due_s:
            reports = self._regular(now_s, heard=heard)
        elif heard and self._history and now_s >= self._drain_s:
            reports = self._old(now_s)
        waits = heard and bool(self._history) and not number(inputs, "dead")
        return Update({"reports": reports}, min(self._due_s, max(self._drain_s, now_s + 1.0)) if waits else self._due_s)

    def _regular(self, now_s: float, *, heard: bool) -> tuple[Report, ...]:
        while self._due_s <= now_s:
            self._due_s += self._habits.every_s
        sample = self._sample(now_s)
        report = self._report(now_s, sample, ())
        self._drain_s = now_s + HISTORY_GAP_S
        if heard:
            return (report,)
        if self._habits.keeps_history:
            self._history.append(sample)
        return ()

    def _old(self, now_s: float) -> tuple[Report, ...]:
        count = min(HISTORY_AT_ONCE, len(self._history))
        self._drain_s = now_s + HISTORY_GAP_S
        return (self._report(now_s, None, tuple(self._history.popleft() for _ in range(count))),)

    def _report(self, now_s: float, sample: Sample | None, history: tuple[Sample, ...]) -> Report:
        battery = max(0.0, self._habits.battery_percent - self._sent * BATTERY_PER_SEND)
        report = Report(at_s=now_s, number=self._sent, battery_percent=battery, sample=sample, history=history)
        self._sent += 1
        return report

    def _sample(self, now_s: float) -> Sample:
        felt_c, felt_percent = self._felt or (0.0, 0.0)
        return Sample(
            at_s=now_s,
            temperature_c=felt_c + self._dice.gauss(0, NOISE_C),
            humidity_percent=min(100.0, max(0.0, felt_percent + self._dice.gauss(0, NOISE_PERCENT))),
            is_open=bool(self._contact),
        )

    def _follow(self, now_s: float, inputs: Mapping[str, Value]) -> None:
        air = number(inputs, "air_c"), number(inputs, "humidity_percent")
        felt = self._felt or air
        duration_s = now_s - self._at_s
        self._felt = lagged(felt[0], air[0], duration_s, LAG_S), lagged(felt[1], air[1], duration_s, LAG_S)
        self._at_s = now_s
