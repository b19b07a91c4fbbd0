"""The passports of a site: which there are, how often each was scanned, and which was probably copied.

A copy carries the same serial as the original, so it shows in scans alone: two places that nobody gets between in the
time, or more scans than one thing in one household brings about. Both limits are settings, and neither is a proof.
"""

from datetime import datetime
from enum import StrEnum
from math import asin, cos, radians, sin, sqrt
from typing import Annotated

from msgspec import Meta, Struct, field

from coldport.errors import NotFoundError, RefusedError
from control.passport.acts import PassportAct, PassportIssued, PassportScanned, Where
from control.passport.code import is_grower_code, is_item, link

PASSPORT_LIMIT = 100_000
"""Passports of one site: a season of boxes. Each takes 1.5 kB of memory and 0.5 kB of a snapshot (measured)."""
SCAN_LIMIT = 1_000
"""Scans of one passport that are put on record: ten times what raises a suspicion; more say nothing new."""
_EARTH_KM = 6_371.0


class Suspicion(StrEnum):
    """Why a passport was probably copied."""

    TOO_FAR = "too-far"
    TOO_OFTEN = "too-often"


class CopyLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is still believed: a journey at `speed_km_h` beyond `slack_km`, and `scans` in all."""

    speed_km_h: Annotated[float, Meta(gt=0, le=3_000)] = 900.0
    slack_km: Annotated[float, Meta(ge=0, le=20_000)] = 50.0
    scans: Annotated[int, Meta(ge=1, le=SCAN_LIMIT)] = 100


class Passport(Struct, frozen=True, kw_only=True):
    """One passport; `placed_at` and `where` are of the newest scan that said where it was."""

    issued: PassportIssued
    scans: int = 0
    first_scan: datetime | None = None
    where: Where | None = None
    placed_at: datetime | None = None
    suspicions: tuple[Suspicion, ...] = ()


class PassportState(Struct):
    """What a snapshot holds."""

    by_name: dict[str, Passport] = field(default_factory=dict)


class Passports:
    """A fold over what happens to passports."""

    def __init__(self, limits: CopyLimits | None = None, state: PassportState | None = None) -> None:
        """Go on from `state`, which becomes the fold's own."""
        self.state = state if state is not None else PassportState()
        self._limits = limits or CopyLimits()

    def find(self, name: str) -> Passport:
        """Return a passport by its link or code; raises NotFoundError."""
        found = self.state.by_name.get(name)
        if found is None:
            raise NotFoundError(f"no passport {name!r}")
        return found

    def check(self, act: PassportAct, now: datetime) -> None:
        """Raise when `act` cannot have happened.

        Raises:
            NotFoundError: What was scanned was never issued.
            RefusedError: It lies ahead of `now`, passes a limit; its name is missing, wrong or given already.
        """
        if act.at > now:
            raise RefusedError(f"{act.at.isoformat()} has not come yet")
        if isinstance(act, PassportScanned):
            if self.find(act.passport).scans >= SCAN_LIMIT:
                raise RefusedError(f"{SCAN_LIMIT:,} scans of this passport are on record; more say nothing new")
            return
        if (act.item is None) == (act.code is None):
            raise RefusedError("a passport is named by a GTIN with lot and serial, or by a grower's code")
        if act.item is not None and not is_item(act.item):
            raise RefusedError(f"the last digit of GTIN {act.item.gtin} does not check, or a part of it is dots alone")
        if act.code is not None and not is_grower_code(act.code):
            raise RefusedError(f"{act.code!r} is no grower's code, or a character of it was misread")
        if name_of(act) in self.state.by_name:
            raise RefusedError(f"passport {name_of(act)!r} was issued already")
        if len(self.state.by_name) >= PASSPORT_LIMIT:
            raise RefusedError(f"{PASSPORT_LIMIT:,} passports are issued already")

    def take(self, act: PassportAct) -> Passport | None:
        """Take in what happened; return the passport, or None for a scan of one that is not known."""
        if isinstance(act, PassportIssued):
            passport = Passport(issued=act)
            name = name_of(act)
        else:
            name = act.passport
            known = self.state.by_name.get(name)
            if known is None:
                return None
            passport = self._scanned(known, act)
        self.state.by_name[name] = passport
        return passport

    def _scanned(self, known: Passport, act: PassportScanned) -> Passport:
        suspicions = dict.fromkeys(known.suspicions)
        if known.where is not None and known.placed_at is not None and act.where is not None:
            hours = abs((act.at - known.placed_at).total_seconds()) / 3_600
            if apart_km(known.where, act.where) > self._limits.slack_km + hours * self._limits.speed_km_h:
                suspicions[Suspicion.TOO_FAR] = None
        if known.scans + 1 > self._limits.scans:
            suspicions[Suspicion.TOO_OFTEN] = None
        newer = act.where is not None and (known.placed_at is None or act.at >= known.placed_at)
        return Passport(
            issued=known.issued,
            scans=known.scans + 1,
            first_scan=act.at if known.first_scan is None else min(known.first_scan, act.at),
            where=act.where if newer else known.where,
            placed_at=act.at if newer else known.placed_at,
            suspicions=tuple(suspicions),
        )


def name_of(act: PassportIssued) -> str:
    """Return the name of a passport: its Digital Link, or the grower's code."""
    return link(act.item) if act.item is not None else act.code or ""


def apart_km(one: Where, other: Where) -> float:
    """Return the great-circle distance of two places (haversine, a round earth: 0.6 % off at most)."""
    (lat_1, lon_1), (lat_2, lon_2) = ((radians(a), radians(b)) for a, b in (one, other))
    chord = sin((lat_2 - lat_1) / 2) ** 2 + cos(lat_1) * cos(lat_2) * sin((lon_2 - lon_1) / 2) ** 2
    return 2 * _EARTH_KM * asin(min(1.0, sqrt(chord)))
