"""The draw of parcels to be opened, which anybody can repeat when the day is over.

The seed of a day is fixed, and its hash told, before the first parcel; a parcel is drawn by a keyed hash of its number,
so that who knows the seed cannot choose and who does not know it cannot foresee.
"""

import hashlib
import hmac
import math
from collections.abc import Callable, Iterable
from datetime import date

from msgspec import Struct, field

from coldport.errors import NotFoundError, RefusedError
from control.inspection.lane.acts import DrawCommitted, Drawn, DrawRevealed, Judged, RateSet

SEED_BYTES = 32
DAY_LIMIT = 400
"""Days of draws remembered; the journal has the others."""
STRATUM_LIMIT = 50
"""Strata of one day: more would leave too few parcels in each to say anything of its rate."""
CONFIDENCE_Z = 1.959963984540054
"""The two-sided 95 % quantile of the normal distribution."""

SeedOf = Callable[[date], bytes | None]
"""The seed of a day, or None: it is not fixed, or cannot be read."""


class Count(Struct):
    """Parcels of one stratum on one day: how many were in the draw, were drawn, and were to be expected so."""

    parcels: int = 0
    drawn: int = 0
    expected: float = 0.0


class DrawDay(Struct):
    """One day's draw as far as everybody may know it."""

    sha256: str
    second_sha256: str | None = None
    seed: str | None = None
    second_share: str | None = None
    strata: dict[str, Count] = field(default_factory=dict)


class DrawState(Struct):
    """What is remembered of draws. Days are ISO dates; `rates` those that somebody has set."""

    days: dict[str, DrawDay] = field(default_factory=dict)
    rates: dict[str, float] = field(default_factory=dict)


def selected(seed: bytes, logistics_no: str, day: date, lane: str, rate: float) -> bool:
    """Tell whether a parcel is drawn: HMAC-SHA256(seed, number‖date‖lane) / 2^256 < rate.

    The parts are joined by the character ‖ (U+2016), in UTF-8, the date as YYYY-MM-DD.

    >>> selected(bytes(32), "SF1", date(2026, 11, 24), "lane-1", 1.0)
    True
    """
    message = f"{logistics_no}‖{day.isoformat()}‖{lane}".encode()
    drawn = int.from_bytes(hmac.new(seed, message, hashlib.sha256).digest())
    numerator, denominator = rate.as_integer_ratio()
    return drawn * denominator < numerator << 256


def drawn_of(seed: bytes | None, day: date, parcel: tuple[str, str], stake: tuple[str, float]) -> Drawn | None:
    """Return how a parcel (number, lane) fares in the draw of a stratum at a rate; None without a seed."""
    if seed is None:
        return None
    (logistics_no, lane), (stratum, rate) = parcel, stake
    return Drawn(day=day, stratum=stratum, rate=rate, selected=selected(seed, logistics_no, day, lane, rate))


def joined(seed: bytes, second_share: bytes | None) -> bytes:
    """Return what the draw is keyed with: the seed, or both shares by exclusive or."""
    if second_share is None:
        return seed
    return bytes(one ^ other for one, other in zip(seed, second_share, strict=True))


def wilson(drawn: int, parcels: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson, 1927).

    >>> [round(end, 3) for end in wilson(5, 100)]
    [0.022, 0.112]
    """
    if parcels == 0:
        return 0.0, 1.0
    share, square = drawn / parcels, CONFIDENCE_Z**2
    middle = share + square / (2 * parcels)
    half = CONFIDENCE_Z * math.sqrt(share * (1 - share) / parcels + square / (4 * parcels**2))
    under = 1 + square / parcels
    return max(0.0, (middle - half) / under), min(1.0, (middle + half) / under)


def rate_of(state: DrawState, rates: dict[str, float], stratum: str) -> float:
    """Return the rate of a stratum now: what was set last, else what `rates` of the site say, for it or for `all`."""
    for known in (state.rates, rates):
        if stratum in known:
            return known[stratum]
    return state.rates.get("all", rates.get("all", 0.0))


class Realised(Struct, frozen=True, kw_only=True):
    """How a stratum came out on one day: the share that was drawn, and the 95 % interval about it.

    `rate` is what is published now; `mean_rate` the mean of what held for each parcel, None while there is none. That
    lies `within` the interval on nineteen days of twenty.
    """

    parcels: int
    drawn: int
    rate: float
    mean_rate: float | None
    share: float | None
    low: float
    high: float
    within: bool


class Told(Struct, frozen=True, kw_only=True):
    """A day's draw as anybody may see it; `seed` and `second_share` are None until they are told."""

    day: date
    sha256: str
    second_sha256: str | None
    seed: str | None
    second_share: str | None
    strata: dict[str, Realised]


def told(state: DrawState, rates: dict[str, float], day: date) -> Told:
    """Return the draw of a day, at the `rates` of the site; raises NotFoundError where none was committed."""
    known = state.days.get(day.isoformat())
    if known is None:
        raise NotFoundError(f"no seed was committed for {day}")
    return Told(
        day=day,
        sha256=known.sha256,
        second_sha256=known.second_sha256,
        seed=known.seed,
        second_share=known.second_share,
        strata={name: _realised(one, rate_of(state, rates, name)) for name, one in known.strata.items()},
    )


def _realised(count: Count, rate: float) -> Realised:
    low, high = wilson(count.drawn, count.parcels)
    mean = count.expected / count.parcels if count.parcels else None
    return Realised(
        parcels=count.parcels,
        drawn=count.drawn,
        rate=rate,
        mean_rate=mean,
        share=count.drawn / count.parcels if count.parcels else None,
        low=low,
        high=high,
        within=mean is None or low <= mean <= high,
    )


def check_draw(state: DrawState, act: DrawCommitted | DrawRevealed | RateSet) -> None:
    """Raise when `act` cannot be.

    Raises:
        NotFoundError: Nothing was committed for that day.
        RefusedError: The day has a seed, or was revealed, already; the seed is not the one committed; or there are
            too many strata.
    """
    if isinstance(act, RateSet):
        if act.stratum not in state.rates and len(state.rates) >= STRATUM_LIMIT:
            raise RefusedError(f"{STRATUM_LIMIT} strata have rates of their own already")
        return
    day = state.days.get(act.day.isoformat())
    if isinstance(act, DrawCommitted):
        if day is not None:
            raise RefusedError(f"the seed of {act.day} was committed already")
        return
    if day is None:
        raise NotFoundError(f"no seed was committed for {act.day}")
    if day.seed is not None:
        raise RefusedError(f"the seed of {act.day} was revealed already")
    if not _is_of(act.seed, day.sha256):
        raise RefusedError(f"this is not the seed that was committed for {act.day}")
    if (day.second_sha256 is None) != (act.second_share is None):
        raise RefusedError(f"the second share of {act.day} must be revealed where one was committed, and only there")
    if act.second_share is not None and not _is_of(act.second_share, day.second_sha256 or ""):
        raise RefusedError(f"this is not the second share that was committed for {act.day}")


def take_draw(state: DrawState, act: DrawCommitted | DrawRevealed | RateSet) -> None:
    """Take in what was said of a draw."""
    if isinstance(act, RateSet):
        state.rates[act.stratum] = act.rate
    elif isinstance(act, DrawCommitted):
        state.days[act.day.isoformat()] = DrawDay(sha256=act.sha256, second_sha256=act.second_sha256)
        while len(state.days) > DAY_LIMIT:
            del state.days[next(iter(state.days))]
    elif (day := state.days.get(act.day.isoformat())) is not None:
        day.seed, day.second_share = act.seed, act.second_share


def count_drawn(state: DrawState, drawn: Drawn) -> None:
    """Count one parcel that was in a day's draw."""
    day = state.days.get(drawn.day.isoformat())
    if day is None:
        return
    if drawn.stratum not in day.strata and len(day.strata) >= STRATUM_LIMIT:
        return
    count = day.strata.setdefault(drawn.stratum, Count())
    count.parcels += 1
    count.drawn += drawn.selected
    count.expected += drawn.rate


def drawn_again(seed: bytes, judged: Iterable[Judged]) -> list[str]:
    """Return the ids of verdicts whose draw is not what the day's `seed` says; none, if all went as it should."""
    return [
        one.id
        for one in judged
        if one.drawn is not None
        and one.logistics_no is not None
        and selected(seed, one.logistics_no, one.drawn.day, one.lane, one.drawn.rate) != one.drawn.selected
    ]


def _is_of(value: str, sha256: str) -> bool:
    return hashlib.sha256(bytes.fromhex(value)).hexdigest() == sha256
