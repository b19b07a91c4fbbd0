"""Whether control lives, and whether the lines to the devices do."""

from importlib.metadata import version

import msgspec
from fastapi import APIRouter

from coldport.errors import UnavailableError
from control.access.party import Scope
from control.api.access.policy import needs
from control.api.context import InContext
from control.api.schemas import DeviceView, HealthView, LinkView, ProcessView


class StreamStoppedError(UnavailableError):
    """The live stream has ended by a bug, so that no page lives any more. Control must be started anew."""

    code = "stream-stopped"


router = APIRouter(tags=["status"])


@router.get("/healthz", dependencies=[needs(Scope.SITE_READ, platform=False)])
async def get_health(context: InContext) -> HealthView:
    """Answer while control's loop turns and its live stream runs; a supervisor restarts it otherwise."""
    if not context.hub.running:
        raise StreamStoppedError("the live stream has stopped; control's log says why")
    desk = context.desk
    return HealthView(
        status="ok",
        version=version("coldport"),
        site=desk.site.id,
        now=desk.now(),
        journal_entries=desk.journal_last(),
        processes=tuple(ProcessView(process=p.process, online=p.online, since=p.since) for p in desk.presences()),
    )


@router.get("/api/v1/links", dependencies=[needs(Scope.SITE_READ)])
async def get_links(context: InContext) -> list[LinkView]:
    """List every line and device with its newest state."""
    return [
        LinkView(
            gateway=link.gateway,
            link=link.link,
            device=link.device,
            state=link.state,
            since=link.since,
            reason=link.reason,
        )
        for link in context.desk.links()
    ]


@router.get("/api/v1/devices", dependencies=[needs(Scope.SITE_READ)])
async def get_devices(context: InContext) -> list[DeviceView]:
    """List every device that has been asked or heard since its gateway started, with how well it is heard."""
    return [DeviceView(**msgspec.structs.asdict(health)) for health in context.desk.devices()]
