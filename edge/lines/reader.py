"""RFID readers, one a line, and the profiles of what they speak."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from coldport.ids import Id
from edge.lines.base import DeviceType, HttpPosts, HttpStream, Seconds, Serial, Tcp
from edge.lines.vendor import Mqtt
from edge.passage.settings import PassageSettings
from edge.protocols.uhf_reader import Family

Topic = Annotated[str, Meta(min_length=1, max_length=200)]


class ReaderProtocol(StrEnum):
    """What a reader speaks."""

    LLRP = "llrp"
    IMPINJ = "impinj-iot"
    ZEBRA = "zebra-iot-connector"
    UHF_READER = "uhf-reader"


class ReaderMode(StrEnum):
    """Whether a reader answers or sends by itself (UHFReader)."""

    ANSWER = "answer"
    PUSH = "push"


class Level(StrEnum):
    """The two levels of an input."""

    LOW = "low"
    HIGH = "high"


class RecordedReads(StrEnum):
    """Which tag reads of a gate are recorded."""

    ALL = "all"
    PASSAGES_ONLY = "passages-only"
    """None: they only make passages."""


class ReaderProfile(DeviceType, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="reader"):
    """A type of RFID reader.

    `negotiate` asks an LLRP reader for version 1.1. A reader that shows no life for `silent_s` is told as silent; leave
    it out where an empty gate and a dead reader look alike. `family`, `mode`, `scan_time_s` (how long one inventory
    lasts at most) and `rssi_zero_dbm` (what its RSSI byte 0 stands for, if that is known; -256 where the byte is dBm as
    a two's complement) are of UHFReaders.
    """

    protocol: ReaderProtocol
    negotiate: bool = False
    silent_s: Annotated[float, Meta(ge=1, le=86_400)] | None = None
    family: Family = Family.UHF288
    mode: ReaderMode = ReaderMode.ANSWER
    scan_time_s: Seconds = 1.0
    rssi_zero_dbm: Annotated[int, Meta(ge=-256, le=0)] | None = None


class ReaderLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="reader"):
    """One RFID reader; all its antennas belong to one gate.

    It is reached in one way: `tcp` or `serial`, `topics` of the site's broker or of that of `mqtt`, `http_stream` or
    `http_posts`. An LLRP reader that is silent for one and a half `keepalive_s` is given up; without `power_dbm` it
    keeps its own power; one that does not call itself `identity` is refused. `address` is that of a UHFReader.
    `beam_broken` is the level of the inputs of broken light barriers.
    """

    id: Id
    profile: str
    point: Id
    antennas: Annotated[tuple[Annotated[int, Meta(ge=1, le=65_535)], ...], Meta(min_length=1)]
    tcp: Tcp | None = None
    serial: Serial | None = None
    topics: Annotated[tuple[Topic, ...], Meta(max_length=8)] = ()
    mqtt: Mqtt | None = None
    http_stream: HttpStream | None = None
    http_posts: HttpPosts | None = None
    identity: Annotated[str, Meta(pattern="^([0-9a-f]{2}){1,32}$")] | None = None
    keepalive_s: Annotated[float, Meta(ge=0.2, le=60)] = 2.0
    power_dbm: Annotated[float, Meta(ge=0, le=33)] | None = None
    address: Annotated[int, Meta(ge=0, le=255)] = 255
    beam_broken: Level = Level.HIGH
    reads: RecordedReads = RecordedReads.ALL
    passages: PassageSettings | None = None

    @property
    def ways(self) -> dict[str, bool]:
        """The ways to reach a reader, and which the line has."""
        return {
            "tcp": self.tcp is not None,
            "serial": self.serial is not None,
            "topics": bool(self.topics),
            "http_stream": self.http_stream is not None,
            "http_posts": self.http_posts is not None,
        }
