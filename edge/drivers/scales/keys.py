"""The keys of a scale pressed from afar: what was wanted, whether the scale then showed it, how it ended. Pure.

A key is pressed on the scale or not at all: no weight is zeroed, tared or scaled by this program.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from coldport.messages.observation import Quality
from edge.lines.scale import Key
from edge.protocols.shown import Shown


@dataclass(frozen=True, slots=True)
class Press:
    """A key, who wants it pressed, and the tare for `PRESET_TARE`. Its digits are sent as given."""

    key: Key
    by: str
    tare_kg: Decimal | None = None


class End(StrEnum):
    """How a press ended."""

    DONE = "done"
    """What the scale shows since is what the key does."""
    REFUSED = "refused"
    """The scale said no, or was not asked."""
    NOT_VERIFIED = "not-verified"
    """It was sent, and what the scale shows does not prove it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a press and, unless it is done, its `reason`: `not-supported`, `not-ready`, `no-effect` .."""

    end: End
    reason: str | None = None


def took_effect(press: Press, shown: Shown, division_kg: float) -> bool:
    """Return whether a display proves that the key has done its work, within one division."""
    if shown.quality is Quality.BAD:
        return False
    slack_kg = division_kg * 1.000_001
    match press.key:
        case Key.ZERO:
            return shown.display_kg is not None and abs(shown.display_kg) <= slack_kg
        case Key.TARE:
            return shown.net_kg is not None and abs(shown.net_kg) <= slack_kg
        case Key.CLEAR_TARE:
            return shown.gross_kg is not None and not shown.tare_kg
        case Key.PRESET_TARE:
            wanted_kg = float(press.tare_kg or 0)
            return shown.tare_kg is not None and abs(shown.tare_kg - wanted_kg) <= slack_kg
