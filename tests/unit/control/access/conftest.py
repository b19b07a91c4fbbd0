"""A site with parties who own, carry, keep and watch."""

from datetime import UTC, datetime, timedelta

import pytest

from coldport.site import Text
from control.access.acts import GrantGiven, KeyIssued, PartyAdded
from control.access.key import Key, digest_of
from control.access.party import Grant, Party, PartyKind, Scope
from control.access.register import Access

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
SECRET = bytes(range(32))


class House:
    """A register, and short ways to say what happens to it."""

    def __init__(self) -> None:
        self.access = Access()
        self.now = START

    def add(self, name: str, kind: PartyKind = PartyKind.ENTERPRISE, *codes: str) -> None:
        party = Party(id=name, name=Text(zh=name, en=name), kind=kind, codes=codes)
        self.do(PartyAdded(party=party, at=self.now, by="li"))

    def issue(self, key: str, party: str, *scopes: Scope, days: int = 30) -> None:
        made = Key(
            id=key,
            party=party,
            digest=digest_of(SECRET),
            scopes=scopes or (Scope.LOTS_READ,),
            not_after=self.now + timedelta(days=days),
        )
        self.do(KeyIssued(key=made, at=self.now, by="li"))

    def grant(self, name: str, owner: str, grantee: str, scope: Scope = Scope.LOTS_READ, *names: str, days=30) -> None:
        until = self.now + timedelta(days=days)
        made = Grant(id=name, owner=owner, grantee=grantee, scope=scope, until=until, reason="test", names=names)
        self.do(GrantGiven(grant=made, at=self.now, by="li"))

    def do(self, act) -> None:
        self.access.check(act, self.now)
        self.access.take(act)


@pytest.fixture
def house() -> House:
    return House()
