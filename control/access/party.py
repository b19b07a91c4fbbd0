"""The parties of a site: who owns what is kept and checked here, who carries it, who watches over it."""

from collections.abc import Set as AbstractSet
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from coldport.ids import Id
from coldport.messages.observation import Moment
from coldport.site import Text

Code = Annotated[str, Meta(pattern=r"^[0-9A-Z]{4,30}$", description="4 to 30 digits and capital letters")]
"""A code by which documents name a party: the USCC (统一社会信用代码) of 18, the customs number of 10 characters."""

SITE = "site"
"""The party that the site itself is. It is always there, and owns what belongs to no consignment."""


class PartyKind(StrEnum):
    """What a party is to the site."""

    SITE = "site"
    ENTERPRISE = "enterprise"
    CARRIER = "carrier"
    WAREHOUSE = "warehouse"
    REGULATOR = "regulator"


class Scope(StrEnum):
    """What a key may be for. A scope says which kind of thing; whose things, the decision says."""

    SITE_READ = "site:read"
    POINTS_READ = "points:read"
    ALARMS_READ = "alarms:read"
    ALARMS_ACT = "alarms:act"
    LOTS_READ = "lots:read"
    LOTS_ACT = "lots:act"
    FLOOR_READ = "floor:read"
    FLOOR_ACT = "floor:act"
    CONSIGNMENTS_READ = "consignments:read"
    CONSIGNMENTS_WRITE = "consignments:write"
    PASSPORTS_READ = "passports:read"
    PASSPORTS_ISSUE = "passports:issue"
    PASSPORTS_SCAN = "passports:scan"
    EVENTS_READ = "events:read"
    EVENTS_WRITE = "events:write"
    GRANTS_READ = "grants:read"
    GRANTS_GIVE = "grants:give"
    LOG_READ = "log:read"
    ACCESS_MANAGE = "access:manage"

    @property
    def reads(self) -> bool:
        """Whether nothing is changed by it."""
        return self.endswith(":read")


UNSHARED = frozenset({Scope.GRANTS_READ, Scope.GRANTS_GIVE, Scope.LOG_READ, Scope.ACCESS_MANAGE})
"""Scopes that nobody can grant: who may share, and who has looked, stays between a party and the site."""


class Party(Struct, frozen=True, kw_only=True):
    """One party. `codes` are what documents call it; no two parties have one in common."""

    id: Id
    name: Text
    kind: PartyKind
    codes: tuple[Code, ...] = ()


THE_SITE = Party(id=SITE, name=Text(zh="本站", en="the site"), kind=PartyKind.SITE)


class Grant(Struct, frozen=True, kw_only=True):
    """`owner` lets `grantee` do what `scope` says with what is `owner`'s, until `until`.

    `names` are the things meant (a lot, a waybill, an order, a room); without one everything of the owner is.
    """

    id: Id
    owner: Id
    grantee: Id
    scope: Scope
    until: Moment
    reason: str
    names: tuple[str, ...] = ()


class Principal(Struct, frozen=True, kw_only=True):
    """Who asks: a party by one of its keys, or the site without one."""

    party: Id
    kind: PartyKind
    scopes: AbstractSet[Scope]
    key: Id | None = None


AT_THE_SITE = Principal(party=SITE, kind=PartyKind.SITE, scopes=frozenset(Scope))
"""Whoever asks on the machine itself, without a key."""
