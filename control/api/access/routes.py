"""Parties, their keys, what they share, and the log of what was done with keys."""

import secrets
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated

import msgspec
from fastapi import APIRouter, Path, Query

from coldport.errors import NotFoundError
from coldport.site import Text
from control.access.acts import GrantGiven, GrantWithdrawn, KeyIssued, KeyRevoked, PartyAdded
from control.access.decision import Owned
from control.access.key import SECRET_BYTES, Key, digest_of, token_of
from control.access.party import Grant, Party, Scope
from control.access_log.ports import READ_LIMIT, Logged
from control.api.access.owners import THE_GRANT
from control.api.access.policy import EACH, IN_BODY, needs
from control.api.access.schemas import (
    EndBody,
    GrantBody,
    GrantView,
    KeyBody,
    KeyView,
    NewKeyView,
    PartyBody,
    PartyView,
    VisitView,
)
from control.api.access.visitor import Visitor
from control.api.context import InContext
from control.api.schemas import TextView

router = APIRouter(prefix="/api/v1/access", tags=["access"])

MANAGE = needs(Scope.ACCESS_MANAGE, platform=False)
"""Who is a party and has a key, the site alone decides, on its own machine."""

Named = Annotated[str, Path(max_length=48)]


@router.get("/parties", dependencies=[MANAGE])
async def get_parties(context: InContext) -> list[PartyView]:
    """List the parties, in the order in which they became known; the site itself first."""
    return [_party_view(party) for party in context.desk.access.state.parties.values()]


@router.post("/parties", status_code=HTTPStatus.CREATED, dependencies=[MANAGE])
async def add_party(context: InContext, body: PartyBody) -> PartyView:
    """Make a party known, or say anew what it is called."""
    name = Text(zh=body.name.zh, en=body.name.en)
    party = Party(id=body.id, name=name, kind=body.kind, codes=body.codes)
    context.desk.record(PartyAdded(party=party, at=context.desk.now(), by=body.by))
    return _party_view(party)


@router.get("/keys", dependencies=[MANAGE])
async def get_keys(context: InContext) -> list[KeyView]:
    """List the keys that were not revoked."""
    return [_key_view(key) for key in context.desk.access.state.keys.values()]


@router.post("/keys", status_code=HTTPStatus.CREATED, dependencies=[MANAGE])
async def issue_key(context: InContext, body: KeyBody) -> NewKeyView:
    """Make a key. Its token is in this answer and nowhere else."""
    now, secret = context.desk.now(), secrets.token_bytes(SECRET_BYTES)
    key = Key(
        id=f"k{secrets.token_hex(6)}",
        party=body.party,
        digest=digest_of(secret),
        scopes=tuple(dict.fromkeys(body.scopes)),
        not_after=now + timedelta(days=body.days),
    )
    context.desk.record(KeyIssued(key=key, at=now, by=body.by))
    return NewKeyView(key=_key_view(key), token=token_of(key.id, secret))


@router.post("/keys/{key}/revoke", dependencies=[MANAGE])
async def revoke_key(context: InContext, key: Named, body: EndBody) -> KeyView:
    """Let a key be worth nothing from now on."""
    found = context.desk.access.key(key)
    if found is None:
        raise NotFoundError(f"no key {key!r}")
    context.desk.record(KeyRevoked(key=key, at=context.desk.now(), by=body.by, reason=body.reason))
    return _key_view(found)


@router.get("/grants")
async def get_grants(
    context: InContext, visitor: Annotated[Visitor, needs(Scope.GRANTS_READ, EACH)]
) -> list[GrantView]:
    """List the grants; a party is shown those it gave and those it was given."""
    grants = context.desk.access.state.grants.values()
    seen = await visitor.only(grants, lambda grant: Owned(frozenset({grant.owner, grant.grantee})))
    return [_grant_view(grant) for grant in seen]


@router.post("/grants", status_code=HTTPStatus.CREATED)
async def give_grant(
    context: InContext, visitor: Annotated[Visitor, needs(Scope.GRANTS_GIVE, IN_BODY)], body: GrantBody
) -> GrantView:
    """Share something of `owner`: a party what is its own, the site what any party has asked it to."""
    await visitor.must(lambda: Owned(frozenset({body.owner})))
    grant = Grant(
        id=f"g{secrets.token_hex(6)}",
        owner=body.owner,
        grantee=body.grantee,
        scope=body.scope,
        until=body.until,
        reason=body.reason,
        names=tuple(dict.fromkeys(body.names)),
    )
    context.desk.record(GrantGiven(grant=grant, at=context.desk.now(), by=body.by, key=visitor.principal.key))
    return _grant_view(grant)


@router.post("/grants/{grant}/withdraw")
async def withdraw_grant(
    context: InContext, visitor: Annotated[Visitor, needs(Scope.GRANTS_GIVE, THE_GRANT)], grant: Named, body: EndBody
) -> GrantView:
    """End a grant now; its owner may, and the site."""
    found = context.desk.access.grant(grant)
    key = visitor.principal.key
    context.desk.record(GrantWithdrawn(grant=grant, at=context.desk.now(), by=body.by, key=key))
    return _grant_view(found)


@router.get("/log")
async def get_log(
    context: InContext,
    visitor: Annotated[Visitor, needs(Scope.LOG_READ, EACH)],
    owner: Annotated[str | None, Query(max_length=48, description="only visits to things of this party")] = None,
    before: Annotated[int | None, Query(ge=1, description="only visits with a lower number")] = None,
    limit: Annotated[int, Query(ge=1, le=READ_LIMIT)] = 100,
) -> list[VisitView]:
    """Say who asked for what by a key, and whether they might; the newest first.

    A party is shown the visits to what is its own, whoever made them; the site and regulators are shown all.
    """
    whose = owner if visitor.sees_all else visitor.principal.party
    found = await context.access_log.read(whose, before, limit)
    seen = await visitor.only(found, lambda one: Owned(frozenset(one.visit.owners)))
    return [_visit_view(one, None if visitor.sees_all else whose) for one in seen]


def _party_view(party: Party) -> PartyView:
    name = TextView(zh=party.name.zh, en=party.name.en)
    return PartyView(id=party.id, name=name, kind=party.kind, codes=party.codes)


def _key_view(key: Key) -> KeyView:
    return KeyView(id=key.id, party=key.party, scopes=key.scopes, not_after=key.not_after)


def _grant_view(grant: Grant) -> GrantView:
    return GrantView(**msgspec.structs.asdict(grant))


def _visit_view(one: Logged, owner: str | None) -> VisitView:
    visit = one.visit
    return VisitView(
        number=one.number,
        at=visit.at,
        party=visit.party,
        key=visit.key,
        method=visit.method,
        route=visit.route,
        outcome=visit.outcome,
        owners=visit.owners if owner is None else (owner,),
        asked=visit.asked,
        given=visit.given,
        why=visit.why,
        grant=visit.grant,
    )
