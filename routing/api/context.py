"""What a route needs, made once by `create_app`; and documents, read in threads."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, cast

from fastapi import Depends
from starlette.requests import HTTPConnection

from coldport.clock import Clock
from routing.beside import Beside
from routing.jobs.office import Office
from routing.model import Instance
from routing.network_settings import Network
from routing.plan_log.documents import unpack
from routing.result import Plan


@dataclass(slots=True, kw_only=True)
class Context:
    """The parts behind the routes. `networks` are those that tables of consignments can be put onto, by name."""

    office: Office
    networks: Mapping[str, Network]
    clock: Clock
    streams: int = 0
    besides: dict[str, Beside] = field(default_factory=dict)
    """The plans that were asked about last, the oldest first."""
    heavy: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    """One thing that takes a core for long (judging, pricing, writing a workbook) at a time: the rest waits."""

    async def instance(self, digest: str) -> Instance:
        """Return an instance; raises NotFoundError."""
        self.office.ledger.board.loaded(digest)
        packed = await asyncio.to_thread(self.office.ledger.log.document, digest)
        return await asyncio.to_thread(unpack, packed, Instance)

    async def plan(self, digest: str) -> tuple[Instance, Plan]:
        """Return a plan and the instance it answers; raises NotFoundError."""
        kept = self.office.ledger.board.plan(digest)
        packed = await asyncio.to_thread(self.office.ledger.log.document, digest)
        plan = await asyncio.to_thread(unpack, packed, Plan)
        return await self.instance(kept.instance), plan


def _context(connection: HTTPConnection) -> Context:
    return cast(Context, connection.app.state.context)


InContext = Annotated[Context, Depends(_context)]
