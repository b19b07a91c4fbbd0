"""What each process may say and hear on the bus, by its name. Pure; the topics are those of `coldport.topics`."""

from collections.abc import Iterator

from msgspec import Struct

from coldport import topics
from coldport.ids import GatewayId, LinkId, SiteId
from coldport.messages.status import SIMULATOR
from edge.lines.gateway import EdgeSettings
from edge.lines.reader import ReaderLine
from edge.lines.vendor import UplinkLine

CONTROL, TECHNICIAN, BROKER = "control", "technician", "broker"

ROLES = (CONTROL, SIMULATOR, TECHNICIAN)
"""Processes that every site has once; any other name is a gateway's."""

ANY = "+"


class Permissions(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Topic filters that one process may publish to and subscribe to; nothing else."""

    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


def permissions_of(name: str, site: SiteId, edge: EdgeSettings | None) -> Permissions:
    """Return what the process called `name` may do; `edge` is what `edge.toml` says, if the site has one."""
    presence = topics.presence(site, name)
    vendors = tuple(sorted(set(_vendor_topics(edge)))) if edge is not None else ()
    if name == CONTROL:
        says = tuple(topic.filter(site) for topic in topics.TABLE if topic.sender == CONTROL)
        hears = (topic for topic in topics.TABLE if topic.receiver == CONTROL or topic in _OF_OTHERS)
        return Permissions(publish=(presence, *says), subscribe=tuple(topic.filter(site) for topic in hears))
    if name == TECHNICIAN:
        return Permissions(publish=(topics.COMMANDS.filter(site),), subscribe=(topics.REPLIES.filter(site),))
    if name == SIMULATOR:
        return Permissions(publish=(presence, *vendors), subscribe=())
    gateway = GatewayId(name)
    return Permissions(
        publish=(
            presence,
            topics.observations(site, gateway),
            topics.link(site, gateway, LinkId(ANY)),
            topics.health(site, gateway, ANY),
            topics.replies(site, gateway),
        ),
        subscribe=(
            topics.receipts(site, gateway),
            topics.commands(site, gateway),
            topics.MANIFESTS.filter(site),
            topics.presence(site, CONTROL),
            *(vendors if edge is not None and edge.gateway == name else ()),
        ),
    )


_OF_OTHERS = (topics.PRESENCE, topics.COMMANDS)
"""What control hears beside what is sent to it: who is there, and what was commanded from a desk."""


def _vendor_topics(edge: EdgeSettings) -> Iterator[str]:
    """Yield what the lines hear on the site's own broker: devices by radio, readers that publish."""
    for line in edge.lines:
        if isinstance(line, UplinkLine) and line.mqtt is None:
            yield f"{line.prefix or line.network.prefix}/#"
        elif isinstance(line, ReaderLine) and line.mqtt is None:
            yield from line.topics
