"""Tells who asks: by a key, or on the machine itself without one."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from coldport.web.guards import answer_refusal
from control.access.bucket import Buckets
from control.access.key import Key, digest_of, proves, read_token
from control.access.party import AT_THE_SITE, Principal
from control.access.register import Access
from control.access_log.ports import Visit
from control.api.context import Context

CALLER = "coldport.caller"
"""Where in an ASGI scope the principal stands; None on the platform: nobody known."""

FAILURES_BURST, FAILURES_PER_SECOND = 20, 1.0
"""How many failed tries with keys that exist are written down: the log must not grow by whoever guesses."""

_NO_KEY = digest_of(b"")
"""What a secret is compared with when there is no such key, so that both take as long."""


@dataclass(frozen=True, slots=True)
class NoKey:
    """A token that is worth nothing: `key-unknown` or `key-expired`; `key` when it named one that exists."""

    code: str
    outcome: str = ""
    key: Key | None = None


class Identify:
    """ASGI middleware, behind the guards. A token that is worth nothing is refused whatever it was sent to."""

    def __init__(self, app: ASGIApp, *, platform: bool = False) -> None:
        """Stand before `app`; on the platform nobody is the site by being there."""
        self._app = app
        self._nobody = None if platform else AT_THE_SITE
        self._buckets = Buckets()
        self._failures = Buckets(FAILURES_BURST, FAILURES_PER_SECOND)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Write down who asks, and go on; or refuse."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        said = Headers(scope=scope).get("authorization")
        if said is None:
            await self._app({**scope, CALLER: self._nobody}, receive, send)
            return
        context: Context = scope["app"].state.context
        now = context.desk.now()
        found = identified(said, context.desk.access, now)
        if isinstance(found, NoKey):
            await self._log(context, found, scope, now)
            detail = "the key is over" if found.code == "key-expired" else "no such key, or not its secret"
            await answer_refusal(scope, send, HTTPStatus.UNAUTHORIZED, found.code, detail)
        elif self._buckets.wait_s(found.key or "", now) > 0:
            detail = "this key asks too often; there is a second to wait"
            await answer_refusal(scope, send, HTTPStatus.TOO_MANY_REQUESTS, "too-many-requests", detail)
        else:
            await self._app({**scope, CALLER: found}, receive, send)

    async def _log(self, context: Context, found: NoKey, scope: Scope, now: datetime) -> None:
        if found.key is not None and self._failures.wait_s("", now) == 0:
            visit = Visit(
                at=now,
                key=found.key.id,
                party=found.key.party,
                method=scope.get("method", "GET"),
                route="",
                outcome=found.outcome,
            )
            await context.access_log.write([visit])


def identified(said: str, access: Access, now: datetime) -> Principal | NoKey:
    """Return whose key a header `Authorization: Bearer TOKEN` holds, at the moment `now`."""
    scheme, _, token = said.partition(" ")
    read = read_token(token.strip()) if scheme.lower() == "bearer" else None
    if read is None:
        return NoKey("key-unknown")
    name, secret = read
    key = access.key(name)
    if key is None:
        proves(Key(id="none", party="none", digest=_NO_KEY, scopes=(), not_after=now), secret)
        return NoKey("key-unknown")
    if not proves(key, secret):
        return NoKey("key-unknown", "wrong-secret", key)
    if now >= key.not_after:
        return NoKey("key-expired", "expired", key)
    return Principal(party=key.party, kind=access.party(key.party).kind, scopes=frozenset(key.scopes), key=key.id)


def caller_of(connection: HTTPConnection) -> Principal | None:
    """Return who asks."""
    principal: Principal | None = connection.scope[CALLER]
    return principal
