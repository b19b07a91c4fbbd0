"""Where control listens for HTTP: on loopback for the pages of the site, and, if it is asked to, for partners."""

import logging
import socket
from dataclasses import dataclass

from fastapi import FastAPI

from coldport.errors import RefusedError
from coldport.web import listen
from coldport.web.loopback import refuse_foreign
from control.settings import ControlFile, Platform, refuse_bare

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
    pages = Door(listen.bound(settings.http.host, port or settings.http.port))
    log.info("the page is at http://%s:%d/", settings.http.host, pages.socket.getsockname()[1])
    platform = settings.platform
    if platform is None:
        return [pages]
    try:
        refuse_bare(platform)
        partners = Door(listen.bound(platform.host, platform.port), platform)
    except RefusedError:
        pages.socket.close()
        raise
    scheme = "https" if platform.certificate else "http"
    log.info("partners are served at %s://%s:%d/", scheme, platform.host, platform.port)
    return [pages, partners]


async def serve(app: FastAPI, door: Door) -> None:
    """Serve until cancelled, then let the open requests end."""
    platform = door.platform
    files = (platform.certificate, platform.private_key) if platform else (None, None)
    await listen.serve(app, door.socket, *files)
