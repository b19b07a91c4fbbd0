"""The air outside the doors: a sine over the day."""

import math
from typing import Annotated

from msgspec import Meta, Struct

DAY_S = 86_400
Hour = Annotated[float, Meta(ge=0, lt=24)]


class Weather(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A day that repeats: its mean, how far it swings to either side, its warmest hour, and the hour it starts at."""

    mean_c: Annotated[float, Meta(ge=-40, le=50)]
    swing_c: Annotated[float, Meta(ge=0, le=20)]
    humidity_percent: Annotated[float, Meta(ge=0, le=100)]
    warmest_h: Hour = 15.0
    start_h: Hour = 10.0


def outside_c(weather: Weather, now_s: float) -> float:
    """Return the temperature outside, `now_s` seconds after the simulation began."""
    hours_from_warmest = now_s / 3600 + weather.start_h - weather.warmest_h
    return weather.mean_c + weather.swing_c * math.cos(2 * math.pi * hours_from_warmest / 24)
