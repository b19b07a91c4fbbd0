"""What a definition of each kind of condition must say, what it may, and in which unit its limit is."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from control.alarms.definition import Kind

Key = Literal["limit", "deadband", "on_delay_s", "off_delay_s", "window_s", "allowed_s", "within_s", "sensor"]

KEYS: tuple[Key, ...] = (
    "limit",
    "deadband",
    "on_delay_s",
    "off_delay_s",
    "window_s",
    "allowed_s",
    "within_s",
    "sensor",
)
"""The keys that one kind has and another has not."""


class Needs(NamedTuple):
    """What a kind's definition must say, what it may, and its unit; None is the unit of the quantity."""

    must: frozenset[Key]
    may: frozenset[Key] = frozenset()
    unit: str | None = None
    per_minute: bool = False


def _needs(*must: Key, may: tuple[Key, ...] = (), unit: str | None = None, per_minute: bool = False) -> Needs:
    return Needs(frozenset(must), frozenset(may), unit, per_minute)


_ANY_DELAY: tuple[Key, ...] = ("on_delay_s", "off_delay_s")
_LEVEL = _needs("limit", may=("deadband", *_ANY_DELAY))
_STATE = _needs(may=_ANY_DELAY, unit="s")
_SUM = _needs("limit", "window_s", "allowed_s")
_SLOPE = _needs("limit", "window_s", may=("deadband", *_ANY_DELAY), per_minute=True)
_FORECAST = _needs("limit", "window_s", "within_s", may=_ANY_DELAY)
_COUNT = _needs("limit", "window_s", unit="")

NEEDS: Mapping[Kind, Needs] = MappingProxyType(
    {
        Kind.HI: _LEVEL,
        Kind.HIHI: _LEVEL,
        Kind.LO: _LEVEL,
        Kind.LOLO: _LEVEL,
        Kind.STALE: _needs("limit", unit="s"),
        Kind.OPEN: _STATE,
        Kind.ON: _STATE,
        Kind.OFF: _STATE,
        Kind.CUMULATIVE_HI: _SUM,
        Kind.CUMULATIVE_LO: _SUM,
        Kind.RISE: _SLOPE,
        Kind.FALL: _SLOPE,
        Kind.PREDICTED_HI: _FORECAST,
        Kind.PREDICTED_LO: _FORECAST,
        Kind.MKT: _needs("limit", "window_s", may=("deadband",)),
        Kind.STARTS: _COUNT,
        Kind.RUN_SHARE: _needs("limit", "window_s", may=("deadband",), unit="%"),
        Kind.DEW_POINT: _needs("limit", may=("deadband", *_ANY_DELAY), unit="°C"),
        Kind.DISAGREE: _LEVEL,
        Kind.DRIFT: _needs("limit", "on_delay_s"),
        Kind.SPIKE: _COUNT,
        Kind.STUCK: _needs("limit", "on_delay_s"),
        Kind.JUMP: _needs("limit", "window_s", may=("off_delay_s",), per_minute=True),
        Kind.RANGE: _needs("sensor", may=_ANY_DELAY),
        Kind.CALIBRATION: _needs("limit", unit="d"),
        Kind.COMMAND: _needs("limit", unit="s"),
        Kind.TAMPERED: _needs(unit=""),
        Kind.RECALLED: _needs(unit=""),
        Kind.LOT_BUDGET: _needs("limit", unit="%"),
        Kind.LOT_CHILLING: _needs("limit", unit="%"),
        Kind.LOT_LIFE: _needs("limit", unit="d"),
    }
)
