"""The one decision: may this principal do this with a thing of these owners?"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from coldport.ids import Id
from control.access.party import SITE, UNSHARED, Grant, PartyKind, Principal, Scope


class Why(StrEnum):
    """By what somebody may."""

    SITE = "site"
    """It is the site itself."""
    RULE = "rule"
    """It is a regulator, who sees everything of its scopes."""
    OWN = "own"
    GRANT = "grant"


class Reason(StrEnum):
    """For what somebody may not; stable, it goes on the wire and into the log."""

    NO_SCOPE = "no-scope"
    FOREIGN = "foreign"


class Allowed(Struct, frozen=True):
    """It may be done; `grant` says by which grant, if by one."""

    why: Why
    grant: Id | None = None


class Refused(Struct, frozen=True):
    """It may not be done."""

    reason: Reason


Decision = Allowed | Refused


class Owned(Struct, frozen=True):
    """Whose a thing is, and the names under which a grant may mean it.

    An owner sees the thing by itself and can share it. Who only handles a thing is no owner of it.
    """

    owners: AbstractSet[str]
    names: AbstractSet[str] = frozenset()

    @property
    def is_the_sites(self) -> bool:
        """Whether it belongs to no consignment. That it exists is no secret then."""
        return self.owners == {SITE}


OF_THE_SITE = Owned(frozenset({SITE}))


def may(principal: Principal, scope: Scope, owned: Owned, grants: Iterable[Grant], now: datetime) -> Decision:
    """Decide; the first of these that fits.

    Without the scope nobody may. The site may. A regulator may read. An owner may. Whom an owner has granted just this
    may, before the grant's end. Nobody else may, and what has no owner only the site and regulators may.
    """
    if scope not in principal.scopes:
        return Refused(Reason.NO_SCOPE)
    if principal.kind is PartyKind.SITE:
        return Allowed(Why.SITE)
    if principal.kind is PartyKind.REGULATOR and scope.reads:
        return Allowed(Why.RULE)
    if principal.party in owned.owners:
        return Allowed(Why.OWN)
    for grant in grants:
        if _covers(grant, principal, scope, owned) and now < grant.until:
            return Allowed(Why.GRANT, grant.id)
    return Refused(Reason.FOREIGN)


def _covers(grant: Grant, principal: Principal, scope: Scope, owned: Owned) -> bool:
    return (
        grant.grantee == principal.party
        and grant.owner in owned.owners
        and grant.scope is scope
        and scope not in UNSHARED
        and (not grant.names or not owned.names.isdisjoint(grant.names))
    )
