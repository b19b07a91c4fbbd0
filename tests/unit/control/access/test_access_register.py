"""Parties, keys and grants: what cannot be, is refused; what is over, is forgotten; a snapshot holds the rest."""

from datetime import timedelta

import msgspec
import pytest

from coldport.errors import NotFoundError, RefusedError
from control.access.acts import AccessAct, GrantWithdrawn, KeyRevoked
from control.access.party import SITE, UNSHARED, PartyKind, Scope
from control.access.register import (
    CODE_LIMIT,
    GRANT_LIMIT,
    KEY_LIFE,
    KEY_LIMIT,
    NAME_LIMIT,
    PARTY_LIMIT,
    Access,
    AccessState,
)

USCC = "91430300MA4L5XYZ0K"


def test_the_site_is_a_party_from_the_start_and_the_only_one_of_its_kind(house):
    assert house.access.party(SITE).kind is PartyKind.SITE
    with pytest.raises(RefusedError, match="one only"):
        house.add("another", PartyKind.SITE)
    with pytest.raises(RefusedError, match="one only"):
        house.add(SITE, PartyKind.ENTERPRISE)


def test_a_party_is_found_by_the_codes_that_documents_name_it_by(house):
    house.add("acme", PartyKind.ENTERPRISE, USCC, "4303960ABC")
    assert house.access.named([USCC, "UNKNOWN1"]) == {"acme"}
    assert house.access.named([]) == frozenset()


def test_two_parties_have_no_code_in_common(house):
    house.add("acme", PartyKind.ENTERPRISE, USCC)
    with pytest.raises(RefusedError, match="'acme'"):
        house.add("bolt", PartyKind.ENTERPRISE, USCC)


def test_a_party_said_anew_has_its_new_codes_alone_and_keeps_its_kind(house):
    house.add("acme", PartyKind.ENTERPRISE, USCC)
    house.add("acme", PartyKind.ENTERPRISE, "4303960ABC")
    assert house.access.named([USCC]) == frozenset()
    assert house.access.named(["4303960ABC"]) == {"acme"}
    with pytest.raises(RefusedError, match="stays so"):
        house.add("acme", PartyKind.REGULATOR)


def test_a_key_is_for_a_party_that_is_there_and_for_something(house):
    with pytest.raises(NotFoundError):
        house.issue("k1", "acme")
    house.add("acme")
    house.issue("k1", "acme")
    assert house.access.key("k1").party == "acme"
    with pytest.raises(RefusedError, match="there already"):
        house.issue("k1", "acme")
    with pytest.raises(RefusedError, match="the site alone"):
        house.issue("k2", "acme", Scope.ACCESS_MANAGE)


@pytest.mark.parametrize("days", [0, -1, KEY_LIFE.days + 1])
def test_a_key_ends_after_it_was_issued_and_within_400_days(house, days):
    house.add("acme")
    with pytest.raises(RefusedError, match="400 days"):
        house.issue("k1", "acme", days=days)
    house.issue("k1", "acme", days=KEY_LIFE.days)


def test_a_revoked_key_is_gone_and_cannot_be_revoked_again(house):
    house.add("acme")
    house.issue("k1", "acme")
    house.do(KeyRevoked(key="k1", at=house.now, by="li"))
    assert house.access.key("k1") is None
    with pytest.raises(NotFoundError):
        house.do(KeyRevoked(key="k1", at=house.now, by="li"))


def test_expired_keys_make_room_for_new_ones(house):
    house.add("acme")
    for number in range(KEY_LIMIT):
        house.issue(f"k{number}", "acme", days=1)
    with pytest.raises(RefusedError, match="revoke one"):
        house.issue("one-more", "acme")
    house.now += timedelta(days=1)
    house.issue("one-more", "acme")
    assert set(house.access.state.keys) == {"one-more"}


@pytest.mark.parametrize("scope", sorted(UNSHARED))
def test_who_may_share_and_who_has_looked_cannot_be_shared(house, scope):
    house.add("acme")
    house.add("bolt")
    with pytest.raises(RefusedError, match="cannot be granted"):
        house.grant("g1", "acme", "bolt", scope)


def test_a_grant_is_between_two_parties_that_are_there(house):
    house.add("acme")
    with pytest.raises(NotFoundError):
        house.grant("g1", "acme", "bolt")
    with pytest.raises(NotFoundError):
        house.grant("g1", "bolt", "acme")
    with pytest.raises(RefusedError, match="its own"):
        house.grant("g1", "acme", "acme")


def test_a_grant_names_a_hundred_things_and_no_more(house):
    house.add("acme")
    house.add("bolt")
    with pytest.raises(RefusedError, match="100 things"):
        house.grant("g1", "acme", "bolt", Scope.LOTS_READ, *map(str, range(NAME_LIMIT + 1)))
    house.grant("g1", "acme", "bolt", Scope.LOTS_READ, *map(str, range(NAME_LIMIT)))


def test_a_withdrawn_grant_is_gone(house):
    house.add("acme")
    house.add("bolt")
    house.grant("g1", "acme", "bolt")
    assert [one.id for one in house.access.grants_to("bolt", Scope.LOTS_READ)["acme"]] == ["g1"]
    house.do(GrantWithdrawn(grant="g1", at=house.now, by="li"))
    assert house.access.grants_to("bolt", Scope.LOTS_READ) == {}
    with pytest.raises(NotFoundError):
        house.do(GrantWithdrawn(grant="g1", at=house.now, by="li"))


def test_grants_between_two_parties_have_a_limit_and_those_that_are_over_make_room(house):
    house.add("acme")
    house.add("bolt")
    for number in range(GRANT_LIMIT):
        house.grant(f"g{number}", "acme", "bolt", days=1)
    with pytest.raises(RefusedError, match="200 grants"):
        house.grant("one-more", "acme", "bolt")
    house.now += timedelta(days=1)
    house.grant("one-more", "acme", "bolt")
    assert set(house.access.state.grants) == {"one-more"}


def test_parties_and_codes_have_a_limit(house):
    house.add("acme", PartyKind.ENTERPRISE, *(f"CODE{n}" for n in range(CODE_LIMIT)))
    with pytest.raises(RefusedError, match="10 codes"):
        house.add("acme", PartyKind.ENTERPRISE, *(f"CODE{n}" for n in range(CODE_LIMIT + 1)))
    for number in range(PARTY_LIMIT - 2):
        house.add(f"p{number}")
    with pytest.raises(RefusedError, match="2000 parties"):
        house.add("one-more")
    house.add("acme")  # one that is there may still be said anew


def test_nothing_happens_ahead_of_the_clock(house):
    house.add("acme")
    house.issue("k1", "acme")
    ahead = KeyRevoked(key="k1", at=house.now + timedelta(seconds=1), by="li")
    with pytest.raises(RefusedError, match="not come yet"):
        house.do(ahead)


def test_a_snapshot_holds_all_of_it(house):
    house.add("acme", PartyKind.ENTERPRISE, USCC)
    house.add("bolt", PartyKind.CARRIER)
    house.issue("k1", "acme", Scope.LOTS_READ, Scope.GRANTS_GIVE)
    house.grant("g1", "acme", "bolt", Scope.LOTS_READ, "lot-1")
    kept = msgspec.msgpack.decode(msgspec.msgpack.encode(house.access.state), type=AccessState)
    again = Access(kept)
    assert again.state == house.access.state
    assert again.named([USCC]) == {"acme"}


def test_every_act_has_a_name_of_its_own_in_the_journal():
    tags = {kind.__struct_config__.tag for kind in AccessAct.__args__}
    assert tags == {"party-added", "key-issued", "key-revoked", "grant-given", "grant-withdrawn"}
