"""Which message travels where: one table. `docs/reference/asyncapi.yaml` is generated from it."""

from dataclasses import dataclass

import msgspec

from coldport.ids import DefinitionId, GatewayId, LinkId, PointId, SiteId
from coldport.messages.alarm import Alarm
from coldport.messages.command import Command, CommandReply
from coldport.messages.manifest import Manifest
from coldport.messages.observation import Batch, Receipt
from coldport.messages.status import Health, LinkStatus, Presence

ROOT = "coldport/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One row: the shape of the topic below `coldport/v1/{site}/`, what it carries, and how it is sent."""

    path: str
    message: type[msgspec.Struct]
    sender: str
    receiver: str
    retained: bool
    summary: str

    def filter(self, site: SiteId) -> str:
        """Return the topic filter that matches this row for every gateway, point and so on of the site."""
        parts = ["+" if part.startswith("{") else part for part in self.path.split("/")]
        return "/".join([ROOT, site, *parts])


OBSERVATIONS = Topic(
    path="observations/{gateway}",
    message=Batch,
    sender="edge",
    receiver="control",
    retained=False,
    summary="Readings, weights and tag reads of one gateway, numbered.",
)
RECEIPTS = Topic(
    path="receipts/{gateway}",
    message=Receipt,
    sender="control",
    receiver="edge",
    retained=False,
    summary="Control's journal holds a batch; the gateway may forget it.",
)
ALARMS = Topic(
    path="alarms/{point}/{definition}",
    message=Alarm,
    sender="control",
    receiver="anyone",
    retained=True,
    summary="The latest state of the latest occurrence of one alarm.",
)
LINKS = Topic(
    path="links/{gateway}/{link}",
    message=LinkStatus,
    sender="edge",
    receiver="control",
    retained=True,
    summary="A line to devices, or one device on it, is up or down.",
)
PRESENCE = Topic(
    path="presence/{process}",
    message=Presence,
    sender="every process",
    receiver="anyone",
    retained=True,
    summary="A process is on the bus; its will says when it is gone.",
)
HEALTH = Topic(
    path="health/{gateway}/{device}",
    message=Health,
    sender="edge",
    receiver="control",
    retained=True,
    summary="How well one device is heard.",
)
COMMANDS = Topic(
    path="commands/{gateway}",
    message=Command,
    sender="control",
    receiver="edge",
    retained=False,
    summary="Put an output to a value, before it is too late.",
)
REPLIES = Topic(
    path="replies/{gateway}",
    message=CommandReply,
    sender="edge",
    receiver="control",
    retained=False,
    summary="How far a command has come.",
)
MANIFESTS = Topic(
    path="manifests/{point}",
    message=Manifest,
    sender="control",
    receiver="edge",
    retained=True,
    summary="The tags of the load that is expected at a gate.",
)

TABLE: tuple[Topic, ...] = (
    OBSERVATIONS,
    RECEIPTS,
    ALARMS,
    LINKS,
    PRESENCE,
    HEALTH,
    COMMANDS,
    REPLIES,
    MANIFESTS,
)


def observations(site: SiteId, gateway: GatewayId) -> str:
    """Return the topic of a gateway's batches."""
    return f"{ROOT}/{site}/observations/{gateway}"


def receipts(site: SiteId, gateway: GatewayId) -> str:
    """Return the topic of the receipts for a gateway."""
    return f"{ROOT}/{site}/receipts/{gateway}"


def alarm(site: SiteId, point: PointId, definition: DefinitionId) -> str:
    """Return the topic of an alarm's retained state."""
    return f"{ROOT}/{site}/alarms/{point}/{definition}"


def link(site: SiteId, gateway: GatewayId, link_or_device: LinkId) -> str:
    """Return the topic of the retained state of a line or of a device."""
    return f"{ROOT}/{site}/links/{gateway}/{link_or_device}"


def presence(site: SiteId, process: str) -> str:
    """Return the topic of a process's retained presence and will."""
    return f"{ROOT}/{site}/presence/{process}"


def health(site: SiteId, gateway: GatewayId, device: str) -> str:
    """Return the topic of a device's retained health."""
    return f"{ROOT}/{site}/health/{gateway}/{device}"


def commands(site: SiteId, gateway: GatewayId) -> str:
    """Return the topic of the commands to a gateway."""
    return f"{ROOT}/{site}/commands/{gateway}"


def replies(site: SiteId, gateway: GatewayId) -> str:
    """Return the topic of a gateway's replies to commands."""
    return f"{ROOT}/{site}/replies/{gateway}"


def manifest(site: SiteId, point: PointId) -> str:
    """Return the topic of the retained manifest of a gate."""
    return f"{ROOT}/{site}/manifests/{point}"
