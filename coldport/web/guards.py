"""What every request passes before a route sees it, and what every answer carries.

What is open to whoever can connect is on loopback, so the danger there is the operator's own browser: another page that
posts here (origin check), or a name that is rebound to 127.0.0.1 (host check). Where a key is asked for, which no
browser adds, any name may be used.
"""

from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from coldport.web.problems import problem

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Guards:
    """ASGI middleware, outermost. Refusals are problem details; a refused WebSocket is closed before it opens."""

    def __init__(self, app: ASGIApp, *, body_limit: Callable[[str], int], any_host: bool = False) -> None:
        """Stand before `app`.

        Args:
            app: What is guarded.
            body_limit: From a path to the bytes that a body may have there.
            any_host: Whether it is asked for by names that are its proxy's business.
        """
        self._app = app
        self._body_limit = body_limit
        self._any_host = any_host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or answer it."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = refuse(scope, headers, any_host=self._any_host)
        if refusal:
            await answer_refusal(scope, send, *refusal)
        elif scope["type"] == "websocket":
            await self._app(scope, receive, send)
        else:
            limit = self._body_limit(scope["path"])
            body = await _read_body(headers, receive, limit)
            if body is None:
                detail = f"a body may have {limit} bytes"
                await answer_refusal(scope, send, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body-too-large", detail)
            else:
                await self._app(scope, _replay(body, receive), _with_headers(send))


def refuse(scope: Scope, headers: Headers, *, any_host: bool = False) -> tuple[HTTPStatus, str, str] | None:
    """Return why a request may not pass: status, code, detail; None when it may."""
    host = headers.get("host", "")
    if not any_host and _hostname(f"//{host}") not in LOOPBACK_NAMES:
        return HTTPStatus.MISDIRECTED_REQUEST, "host-refused", "only loopback names are served until there is a login"
    origin = headers.get("origin")
    changes = scope["type"] == "websocket" or scope["method"] not in SAFE_METHODS
    if changes and origin is not None and urlsplit(origin).netloc != host:
        return HTTPStatus.FORBIDDEN, "origin-refused", "another site's page may not do this"
    return None


def _hostname(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


async def _read_body(headers: Headers, receive: Receive, limit: int) -> bytes | None:
    """Return the whole body, or None when it is over the limit; what is over is not read."""
    length = headers.get("content-length", "0")
    if length.isdecimal() and int(length) > limit:
        return None
    parts: list[bytes] = []
    size = 0
    more = length != "0" or "transfer-encoding" in headers
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limit:
            return None
        more = message.get("more_body", False)
    return b"".join(parts)


def _replay(body: bytes, receive: Receive) -> Receive:
    pending = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return pending.pop() if pending else await receive()

    return replay


def _with_headers(send: Send) -> Send:
    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in SECURITY_HEADERS.items():
                headers.setdefault(name, value)  # a page that needs less says so itself
            headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return with_headers


async def answer_refusal(scope: Scope, send: Send, status: HTTPStatus, code: str, detail: str) -> None:
    """Answer a request with a problem; close a WebSocket before it opens."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": code})
        return
    body, headers = problem(status, code, detail, scope["path"])
    raw = [(name.lower().encode(), value.encode()) for name, value in {**SECURITY_HEADERS, **headers}.items()]
    await send({"type": "http.response.start", "status": status.value, "headers": raw})
    await send({"type": "http.response.body", "body": body})
