"""Which parties, keys and grants there are: a fold over what the journal says of them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct, field

from coldport.errors import NotFoundError, RefusedError
from control.access.acts import AccessAct, GrantGiven, GrantWithdrawn, KeyIssued, KeyRevoked, PartyAdded
from control.access.key import Key
from control.access.party import SITE, THE_SITE, UNSHARED, Grant, Party, PartyKind, Scope

PARTY_LIMIT = 2_000
"""Parties of one site: every shipper of a year in the largest bonded zone thought of."""
CODE_LIMIT = 10
"""Codes of one party: its USCC and what each of its branches is registered under."""
KEY_LIMIT = 20
"""Keys of one party that are worth something: one for each of its systems, and the next one of each."""
GRANT_LIMIT = 200
"""Grants from one party to another: what is shared by the piece is looked through for each row of a list."""
ALL_GRANTS_LIMIT = 20_000
"""Grants of all parties; they are in every snapshot."""
NAME_LIMIT = 100
"""Things named by one grant; beyond it share all, or grant twice."""
KEY_LIFE = timedelta(days=400)
"""The longest life of a key: a year and the weeks in which it is renewed."""


class AccessState(Struct):
    """What a snapshot holds of parties, keys and grants. What was revoked or withdrawn is in the journal alone."""

    parties: dict[str, Party] = field(default_factory=dict)
    keys: dict[str, Key] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)


class Access:
    """The parties of one site, their keys and their grants."""

    def __init__(self, state: AccessState | None = None) -> None:
        """Go on from what is known; the site is always a party."""
        self.state = state or AccessState()
        self.state.parties.setdefault(SITE, THE_SITE)
        self._owners = {code: party.id for party in self.state.parties.values() for code in party.codes}

    def party(self, name: str) -> Party:
        """Return a party; raises NotFoundError."""
        found = self.state.parties.get(name)
        if found is None:
            raise NotFoundError(f"no party {name!r}")
        return found

    def key(self, name: str) -> Key | None:
        """Return a key, expired or not, or None when there is none or it was revoked."""
        return self.state.keys.get(name)

    def grant(self, name: str) -> Grant:
        """Return a grant; raises NotFoundError."""
        found = self.state.grants.get(name)
        if found is None:
            raise NotFoundError(f"no grant {name!r}")
        return found

    def named(self, codes: Iterable[str]) -> frozenset[str]:
        """Return the parties that documents name by these codes; a code of nobody known is nobody's."""
        return frozenset(self._owners[code] for code in codes if code in self._owners)

    def grants_to(self, grantee: str, scope: Scope) -> Mapping[str, Sequence[Grant]]:
        """Return what was granted to a party, by owner."""
        found: dict[str, list[Grant]] = {}
        for grant in self.state.grants.values():
            if grant.grantee == grantee and grant.scope is scope:
                found.setdefault(grant.owner, []).append(grant)
        return found

    def check(self, act: AccessAct, now: datetime) -> None:
        """Raise when `act` cannot have happened.

        Raises:
            NotFoundError: It names a party, key or grant that is not there.
            RefusedError: It contradicts what is on record, lies ahead of `now`, or passes a limit.
        """
        if act.at > now:
            raise RefusedError(f"{act.at.isoformat()} has not come yet")
        match act:
            case PartyAdded():
                self._check_party(act.party)
            case KeyIssued():
                self._check_key(act.key, act.at)
            case KeyRevoked() if act.key not in self.state.keys:
                raise NotFoundError(f"no key {act.key!r}")
            case GrantGiven():
                self._check_grant(act.grant, act.at)
            case GrantWithdrawn():
                self.grant(act.grant)
            case _:
                pass

    def take(self, act: AccessAct) -> None:
        """Take in what happened, as the journal has it. What has expired by then is forgotten."""
        state = self.state
        match act:
            case PartyAdded():
                before = state.parties.get(act.party.id)
                for code in before.codes if before else ():
                    self._owners.pop(code, None)
                state.parties[act.party.id] = act.party
                self._owners.update(dict.fromkeys(act.party.codes, act.party.id))
            case KeyIssued():
                gone = [key.id for key in self._keys_of(act.key.party) if key.not_after <= act.at]
                for key in gone:
                    del state.keys[key]
                state.keys[act.key.id] = act.key
            case KeyRevoked():
                state.keys.pop(act.key, None)
            case GrantGiven():
                for over in [grant.id for grant in state.grants.values() if grant.until <= act.at]:
                    del state.grants[over]
                state.grants[act.grant.id] = act.grant
            case GrantWithdrawn():
                state.grants.pop(act.grant, None)

    def _keys_of(self, party: str) -> list[Key]:
        return [key for key in self.state.keys.values() if key.party == party]

    def _check_party(self, party: Party) -> None:
        before = self.state.parties.get(party.id)
        if party.kind is PartyKind.SITE or party.id == SITE:
            raise RefusedError(f"the site is a party already, {SITE!r}, and there is one only")
        if before is None and len(self.state.parties) >= PARTY_LIMIT:
            raise RefusedError(f"there are {PARTY_LIMIT} parties already")
        if before is not None and before.kind is not party.kind:
            raise RefusedError(f"party {party.id!r} is of kind {before.kind}, and stays so")
        if len(party.codes) > CODE_LIMIT:
            raise RefusedError(f"a party may have {CODE_LIMIT} codes")
        for code in party.codes:
            if self._owners.get(code, party.id) != party.id:
                raise RefusedError(f"code {code!r} is that of party {self._owners[code]!r}")

    def _check_key(self, key: Key, at: datetime) -> None:
        self.party(key.party)
        if key.id in self.state.keys:
            raise RefusedError(f"key {key.id!r} is there already")
        if not key.scopes:
            raise RefusedError("a key without a scope is for nothing")
        if Scope.ACCESS_MANAGE in key.scopes and key.party != SITE:
            raise RefusedError(f"{Scope.ACCESS_MANAGE} is for keys of the site alone")
        if not at < key.not_after <= at + KEY_LIFE:
            raise RefusedError(f"a key lives {KEY_LIFE.days} days at most, and ends after it was issued")
        if sum(one.not_after > at for one in self._keys_of(key.party)) >= KEY_LIMIT:
            raise RefusedError(f"party {key.party!r} has {KEY_LIMIT} keys already: revoke one")

    def _check_grant(self, grant: Grant, at: datetime) -> None:
        self.party(grant.owner)
        self.party(grant.grantee)
        standing = [one for one in self.state.grants.values() if one.until > at]
        between = sum((one.owner, one.grantee) == (grant.owner, grant.grantee) for one in standing)
        refusals = {
            f"grant {grant.id!r} is there already": grant.id in self.state.grants,
            "a party needs no grant for what is its own": grant.owner == grant.grantee,
            f"{grant.scope} cannot be granted": grant.scope in UNSHARED,
            "a grant ends after it was given": grant.until <= at,
            f"a grant may name {NAME_LIMIT} things": len(grant.names) > NAME_LIMIT,
            f"{grant.owner!r} has given {grant.grantee!r} {GRANT_LIMIT} grants already": between >= GRANT_LIMIT,
            f"there are {ALL_GRANTS_LIMIT} grants already": len(standing) >= ALL_GRANTS_LIMIT,
        }
        for said, holds in refusals.items():
            if holds:
                raise RefusedError(said)
