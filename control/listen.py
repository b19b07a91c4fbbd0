"""Where control listens for HTTP: on loopback for the pages of the site, and, if it is asked to, for partners."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Iterator
from dataclasses import dataclass

import uvicorn
from fastapi import FastAPI

from coldport.errors import RefusedError
from control.settings import ControlFile, Platform, refuse_bare, refuse_foreign

SHUTDOWN_S = 2
"""Seconds that open pages get to end before they are cut."""

log = logging.getLogger("control")


@dataclass(frozen=True, slots=True)
class Door:
    """A bound socket; `platform` says for whom it is, None: for the pages."""

    socket: socket.socket
    platform: Platform | None = None


def open_doors(settings: ControlFile, port: int | None = None) -> list[Door]:
    """Bind what `control.toml` asks for; `port` is that of the pages in place of its own.

    Raises:
        RefusedError: An address may not be served, or a port is in use.
    """
    refuse_foreign(settings.http.host)
    pages = Door(_bound(settings.http.host, port or settings.http.port))
    log.info("the page is at http://%s:%d/", settings.http.host, pages.socket.getsockname()[1])
    platform = settings.platform
    if platform is None:
        return [pages]
    try:
        refuse_bare(platform)
        partners = Door(_bound(platform.host, platform.port), platform)
    except RefusedError:
        pages.socket.close()
        raise
    scheme = "https" if platform.certificate else "http"
    log.info("partners are served at %s://%s:%d/", scheme, platform.host, platform.port)
    return [pages, partners]


async def serve(app: FastAPI, door: Door) -> None:
    """Serve until cancelled, then let the open requests end."""
    platform = door.platform
    server = _Server(
        uvicorn.Config(
            app,
            log_config=None,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=SHUTDOWN_S,
            ws="websockets-sansio",
            ssl_certfile=platform.certificate if platform else None,
            ssl_keyfile=platform.private_key if platform else None,
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[door.socket]))
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        server.should_exit = True
        await serving
        raise


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: one signal ends all of control, in order."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _bound(host: str, port: int) -> socket.socket:
    """Return a bound socket, so that a port in use is one line and not a trace."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    door = socket.socket(family, kind, protocol)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind(address)
    except OSError as error:
        door.close()
        raise RefusedError(f"port {port} on {host} is in use: {error.strerror}") from error
    return door
