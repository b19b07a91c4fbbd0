"""The gateway of a site in a rehearsal: all of its code but the adapters."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial

import msgspec

from coldport.bus import Bus
from coldport.errors import RefusedError
from coldport.ids import GatewayId, LinkId, SiteId
from coldport.rehearsal import Stage
from coldport.site import load_site
from edge.commands.ledger_memory import MemoryLedger
from edge.gateway import Outside, assemble, heard
from edge.health.status import StatusBoard
from edge.lines.base import HttpPosts, HttpStream, Serial, Tcp
from edge.lines.vendor import Mqtt
from edge.links.bay_link import BayLink
from edge.ports import Feed, Link
from edge.settings import Wiring, load_edge
from edge.spool.memory import MemorySpool

BOOT_ID = "5e" * 16
"""That of a spool which is the same in every rehearsal."""


class BayLinks:
    """Links of a patch bay; see `edge.ports.Links`. Every broker that a line names is the one of the rehearsal."""

    def __init__(self, stage: Stage) -> None:
        """Take lines from the bay of `stage`, serial ones by their path as `edge.toml` says it."""
        self._stage = stage

    def serial(self, serial: Serial) -> Link:
        """Return a link over a serial line."""
        return BayLink(partial(self._stage.bay.take_serial, serial.path), self._stage.clock, gone="link-down")

    def tcp(self, tcp: Tcp) -> Link:
        """Return a link to an address."""
        return BayLink(partial(self._stage.bay.call, tcp.host, tcp.port), self._stage.clock, gone="closed")

    def bus(self, line: LinkId, mqtt: Mqtt | None, filters: Sequence[str]) -> AbstractAsyncContextManager[Bus]:
        """Return a session on the broker."""
        del mqtt
        return self._session(line, filters)

    @asynccontextmanager
    async def _session(self, line: LinkId, filters: Sequence[str]) -> AsyncIterator[Bus]:
        yield self._stage.broker.client(f"edge-{line}", filters)

    def http_stream(self, line: LinkId, http: HttpStream) -> Feed:
        """Refuse."""
        raise RefusedError(f"{line}: {http.url} cannot be asked in a rehearsal")

    def http_posts(self, posts: HttpPosts) -> Feed:
        """Refuse."""
        raise RefusedError(f"nobody can post to {posts.host}:{posts.port} in a rehearsal")


async def rehearse(stage: Stage) -> None:
    """Run the gateway of `stage.folder` until cancelled.

    Raises:
        SiteFileError: A file of the site is wrong.
        RefusedError: A line needs HTTP, or `stage.lines` names one that the gateway has not.
    """
    site = load_site(stage.folder)
    wiring = _chosen(load_edge(stage.folder, site), stage.lines)
    settings = wiring.settings
    site_id, gateway = SiteId(site.id), GatewayId(settings.gateway)
    outside = Outside(
        spool=MemorySpool(BOOT_ID, settings.spool.limit, settings.spool.when_full),
        ledger=MemoryLedger(),
        bus=stage.broker.client(f"edge-{site.id}-{gateway}", heard(site_id, gateway)),
        links=BayLinks(stage),
        clock=stage.clock,
    )
    agent = assemble(site, stage.folder, wiring, outside, StatusBoard(site_id, gateway, stage.clock))
    await agent.run(asyncio.Event())


def _chosen(wiring: Wiring, names: frozenset[str] | None) -> Wiring:
    if names is None:
        return wiring
    lines = tuple(line for line in wiring.settings.lines if line.id in names)
    unknown = sorted(names - {line.id for line in lines})
    if unknown:
        raise RefusedError(f"edge.toml has no line {', '.join(unknown)}")
    return Wiring(msgspec.structs.replace(wiring.settings, lines=lines), wiring.profiles)
