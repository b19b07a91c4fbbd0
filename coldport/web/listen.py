"""Binds a port and serves an application on it, until it is cancelled."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from fastapi import FastAPI

from coldport.errors import RefusedError

SHUTDOWN_S = 2
"""Seconds that open pages get to end before they are cut."""


def bound(host: str, port: int) -> socket.socket:
    """Return a bound socket.

    Raises:
        RefusedError: The port is in use: one line, and no trace.
    """
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    door = socket.socket(family, kind, protocol)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind(address)
    except OSError as error:
        door.close()
        raise RefusedError(f"port {port} on {host} is in use: {error.strerror}") from error
    return door


async def serve(
    app: FastAPI, door: socket.socket, certificate: str | None = None, private_key: str | None = None
) -> None:
    """Serve on a bound socket until cancelled, then let the open requests end; with both PEM files by TLS."""
    server = _Server(
        uvicorn.Config(
            app,
            log_config=None,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=SHUTDOWN_S,
            ws="websockets-sansio",
            ssl_certfile=certificate,
            ssl_keyfile=private_key,
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[door]))
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        server.should_exit = True
        await serving
        raise


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: one signal ends all of a process, in order."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
