"""Limit profiles: what a standard or a kind of goods asks for, once, by name and version, for definitions to take up.

A definition that names one limit of a profile takes from it what is judged and why; delays and deadband it may say
itself. A change of figures is a new version: definitions say which one they mean.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from msgspec import Meta, Struct, to_builtins

from coldport.ids import ID_PATTERN, Id
from coldport.site import Quantity, Text
from control.alarms.definition import Delay, Kind, Window

SITE_RULE = "Site rule: "
"""How the source of a limit begins that no standard asks for."""

REFERENCE = re.compile(f"^(?P<id>{ID_PATTERN[1:-1]})@(?P<version>[1-9][0-9]*)/(?P<limit>{ID_PATTERN[1:-1]})$")

OWN = ("deadband", "on_delay_s", "off_delay_s")
"""Keys that a definition may say itself though its profile does."""

TAKEN = ("kind", "quantity", "limit", "unit", "source", "window_s", "allowed_s")
"""Keys that come from the profile alone."""


class Limit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One limit, with its source: the clause of a standard, or `Site rule: ` and why."""

    id: Id
    kind: Kind
    quantity: Quantity
    limit: float
    unit: str
    source: Annotated[str, Meta(min_length=1)]
    deadband: Annotated[float, Meta(ge=0)] | None = None
    on_delay_s: Delay | None = None
    off_delay_s: Delay | None = None
    window_s: Window | None = None
    allowed_s: Window | None = None


class Profile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file of `limits/`: the limits of one standard or one kind of goods, in one version."""

    id: Id
    version: Annotated[int, Meta(ge=1)]
    name: Text
    limits: Annotated[tuple[Limit, ...], Meta(min_length=1, max_length=50)]


Profiles = Mapping[tuple[str, int], Profile]


def find(reference: str, profiles: Profiles) -> Limit | str:
    """Return the limit that `NAME@VERSION/LIMIT` means, or what is wrong with it."""
    parts = REFERENCE.match(reference)
    if parts is None:
        return f"{reference!r} is not NAME@VERSION/LIMIT"
    profile = profiles.get((parts["id"], int(parts["version"])))
    if profile is None:
        versions = sorted(version for name, version in profiles if name == parts["id"])
        there = f"there is version {', '.join(map(str, versions))}" if versions else "there is none of that name"
        return f"no limit profile {parts['id']}@{parts['version']}; {there}"
    found = next((limit for limit in profile.limits if limit.id == parts["limit"]), None)
    if found is None:
        known = ", ".join(limit.id for limit in profile.limits)
        return f"{parts['id']}@{parts['version']} has no limit {parts['limit']!r}, it has {known}"
    return found


def taken(written: Mapping[str, Any], limit: Limit) -> dict[str, Any]:
    """Return a definition as it is written, with what it takes from a limit."""
    given = to_builtins(limit)
    return {key: given[key] for key in (*TAKEN, *OWN) if key in given} | dict(written)
