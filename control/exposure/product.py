"""A product as a site keeps it: a name, a version, what it may suffer. Versions stand side by side, none is changed."""

import hashlib
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from coldport.ids import Id
from coldport.site import Text
from control.exposure.rules import ExposureRules

Version = Annotated[int, Meta(ge=1, le=100_000)]


class Product(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file of `products/`. A lot names id and version, so a change of figures is a new version and a new file."""

    id: Id
    version: Version
    name: Text
    exposure: ExposureRules


def digest(rules: ExposureRules) -> str:
    """Return the SHA-256 of the rules as canonical JSON: figures may be joined only where it is the same."""
    return hashlib.sha256(msgspec.json.encode(rules, order="deterministic")).hexdigest()
