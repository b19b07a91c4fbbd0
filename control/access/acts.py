"""What happens to parties, keys and grants, as the journal keeps it. `at` is when, `by` who at the site did it.

Until there are logins `by` is the name given with the request.
"""

from typing import Annotated

from msgspec import Meta, Struct

from coldport.ids import Id, Person
from coldport.messages.observation import Moment
from control.access.key import Key
from control.access.party import Grant, Party


class PartyAdded(Struct, frozen=True, kw_only=True, tag_field="entry", tag="party-added"):
    """A party became known, or is called otherwise now: its names and codes are these. Its kind stands."""

    party: Party
    at: Moment
    by: Person


class KeyIssued(Struct, frozen=True, kw_only=True, tag_field="entry", tag="key-issued"):
    """A party was given a key. Its secret was shown once and is nowhere."""

    key: Key
    at: Moment
    by: Person


class KeyRevoked(Struct, frozen=True, kw_only=True, tag_field="entry", tag="key-revoked"):
    """A key is worth nothing from now on."""

    key: Id
    at: Moment
    by: Person
    reason: Annotated[str, Meta(max_length=200)] = ""


class GrantGiven(Struct, frozen=True, kw_only=True, tag_field="entry", tag="grant-given"):
    """A party shares what is its own with another; `key` is the one it said so with, None: the site wrote it down."""

    grant: Grant
    at: Moment
    by: Person
    key: Id | None = None


class GrantWithdrawn(Struct, frozen=True, kw_only=True, tag_field="entry", tag="grant-withdrawn"):
    """A grant ended before its time."""

    grant: Id
    at: Moment
    by: Person
    key: Id | None = None


AccessAct = PartyAdded | KeyIssued | KeyRevoked | GrantGiven | GrantWithdrawn
