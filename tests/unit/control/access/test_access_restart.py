"""Parties, keys and grants outlive control: from the journal, and from a snapshot of it."""

from datetime import timedelta

import pytest

from coldport.clock import ManualClock
from coldport.errors import RefusedError
from coldport.site import Point, Quantity, Text
from control.access.acts import GrantGiven, KeyIssued, KeyRevoked, PartyAdded
from control.access.key import Key, digest_of
from control.access.party import Grant, Party, PartyKind, Scope
from control.alarms.definition import AlarmFile
from control.journal.memory import MemoryJournal
from control.service import Service


@pytest.mark.parametrize("snapshot", [False, True])
def test_a_restart_knows_every_party_key_and_grant(at, one_room, snapshot):
    journal, clock = MemoryJournal(), ManualClock(at(0))
    site = one_room(Point(id="p", quantity=Quantity.TEMPERATURE, every_s=1))

    def start() -> Service:
        return Service(site, AlarmFile(alarms=()), journal, clock)

    service, now = start(), clock.now()
    until = now + timedelta(days=30)
    for name in ("acme", "bolt"):
        party = Party(id=name, name=Text(zh=name, en=name), kind=PartyKind.ENTERPRISE, codes=(name.upper() + "1",))
        service.record(PartyAdded(party=party, at=now, by="li"))
    for name in ("k1", "k2"):
        key = Key(id=name, party="acme", digest=digest_of(bytes(32)), scopes=(Scope.LOTS_READ,), not_after=until)
        service.record(KeyIssued(key=key, at=now, by="li"))
    grant = Grant(id="g1", owner="acme", grantee="bolt", scope=Scope.LOTS_READ, until=until, reason="t")
    service.record(GrantGiven(grant=grant, at=now, by="li"))
    if snapshot:
        service.save()
    service.record(KeyRevoked(key="k1", at=now, by="li"))
    with pytest.raises(RefusedError):
        service.record(GrantGiven(grant=grant, at=now, by="li"))
    assert set(service.access.state.keys) == {"k2"}
    again = start()
    assert again.access.state == service.access.state
    assert again.access.named(["ACME1"]) == {"acme"}
