"""Listens for HTTP on this machine alone, and hands each request to `routes`."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, MutableMapping
from http import HTTPStatus
from typing import Any

import uvicorn

from coldport.errors import RefusedError
from firmware_sim.api.desk import Desk
from firmware_sim.api.routes import BODY_LIMIT, ROOT, Answer, Call, answer, problem

HOST = "127.0.0.1"
SHUTDOWN_S = 1

Message = MutableMapping[str, Any]
"""An ASGI message: what it holds depends on its type (ASGI specification 3.0)."""

log = logging.getLogger("firmware_sim.api")


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: one signal ends the whole simulation, in order."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def listening(desk: Desk, port: int) -> AsyncIterator[int]:
    """Listen; yield the port, which is a free one for port 0.

    Raises:
        RefusedError: The port is in use.
    """
    door = socket.socket(socket.AF_INET)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((HOST, port))
        door.listen()  # two may be bound to a port that can be used again at once; only one can listen there
    except OSError as error:
        door.close()
        raise RefusedError(f"port {port} on {HOST} is in use: {error.strerror}") from error
    real_port = int(door.getsockname()[1])
    config = uvicorn.Config(
        _application(desk),
        log_config=None,
        access_log=False,
        log_level="warning",
        interface="asgi3",
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=SHUTDOWN_S,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[door]))
    log.info("faults and doors can be worked at http://%s:%d%s/targets", HOST, real_port, ROOT)
    try:
        yield real_port
    finally:
        server.should_exit = True
        await asyncio.wait({serving})
        await desk.close()


def _application(
    desk: Desk,
) -> Callable[[Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]]:
    async def application(
        scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        if scope["type"] != "http":
            return
        body = await _body(receive)
        host = dict(scope["headers"]).get(b"host", b"").decode("ascii", "replace")
        if body is None:
            too_large = RefusedError(f"a body has at most {BODY_LIMIT} bytes")
            said = problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, too_large, scope["path"])
        else:
            said = answer(desk, Call(scope["method"], scope["path"], host, body))
        await _say(send, said)

    return application


async def _body(receive: Callable[[], Awaitable[Message]]) -> bytes | None:
    """Return the body of a request, None when it is too long."""
    body = bytearray()
    while True:
        part = await receive()
        body += part.get("body", b"")
        if len(body) > BODY_LIMIT:
            return None
        if not part.get("more_body"):
            return bytes(body)


async def _say(send: Callable[[Message], Awaitable[None]], said: Answer) -> None:
    kind = b"application/problem+json" if said.is_problem else b"application/json"
    headers = [(b"content-length", str(len(said.body)).encode("ascii")), (b"cache-control", b"no-store")]
    if said.body:
        headers.append((b"content-type", kind))
    if said.status == HTTPStatus.NO_CONTENT:
        headers = []
    await send({"type": "http.response.start", "status": int(said.status), "headers": headers})
    await send({"type": "http.response.body", "body": said.body})
