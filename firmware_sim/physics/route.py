"""A truck's way: legs driven at a steady speed, and stops, round after round."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Annotated

from msgspec import Meta, Struct

from firmware_sim.physics.thermal import NotNegative, Positive


class Leg(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A drive and the stop at its end.

    It ends `to_km` from the yard, along the road. There the truck stands for `stand_s`, its door open for the first
    `open_s` of it. On the whole leg the air is `warmer_k` warmer than at the yard: a road in the sun, or a cool hill.
    """

    to_km: NotNegative
    speed_km_per_h: Annotated[float, Meta(gt=0, le=120)]
    stand_s: Positive
    open_s: NotNegative = 0.0
    warmer_k: Annotated[float, Meta(ge=-20, le=20)] = 0.0


@dataclass(frozen=True, slots=True)
class Where:
    """Where a truck is: its distance from the yard, its speed (0 standing), its door, and when one of them changes."""

    distance_km: float
    speed_km_per_h: float
    is_open: bool
    warmer_k: float
    until_s: float


@dataclass(frozen=True, slots=True)
class _Span:
    lasts_s: float
    from_km: float
    to_km: float
    is_open: bool
    warmer_k: float


class Route:
    """The legs in their order, from the yard and back to it; then they begin again."""

    def __init__(self, legs: Sequence[Leg], starts_s: float) -> None:
        """Stand in the yard until `starts_s`. The last leg must end there, at 0 km."""
        if legs[-1].to_km != 0:
            raise ValueError("a route ends where it began")
        self._starts_s = starts_s
        self._spans = list(_spans(legs))
        self._ends_s = list(accumulate(span.lasts_s for span in self._spans))

    def where(self, now_s: float) -> Where:
        """Return where the truck is at a moment."""
        if now_s < self._starts_s:
            return Where(0.0, 0.0, is_open=False, warmer_k=0.0, until_s=self._starts_s)
        rounds, into_s = divmod(now_s - self._starts_s, self._ends_s[-1])
        index = min(bisect_right(self._ends_s, into_s), len(self._spans) - 1)
        span, left_s = self._spans[index], self._ends_s[index] - into_s
        driven = span.to_km - span.from_km
        return Where(
            distance_km=span.to_km - driven * left_s / span.lasts_s,
            speed_km_per_h=abs(driven) / span.lasts_s * 3600,
            is_open=span.is_open,
            warmer_k=span.warmer_k,
            until_s=self._starts_s + rounds * self._ends_s[-1] + self._ends_s[index],
        )


def _spans(legs: Sequence[Leg]) -> Iterator[_Span]:
    at_km = 0.0
    for leg in legs:
        if leg.to_km != at_km:
            lasts_s = abs(leg.to_km - at_km) / leg.speed_km_per_h * 3600
            yield _Span(lasts_s, at_km, leg.to_km, is_open=False, warmer_k=leg.warmer_k)
        at_km = leg.to_km
        open_s = min(leg.open_s, leg.stand_s)
        for is_open, lasts_s in ((True, open_s), (False, leg.stand_s - open_s)):
            if lasts_s > 0:
                yield _Span(lasts_s, at_km, at_km, is_open=is_open, warmer_k=leg.warmer_k)
