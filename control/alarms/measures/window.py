"""Shares and means over a rolling window, by time. A window is sixty slots; one falls out of it as a whole."""

from math import ceil, exp, log

from control.alarms.measures.memory import Measure, Memory
from control.exposure.kinetic import ACTIVATION_KJ_PER_MOL, GAS_J_PER_MOL_K
from control.exposure.timeline import ZERO_K_IN_C

SLOTS = 60
"""Slots of a window: what is said of it is at most a sixtieth of it late."""

COVERED = 0.8
"""Share of a window that must be known before its share of time on is told."""

COVERED_KINETIC = 0.95
"""As in `control.exposure.kinetic`: with less the mean would claim what nobody saw."""

ON = 0.5
RATIO_K = ACTIVATION_KJ_PER_MOL * 1_000 / GAS_J_PER_MOL_K
AROUND_K = 278.15
"""Exponents are taken relative to this temperature, 5 degC, so that the sums stay near 1."""


def run_share(window_s: float) -> Measure:
    """Return the measure of the percentage of known time in the window in which the value was on."""

    def take(memory: Memory, value: float, at_s: float, known_s: float) -> float | None:
        del value
        on = memory.value > ON
        known, amount = _add(memory, at_s, known_s, known_s if on else 0.0, window_s)
        return 100 * amount / known if known >= COVERED * window_s else None

    return take


def kinetic_mean(window_s: float) -> Measure:
    """Return the measure of the mean kinetic temperature of the window, in degC; see `control.exposure.kinetic`."""

    def take(memory: Memory, value: float, at_s: float, known_s: float) -> float | None:
        del value
        rate = exp(RATIO_K / AROUND_K - RATIO_K / (memory.value - ZERO_K_IN_C))
        known, amount = _add(memory, at_s, known_s, known_s * rate, window_s)
        if known < COVERED_KINETIC * window_s:
            return None
        return RATIO_K / (RATIO_K / AROUND_K - log(amount / known)) + ZERO_K_IN_C

    return take


def _add(memory: Memory, at_s: float, known_s: float, amount: float, window_s: float) -> tuple[float, float]:
    """Add what was known up to `at_s` to the slot it ends in; return the sums over the window."""
    rows, length_s = memory.rows, window_s / SLOTS
    slot = ceil(at_s / length_s)  # what ends at the end of a slot is in it
    if rows and rows[-1][0] == slot:
        rows[-1] = (slot, rows[-1][1] + known_s, rows[-1][2] + amount)
    else:
        rows.append((slot, known_s, amount))
    while rows[0][0] <= slot - SLOTS:
        del rows[0]
    return sum(row[1] for row in rows), sum(row[2] for row in rows)
