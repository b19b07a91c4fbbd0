"""The log of what was done with keys: who, by which route, with whose thing, whether they might, and when.

It never holds a secret, nor anything of a request's or an answer's body.
"""

from collections.abc import Sequence
from typing import Annotated, Protocol

from msgspec import Meta, Struct

from coldport.ids import Id
from coldport.messages.observation import Moment
from control.access.decision import Why

VISIT_LIMIT = 5_000_000
"""Visits that are kept, whatever their age: some 1.5 GB; at one every seven seconds as long as the default 400 days."""

READ_LIMIT = 500
"""Visits of one answer."""

Name = Annotated[str, Meta(max_length=160)]


class Visit(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that a party asked for by a key.

    `outcome` is `allowed`, or why it was not: `no-scope`, `foreign`, `not-found`, `wrong-secret`, `expired`.
    `owners` are whose the thing was, `asked` the names in the address. Of a list there is a visit for each owner, and
    `given` is how many of its things went out. `why` and `grant` say by what it was allowed.
    """

    at: Moment
    key: Id
    party: Id
    method: str
    route: str
    outcome: str
    owners: tuple[str, ...] = ()
    asked: tuple[Name, ...] = ()
    given: int | None = None
    why: Why | None = None
    grant: Id | None = None


class Logged(Struct, frozen=True):
    """A visit and its number in the log; numbers rise."""

    number: int
    visit: Visit


class AccessLog(Protocol):
    """The log. Every method raises UnavailableError: what cannot be written down is not answered."""

    async def write(self, visits: Sequence[Visit]) -> None:
        """Keep visits of one moment durably, and forget what is older than the site keeps, or beyond the limit."""
        ...

    async def read(self, owner: str | None, before: int | None, limit: int) -> Sequence[Logged]:
        """Return visits to things of `owner`, or all; the newest first, numbers below `before`, at most `limit`."""
        ...

    def close(self) -> None:
        """Release the store."""
        ...
