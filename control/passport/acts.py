"""What happens to passports, as the journal keeps it."""

from typing import Annotated

from msgspec import Meta, Struct

from coldport.ids import Id, Person
from coldport.messages.observation import Moment
from control.passport.code import Item

Said = Annotated[str, Meta(min_length=1, max_length=120)]
Where = tuple[Annotated[float, Meta(ge=-90, le=90)], Annotated[float, Meta(ge=-180, le=180)]]
"""Latitude and longitude in degrees (WGS 84)."""


class PassportIssued(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="entry", tag="passport-issued"):
    """One thing got a passport: by `item`, or by `code` where its grower has no GTIN. `lot` is the lot on this floor.

    `owner` is the party that issued it; None: the site did. What a passport tells of is kept elsewhere: events,
    inspection, declaration. Here stands what only its issuer knows.
    """

    product: Said
    grower: Said
    at: Moment
    by: Person
    item: Item | None = None
    code: Annotated[str, Meta(max_length=39)] | None = None
    lot: Id | None = None
    owner: Id | None = None
    plot: Said | None = None
    certificates: Annotated[tuple[Said, ...], Meta(max_length=8)] = ()


class PassportScanned(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="entry", tag="passport-scanned"):
    """Somebody opened a passport; where is known only if they said so. Who is not kept."""

    passport: str
    at: Moment
    where: Where | None = None


PassportAct = PassportIssued | PassportScanned
