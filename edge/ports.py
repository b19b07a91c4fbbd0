"""What the agent needs of the outside: bytes from a line, a durable spool, a place for observations and states.

Adapters are built in `edge.main` only; each has a memory twin that the tests run on.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from coldport.bus import Bus
from coldport.clock import Clock
from coldport.errors import UnavailableError
from coldport.ids import LinkId, PointId
from coldport.messages.command import Command, CommandReply
from coldport.messages.manifest import Manifest
from coldport.messages.observation import Observation
from edge.lines.base import HttpPosts, HttpStream, Serial, Tcp
from edge.lines.vendor import Mqtt
from edge.protocols.modbus import Request


class LinkDownError(UnavailableError):
    """The line is not there: unplugged, refused, closed by the other side. `reason` goes on the wire."""

    code = "link-down"

    def __init__(self, message: str, reason: str = "link-down") -> None:
        """Say what happened; `reason` matches `coldport.messages.observation.Reason`."""
        super().__init__(message)
        self.reason = reason


class SpoolFullError(UnavailableError):
    """The spool holds its limit and is set to stop reading."""

    code = "spool-full"


class Link(Protocol):
    """A line to one or several devices, as bytes. It is opened, used, closed, and can be opened again."""

    async def open(self) -> None:
        """Take the line.

        Raises:
            LinkDownError: It is missing, refused, or in use by somebody else.
        """
        ...

    async def close(self) -> None:
        """Give the line back; a second call changes nothing."""
        ...

    async def read(self, timeout_s: float) -> bytes:
        """Return what has arrived, waiting for at least one byte; empty when `timeout_s` passed without one.

        Raises:
            LinkDownError: The line is gone, and every byte that came before has been returned.
        """
        ...

    async def write(self, data: bytes) -> None:
        """Send `data` whole.

        Raises:
            LinkDownError: The line is gone.
        """
        ...

    def discard(self) -> None:
        """Forget what has arrived and was not read: a late answer must not be taken for the next one."""
        ...


class Feed(Protocol):
    """Where a device puts its messages: topics of a broker, a stream or posts over HTTP. It can be opened again."""

    @property
    def whole(self) -> bool:
        """Whether each `read` returns one whole message, or whatever has arrived of a stream."""
        ...

    async def open(self) -> None:
        """Begin to listen.

        Raises:
            LinkDownError: It refused, or is not there.
        """
        ...

    async def close(self) -> None:
        """Listen no more; a second call changes nothing."""
        ...

    async def read(self, timeout_s: float) -> bytes:
        """Return what has come, waiting for it; empty when `timeout_s` passed, or what came is of no use.

        Raises:
            LinkDownError: It has ended, and everything that came before has been returned.
        """
        ...


class Links(Protocol):
    """Makes the links of lines; none is opened yet."""

    def serial(self, serial: Serial) -> Link:
        """Return a link over a serial port."""
        ...

    def tcp(self, tcp: Tcp) -> Link:
        """Return a link over a TCP connection."""
        ...

    def bus(self, line: LinkId, mqtt: Mqtt | None, filters: Sequence[str]) -> AbstractAsyncContextManager[Bus]:
        """Return a session on the site's broker, or on that of `mqtt`, which listens to `filters`; `line` names it."""
        ...

    def http_stream(self, line: LinkId, http: HttpStream) -> Feed:
        """Return the endless answer of a reader; its password is a secret named for `line`."""
        ...

    def http_posts(self, posts: HttpPosts) -> Feed:
        """Return what is posted to us."""
        ...


class Spool(Protocol):
    """Observations on their way to control, numbered and durable. Its numbering belongs to one `boot_id` for ever."""

    @property
    def boot_id(self) -> str:
        """32 hexadecimal digits made when the spool was created."""
        ...

    @property
    def limit(self) -> int:
        """Observations that it holds at most."""
        ...

    @property
    def held(self) -> int:
        """Observations in it that no receipt has covered."""
        ...

    @property
    def last(self) -> int:
        """The highest number ever given; 0 when there is none."""
        ...

    @property
    def dropped(self) -> int:
        """Observations given up because the spool was full, since it was created."""
        ...

    @property
    def dropped_reads(self) -> int:
        """How many of `dropped` were raw tag reads: they go first, because passages say what they meant."""
        ...

    async def append(self, observations: Sequence[Observation]) -> None:
        """Number the observations in their order, from one past the last number ever given, and make them durable.

        A full spool set to drop gives up its oldest raw tag reads, and only when it has no more of them its oldest.

        The numbers that they carry are replaced; nothing else in them is touched. All are taken or none.

        Raises:
            UnavailableError: The disk is full or failing, or the spool is full and set to stop reading.
        """
        ...

    async def after(self, seq: int, limit: int) -> Sequence[Observation]:
        """Wait until there is an observation numbered above `seq`, then return the lowest `limit` of them in order."""
        ...

    async def between(self, first: int, last: int) -> Sequence[Observation]:
        """Return what is still held of the numbers `first..last`, in order, without waiting."""
        ...

    async def forget(self, first: int, last: int) -> None:
        """Delete the numbers `first..last`; numbers that are not held are no error."""
        ...

    async def close(self) -> None:
        """Release the file."""
        ...


class Sink(Protocol):
    """Where drivers put what they saw."""

    async def record(self, observations: Sequence[Observation]) -> None:
        """Take observations; waits while the way to the spool is full, so that reading slows down."""
        ...


class Board(Protocol):
    """Where drivers say how their lines and devices do."""

    def up(self, link: LinkId, device: str | None = None) -> None:
        """Say that a line, or a device on it, answers."""
        ...

    def down(self, link: LinkId, reason: str, device: str | None = None) -> None:
        """Say that a line, or a device on it, does not answer, and why."""
        ...


class HealthLog(Protocol):
    """Where drivers say how well they hear each device; that of a line with one device is named as the line."""

    def frame(
        self, link: LinkId, device: str, *, rssi_dbm: int | None = None, battery_percent: float | None = None
    ) -> None:
        """Say that something was read of a device; what is known of its radio and battery, if it has them."""
        ...

    def error(self, link: LinkId, device: str, reason: str) -> None:
        """Say that something of a device was spoiled, refused or not answered, and why."""
        ...


@dataclass(frozen=True, slots=True)
class Outlet:
    """What every driver has around it: where to put what it saw, where to say how line and device do, and the time."""

    sink: Sink
    board: Board
    clock: Clock
    health: HealthLog


@dataclass(frozen=True, slots=True)
class Taken:
    """A command that was taken in, and the latest stage it has come to."""

    command: Command
    reply: CommandReply


class Ledger(Protocol):
    """The commands of the last day and how far each has come, durable. It holds a limited number, the newest."""

    async def find(self, command_id: str) -> Taken | None:
        """Return what is known of a command."""
        ...

    async def keep(self, taken: Taken) -> None:
        """Make the stage of a command durable, in place of the one before.

        Raises:
            UnavailableError: The disk is full or failing.
        """
        ...

    async def unfinished(self) -> Sequence[Taken]:
        """Return the commands that have not ended, oldest first."""
        ...

    async def close(self) -> None:
        """Release the file."""
        ...


class Source(Protocol):
    """One line of the site being read: what the agent runs, one task each."""

    @property
    def name(self) -> LinkId:
        """The line's id."""
        ...

    async def run(self) -> None:
        """Read for ever; when cancelled, give the line back."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """What an output may be put to, both ends included; `step` is the finest difference the device can show."""

    minimum: float
    maximum: float
    step: float


@runtime_checkable
class Actuator(Protocol):
    """A source that can move something as well: the outputs of its line."""

    @property
    def outputs(self) -> Mapping[PointId, Limits]:
        """The points it can put to a value, and within which limits."""
        ...

    async def put(self, point: PointId, value: float) -> float:
        """Put an output to an absolute value, in the unit of its point, and return what the device then says it is at.

        Raises:
            FrameError: The device did not answer, or refused.
            LinkDownError: The line is gone; nothing was moved if it was gone before.
        """
        ...


@runtime_checkable
class Checkpoint(Protocol):
    """A source that can hold what passes it against a manifest."""

    @property
    def point(self) -> PointId:
        """The gate."""
        ...

    def expect(self, manifest: Manifest) -> None:
        """Hold what comes in against this manifest from now on; the same one again changes nothing."""
        ...


class Master(Protocol):
    """The asking side of a Modbus line."""

    async def open(self) -> None:
        """Take the line; raises LinkDownError as `Link.open` does."""
        ...

    async def close(self) -> None:
        """Give the line back."""
        ...

    async def ask(self, unit: int, request: Request) -> Sequence[int]:
        """Ask one unit once and return what it says, as the request's class describes.

        It takes the time-out at most, and the time that the bytes need on the wire.

        Raises:
            FrameError: No answer in time (`timeout`), one that cannot be read, or an exception reply.
            LinkDownError: The line is gone.
        """
        ...

    async def idle(self, duration_s: float) -> None:
        """Leave the line alone for so long.

        Raises:
            LinkDownError: The line is gone; said at once, not at the next read.
        """
        ...
