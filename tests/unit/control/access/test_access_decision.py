"""Who may: every kind of party, scope, owner and grant, against the rule written a second time."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from control.access.decision import OF_THE_SITE, Allowed, Owned, Reason, Refused, Why, may
from control.access.party import AT_THE_SITE, SITE, UNSHARED, Grant, PartyKind, Principal, Scope

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
PARTIES = ("acme", "bolt", "crane")


def grant_of(owner="acme", grantee="bolt", scope=Scope.LOTS_READ, names=(), after_s=1.0) -> Grant:
    until = NOW + timedelta(seconds=after_s)
    return Grant(id="g1", owner=owner, grantee=grantee, scope=scope, until=until, reason="", names=names)


def bolt(kind=PartyKind.ENTERPRISE, *scopes: Scope) -> Principal:
    return Principal(party="bolt", kind=kind, scopes=frozenset(scopes or Scope), key="k1")


LOT = Owned(frozenset({"acme"}), frozenset({"lot-1"}))


def test_the_site_may_everything_and_with_a_key_what_the_key_is_for():
    for scope in Scope:
        assert may(AT_THE_SITE, scope, LOT, (), NOW) == Allowed(Why.SITE)
    keyed = Principal(party=SITE, kind=PartyKind.SITE, scopes=frozenset({Scope.LOTS_READ}), key="k1")
    assert may(keyed, Scope.LOTS_READ, LOT, (), NOW) == Allowed(Why.SITE)
    assert may(keyed, Scope.LOTS_ACT, LOT, (), NOW) == Refused(Reason.NO_SCOPE)


def test_a_regulator_reads_everything_of_its_scopes_and_changes_nothing_by_that_rule():
    for scope in Scope:
        expected = Allowed(Why.RULE) if scope.reads else Refused(Reason.FOREIGN)
        assert may(bolt(PartyKind.REGULATOR), scope, LOT, (), NOW) == expected


KINDS = [PartyKind.ENTERPRISE, PartyKind.CARRIER, PartyKind.WAREHOUSE]


@pytest.mark.parametrize("kind", KINDS)
def test_others_may_what_is_their_own_or_was_granted_to_them(kind):
    assert may(bolt(kind), Scope.LOTS_READ, LOT, (), NOW) == Refused(Reason.FOREIGN)
    assert may(bolt(kind), Scope.LOTS_READ, Owned(frozenset({"acme", "bolt"})), (), NOW) == Allowed(Why.OWN)
    assert may(bolt(kind), Scope.LOTS_READ, LOT, [grant_of()], NOW) == Allowed(Why.GRANT, "g1")
    assert may(bolt(kind), Scope.LOTS_READ, OF_THE_SITE, (), NOW) == Refused(Reason.FOREIGN)
    assert may(bolt(kind), Scope.LOTS_READ, Owned(frozenset()), [grant_of()], NOW) == Refused(Reason.FOREIGN)


@pytest.mark.parametrize(
    "other",
    [
        grant_of(owner="crane"),
        grant_of(grantee="crane"),
        grant_of(scope=Scope.LOTS_ACT),
        grant_of(names=("lot-2",)),
        grant_of(after_s=0),
    ],
    ids=["of another owner", "to another", "for something else", "of another lot", "that is over"],
)
def test_a_grant_is_worth_nothing_beyond_what_it_says(other):
    assert may(bolt(), Scope.LOTS_READ, LOT, [other], NOW) == Refused(Reason.FOREIGN)


def test_what_was_granted_cannot_be_passed_on():
    to_bolt = grant_of()
    by_bolt = grant_of(owner="bolt", grantee="crane")
    crane = Principal(party="crane", kind=PartyKind.ENTERPRISE, scopes=frozenset(Scope), key="k1")
    assert may(crane, Scope.LOTS_READ, LOT, [to_bolt, by_bolt], NOW) == Refused(Reason.FOREIGN)


def by_the_book(principal: Principal, scope: Scope, owned: Owned, grants: list[Grant]) -> bool:
    """Say the rule again as one sentence, without an order."""
    granted = any(
        (grant.grantee, grant.scope) == (principal.party, scope)
        and grant.owner in owned.owners
        and grant.until > NOW
        and (grant.names == () or set(grant.names) & set(owned.names))
        for grant in grants
    )
    return scope in principal.scopes and (
        principal.kind is PartyKind.SITE
        or (principal.kind is PartyKind.REGULATOR and "read" in scope)
        or principal.party in owned.owners
        or (granted and scope not in UNSHARED)
    )


names = st.sampled_from(["lot-1", "lot-2", "lot-3"])
grants = st.builds(
    grant_of,
    owner=st.sampled_from(PARTIES),
    grantee=st.sampled_from(PARTIES),
    scope=st.sampled_from(Scope),
    names=st.lists(names, max_size=2).map(tuple),
    after_s=st.sampled_from([-1.0, 0.0, 1.0]),
)


@given(
    scopes=st.sets(st.sampled_from(Scope)),
    owned=st.builds(Owned, st.frozensets(st.sampled_from([*PARTIES, SITE])), st.frozensets(names)),
    given_grants=st.lists(grants, max_size=6),
)
def test_the_decision_is_the_rule_for_every_party_and_scope(scopes, owned, given_grants):
    for kind, party, scope in itertools.product(PartyKind, PARTIES, Scope):
        principal = Principal(party=party, kind=kind, scopes=scopes, key="k1")
        decided = may(principal, scope, owned, given_grants, NOW)
        assert isinstance(decided, Allowed) == by_the_book(principal, scope, owned, given_grants)
