"""A reader's JSON as posts over HTTP, which we listen for."""

import asyncio
import contextlib
import socket
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from typing import Any

import uvicorn

from coldport.clock import Clock
from edge.ports import LinkDownError

BODY_LIMIT = 1024 * 1024
"""Bytes of a post. A reader that was cut off posts what it kept, some thousand events of 0.3 kB."""
POSTS_LIMIT = 64
"""Posts taken and not yet read. Past it a reader is told to come again (503), and keeps what it has."""

Message = MutableMapping[str, Any]
"""An ASGI message: what it holds depends on its type (ASGI specification 3.0)."""


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: one signal ends the whole agent, in order."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class PostsFeed:
    """Bodies of posts to one path; see `edge.ports.Feed`."""

    whole = True

    def __init__(self, host: str, port: int, path: str, clock: Clock) -> None:
        """Name where to listen; `open` does. Port 0 takes any."""
        self._address = (host, port)
        self._path = path
        self._clock = clock
        self._bodies: deque[bytes] = deque()
        self._arrived = asyncio.Event()
        self._server: _Server | None = None
        self._serving: asyncio.Task[None] | None = None
        self.port = port

    async def open(self) -> None:
        """Listen."""
        await self.close()
        door = socket.socket(socket.AF_INET6 if ":" in self._address[0] else socket.AF_INET)
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind(self._address)
        except OSError as error:
            door.close()
            raise LinkDownError(f"cannot listen on {self._address}: {error.strerror or error}", "occupied") from error
        self.port = door.getsockname()[1]
        config = uvicorn.Config(
            self._serve,
            log_config=None,
            access_log=False,
            interface="asgi3",
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=1,
        )
        self._server = _Server(config)
        self._serving = asyncio.create_task(self._server.serve(sockets=[door]))

    async def close(self) -> None:
        """Stop listening; posts that were taken and not read are lost."""
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            await asyncio.wait({self._serving})
            self._server = self._serving = None
        self._bodies.clear()

    async def read(self, timeout_s: float) -> bytes:
        """Return the next body."""
        if not self._bodies:
            self._arrived.clear()
            arrival = asyncio.ensure_future(self._arrived.wait())
            alarm = asyncio.ensure_future(self._clock.sleep(timeout_s))
            try:
                await asyncio.wait({arrival, alarm}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                arrival.cancel()
                alarm.cancel()
        return self._bodies.popleft() if self._bodies else b""

    async def _serve(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        """Take one request (ASGI)."""
        if scope["type"] != "http":
            return
        status = await self._take(scope, receive)
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    async def _take(self, scope: Message, receive: Callable[[], Awaitable[Message]]) -> int:
        """Take the body of a request, if it is one for us; return the status of the answer."""
        if scope["path"] != self._path:
            return 404
        if scope["method"] != "POST":
            return 405
        if len(self._bodies) >= POSTS_LIMIT:
            return 503
        body = bytearray()
        while True:
            part = await receive()
            if part["type"] == "http.disconnect":
                return 400
            body += part.get("body", b"")
            if len(body) > BODY_LIMIT:
                return 413
            if not part.get("more_body"):
                break
        self._bodies.append(bytes(body))
        self._arrived.set()
        return 200
