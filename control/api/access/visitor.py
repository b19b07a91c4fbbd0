"""Whoever asks on one route: what it may see, and what is written down of it."""

from collections import Counter
from collections.abc import Callable, Iterable
from functools import cached_property
from itertools import islice
from typing import TypeVar

from starlette.requests import HTTPConnection

from coldport.errors import NotFoundError
from control.access.decision import Allowed, Decision, Owned, Reason, Refused, may
from control.access.party import Grant, PartyKind, Principal, Scope
from control.access_log.ports import Visit
from control.api.access.errors import ForbiddenError
from control.api.context import Context

Thing = TypeVar("Thing")

ASKED_LIMIT, NAME_LIMIT = 8, 160
"""Names in an address that are written down, and their characters."""

ABSENT = "nothing of that name is yours or shared with you"


class Visitor:
    """A principal on one route. Of whoever has no key nothing is written down: that is the site itself."""

    def __init__(self, principal: Principal, scope: Scope, context: Context, connection: HTTPConnection) -> None:
        """Stand at a route that asks for `scope`."""
        self.principal = principal
        self._scope = scope
        self._context = context
        self._connection = connection

    @property
    def sees_all(self) -> bool:
        """Whether it is the site or a regulator, from whom no owner keeps anything."""
        return self.principal.kind in {PartyKind.SITE, PartyKind.REGULATOR} and self._scope.reads

    def decide(self, owned: Owned) -> Decision:
        """Say whether it may do what the route does with a thing."""
        grants = [grant for owner in owned.owners for grant in self._grants.get(owner, ())]
        return may(self.principal, self._scope, owned, grants, self._context.desk.now())

    async def may_ask(self) -> None:
        """Raise ForbiddenError when its key is not for this route at all."""
        if self._scope not in self.principal.scopes:
            await self._refuse(Refused(Reason.NO_SCOPE), None)

    async def must(self, find: Callable[[], Owned]) -> None:
        """Raise unless it may do what the route does with the one thing found, and write that down.

        Raises:
            ForbiddenError: Its key is not for this, or the thing is the site's, whose existence is no secret.
            NotFoundError: There is no such thing, or it is another's.
        """
        await self.may_ask()
        try:
            owned = find()
        except NotFoundError as error:
            if self.principal.kind is PartyKind.SITE:
                raise
            await self._log("not-found")
            raise NotFoundError(ABSENT) from error
        decision = self.decide(owned)
        if isinstance(decision, Refused):
            await self._refuse(decision, owned)
        else:
            await self._log("allowed", owned.owners, decision)

    async def only(
        self, things: Iterable[Thing], owned: Callable[[Thing], Owned], limit: int | None = None
    ) -> list[Thing]:
        """Return the first `limit` things that it may see, and write down of whom they were."""
        if self.principal.key is None:
            return list(islice(things, limit))
        seen: list[Thing] = []
        given: Counter[tuple[frozenset[str], Allowed]] = Counter()
        for thing in things:
            whose = owned(thing)
            decision = self.decide(whose)
            if isinstance(decision, Allowed):
                seen.append(thing)
                given[frozenset(whose.owners), decision] += 1
                if len(seen) == limit:
                    break
        visits = [self._visit("allowed", owners, by, count) for (owners, by), count in given.items()]
        await self._context.access_log.write(visits or [self._visit("allowed", given=0)])
        return seen

    @cached_property
    def _grants(self) -> dict[str, list[Grant]]:
        found = self._context.desk.access.grants_to(self.principal.party, self._scope)
        return {owner: list(grants) for owner, grants in found.items()}

    async def _refuse(self, refused: Refused, owned: Owned | None) -> None:
        await self._log(refused.reason, owned.owners if owned else ())
        if refused.reason is Reason.NO_SCOPE:
            raise ForbiddenError(f"the key is not for {self._scope}")
        if owned is None or owned.is_the_sites:
            raise ForbiddenError("this is the site's, and not shared with you")
        raise NotFoundError(ABSENT)

    async def _log(self, outcome: str, owners: Iterable[str] = (), by: Allowed | None = None) -> None:
        if self.principal.key is not None:
            await self._context.access_log.write([self._visit(outcome, owners, by)])

    def _visit(
        self, outcome: str, owners: Iterable[str] = (), by: Allowed | None = None, given: int | None = None
    ) -> Visit:
        scope = self._connection.scope
        names = [str(name)[:NAME_LIMIT] for name in self._connection.path_params.values()]
        return Visit(
            at=self._context.desk.now(),
            key=self.principal.key or "",
            party=self.principal.party,
            method=scope.get("method", "WebSocket"),
            route=scope["route"].path,
            outcome=outcome,
            owners=tuple(sorted(owners)),
            asked=tuple(names[:ASKED_LIMIT]),
            given=given,
            why=by.why if by else None,
            grant=by.grant if by else None,
        )
