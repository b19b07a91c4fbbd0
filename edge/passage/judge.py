"""The verdict on one tag: through which way, or not through at all.

First each tag by itself (`opinion`), then together with its company: boxes on one pallet go the same way. A tag whose
way is not sure is undetermined; nobody guesses.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp, fsum, log

from coldport.messages.observation import Direction
from edge.passage.beams import Shadow
from edge.passage.likelihood import Opinion, total
from edge.passage.settings import PassageSettings, Side
from edge.passage.sighting import Profile, Sighting
from edge.passage.verdict import Verdict

KNOWN = 7.0
KNOWN_S = 60.0
"""A tag heard off and on for `KNOWN_S` lies there: `KNOWN` is a logarithm, a thousand times surer than of a new one."""
COMPANY_S = 1.0
"""Boxes of one pallet are loudest within about a second of each other: 1.2 m at 1.2 m/s."""
FARTHEST_S = 2.5
"""Beyond this nobody is company."""
COMPANY_POST = 0.5
"""Pallets side by side: a quarter of the way between the posts of the gate, which are at -1 and 1."""
DOUBT = 0.5
"""Tags of no opinion in every company, so that one neighbour alone does not decide."""
COMPANY_WEIGHT = 2.0
"""Company counts double: its opinions are of one thing, but each was heard by itself."""
LOUDER_DB = 6.0
"""A tag so much louder at another gate went through that one: half the distance, or less."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One of the company: when and where across the gate it was loudest, and what is thought of it."""

    centre_at: datetime
    post: float
    opinion: Opinion


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What else was there.

    `shadows` of the barriers about that time, the `company` in the field, the sides that are `deaf` for want of
    antennas, whether reads were `lost`, for how long the tag had been `known_s`, how loud it was `elsewhere_dbm`.
    """

    shadows: Sequence[Shadow] = ()
    company: Sequence[Neighbour] = ()
    deaf: frozenset[Side] = frozenset()
    lost: bool = False
    known_s: float = 0.0
    elsewhere_dbm: float | None = None


def judge(sighting: Sighting, opinion: Opinion, around: Surroundings, settings: PassageSettings) -> Verdict | None:
    """Return what became of a tag that has left the field; None when it lay there or was carried past."""
    profile = sighting.profile()
    if not _counts(profile, around, settings):
        return None
    way, through = _company(profile, around.company)
    if through < 0 and not profile.both_sides and not around.deaf:
        return None  # what little was heard may have been anywhere, and its company did not go through
    ways_in, ways_out, near, still = opinion.logs
    logs = (
        ways_in + min(0.0, way) + min(0.0, through),
        ways_out + min(0.0, -way) + min(0.0, through),
        near + min(0.0, -through),
        still + KNOWN * min(1.0, around.known_s / KNOWN_S),
    )
    whole = total(logs)
    inward, outward, turned, _ = (exp(value - whole) for value in logs)
    inwards = inward > outward
    at_s = opinion.in_at_s if inwards else opinion.out_at_s
    confidence = max(inward, outward)
    if inward + outward < 0.5:
        if turned < 0.5 or not around.shadows:
            return None
        direction, confidence = None, turned
    elif confidence < settings.least_confidence:
        direction = Direction.UNDETERMINED
    else:
        direction = Direction.IN if inwards else Direction.OUT
    return Verdict(
        epc=sighting.epc,
        direction=direction,
        confidence=round(confidence, 3),
        at=profile.first_at + timedelta(seconds=at_s),
        first_at=sighting.first_at,
        last_at=sighting.last_at,
        reads=sighting.count,
        peak_dbm=profile.peak_dbm if sighting.has_level else None,
        evidence=_evidence(profile, around, way, 1 if inwards else -1),
    )


def _counts(profile: Profile, around: Surroundings, settings: PassageSettings) -> bool:
    """Whether a tag was heard well enough to have gone through here."""
    if profile.peak_dbm < (settings.peak_dbm if profile.both_sides else settings.one_side_dbm):
        return False
    if around.elsewhere_dbm is not None and around.elsewhere_dbm >= profile.peak_dbm + LOUDER_DB:
        return False
    return bool(around.shadows) or profile.both_sides or bool(around.deaf)


def _company(profile: Profile, company: Iterable[Neighbour]) -> tuple[float, float]:
    """Return what the company says: in rather than out, and through rather than only near, as logarithms."""
    inward: list[float] = []
    outward: list[float] = []
    near: list[float] = []
    for other in company:
        apart_s = (other.centre_at - profile.centre_at).total_seconds()
        if abs(apart_s) > FARTHEST_S:
            continue
        aside = (other.post - profile.post) / COMPANY_POST
        closeness = exp(-((apart_s / COMPANY_S) ** 2 + aside**2) / 2)
        shares = other.opinion.shares
        for sums, share in zip((inward, outward, near), shares[:3], strict=True):
            sums.append(closeness * share)
    total_in, total_out, total_near = fsum(inward), fsum(outward), fsum(near)  # exact, so in whatever order they come
    way = COMPANY_WEIGHT * log((total_in + DOUBT) / (total_out + DOUBT))
    return way, COMPANY_WEIGHT * log((total_in + total_out + DOUBT) / (total_near + DOUBT))


def _evidence(profile: Profile, around: Surroundings, way: float, sign: int) -> tuple[str, ...]:
    """Name what speaks for the direction, strongest first, then what to beware of."""
    beams = sum((1 if shadow.went_to is Side.INSIDE else -1) for shadow in around.shadows if shadow.went_to is not None)
    votes = {"sides": 3 * profile.order * min(profile.weight, 3.0), "beams": 4.0 * beams, "company": way}
    agreeing = sorted((name for name in votes if votes[name] * sign > 0.5), key=lambda name: -abs(votes[name]))
    beware = {
        "beams-contrary": beams * sign < 0,
        "beams-unclear": bool(around.shadows) and not beams,
        "one-side": not profile.both_sides,
        "antenna-lost": bool(around.deaf),
        "reads-lost": around.lost,
    }
    return (*agreeing, *(name for name, true in beware.items() if true))
