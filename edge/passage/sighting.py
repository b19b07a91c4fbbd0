"""One tag in the field of a gate, from the first read to the last, and what its reads look like."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from edge.passage.likelihood import Opinion
from edge.passage.settings import Side

READ_LIMIT = 1_000
"""Reads kept of one tag between two judgements: thirty seconds of a tag alone in the field at 30 reads a second. Past
it every second one is dropped: what counts is when and where a tag was loud, not how often."""


class Read(NamedTuple):
    """One read. Reads sort by time and then by what they say, so that those of one moment come in one order.

    `post` is where across the gate the antenna stands, -1 to 1.
    """

    at: datetime
    side: Side
    antenna: int
    rssi_dbm: float
    post: float


@dataclass(frozen=True, slots=True)
class Profile:
    """What the reads of one tag look like.

    `order` is +1 when every read inside came after every read outside, -1 when before, 0 when they are mixed; `weight`
    is how many pairs of equal reads would say it as surely, 0 when one side heard nothing. `centre_at` is when the tag
    was loudest, `post` where across the gate, -1 to 1.
    """

    first_at: datetime
    order: float
    weight: float
    centre_at: datetime
    post: float
    peak_dbm: float
    both_sides: bool


@dataclass(slots=True)
class Sighting:
    """A tag being followed, from `first_at` to `last_at`, which begin at the moment it was first read."""

    epc: str
    first_at: datetime
    last_at: datetime
    reads: list[Read] = field(default_factory=list)
    count: int = 0
    has_level: bool = False
    _profile: Profile | None = None
    _opinion: tuple[object, Opinion] | None = None

    def add(self, read: Read, *, has_level: bool = True) -> None:
        """Take one more read; `has_level` says whether the reader told how strong it was."""
        self.reads.append(read)
        self.count += 1
        self.has_level |= has_level
        self.first_at = min(self.first_at, read.at)
        self.last_at = max(self.last_at, read.at)
        self._profile = None
        if len(self.reads) > READ_LIMIT:
            self.reads = sorted(self.reads)[::2]

    def remember(self, key: object, think: Callable[[], Opinion]) -> Opinion:
        """Return the opinion on this tag under `key`, thought out only when the key is another than last time."""
        if self._opinion is None or self._opinion[0] != key:
            self._opinion = (key, think())
        return self._opinion[1]

    def profile(self) -> Profile:
        """What the reads look like so far; puts them in order."""
        if self._profile is None:
            self.reads.sort()
            self._profile = profile_of(self.reads)
        return self._profile


def profile_of(reads: list[Read]) -> Profile:
    """Return what `reads`, in order, look like; there is at least one.

    Each counts by the square root of its power: by its power a single reflection would decide.
    """
    began = reads[0].at
    times = [(read.at - began).total_seconds() for read in reads]
    peak = max(read.rssi_dbm for read in reads)
    weights = [10 ** ((read.rssi_dbm - peak) / 20) for read in reads]
    signs = [1 if read.side is Side.INSIDE else -1 for read in reads]
    powers = [weight * weight for weight in weights]
    centre_s = sum(power * time for power, time in zip(powers, times, strict=True)) / sum(powers)
    order, weight = _order(times, weights, signs)
    return Profile(
        first_at=began,
        order=order,
        weight=weight,
        centre_at=began + timedelta(seconds=centre_s),
        post=sum(weight * read.post for weight, read in zip(weights, reads, strict=True)) / sum(weights),
        peak_dbm=peak,
        both_sides=len(set(signs)) == 2,
    )


def _order(times: list[float], weights: list[float], signs: list[int]) -> tuple[float, float]:
    """Return the order of the two sides, and how many pairs of equal reads would say as much.

    The order is Mann and Whitney's statistic (1947) with weights: the share of pairs, one read from each side, in which
    the inside one is later, less the share in which it is earlier.
    """
    sums, squares, before = {1: 0.0, -1: 0.0}, {1: 0.0, -1: 0.0}, {1: 0.0, -1: 0.0}
    for weight, sign in zip(weights, signs, strict=True):
        sums[sign] += weight
        squares[sign] += weight * weight
    if not squares[1] or not squares[-1]:
        return 0.0, 0.0
    balance = 0.0
    index = 0
    while index < len(times):
        moment = times[index]
        same = {1: 0.0, -1: 0.0}
        while index < len(times) and times[index] == moment:
            same[signs[index]] += weights[index]
            index += 1
        balance += same[1] * before[-1] - same[-1] * before[1]
        before = {sign: before[sign] + same[sign] for sign in before}
    inside, outside = (sums[sign] ** 2 / squares[sign] for sign in (1, -1))
    return balance / (sums[1] * sums[-1]), inside * outside / (inside + outside)
