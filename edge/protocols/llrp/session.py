"""One connection to one reader as a state machine: bytes in, events out, no socket and no clock."""

from dataclasses import dataclass
from enum import StrEnum

from edge.protocols.llrp.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """How a gate's reader is set. Antennas count from 1; `power_dbm` None leaves the reader's own."""

    antennas: tuple[int, ...]
    power_dbm: float | None = None
    gen2_session: int = 1
    tag_population: int = 32
    keepalive_s: float = 2.0
    request_timeout_s: float = 5.0


class State(StrEnum):
    """Where a session is."""

    GREETING = "greeting"
    SETTING_UP = "setting-up"
    RUNNING = "running"
    STOPPING = "stopping"
    CLOSED = "closed"


class Session:
    """A client session; made when the TCP connection stands, used once. `now_s` is monotonic everywhere.

    The driver loop: send `take_outgoing()`; wait for bytes until `deadline_s`; call `receive` with them, or `tick` when
    the deadline passed; do what the events say; end after `Closed`.
    """

    def __init__(self, setup: Setup, now_s: float) -> None:
        """Wait for the reader to speak first."""
        self.setup = setup
        self.state = State.GREETING

    @property
    def deadline_s(self) -> float:
        """When `tick` must be called if nothing arrives before; infinite once closed."""
        raise NotImplementedError

    def receive(self, chunk: bytes, now_s: float) -> list[Event]:
        """Take what has arrived; return what it means, in order. Never raises for what a reader sends."""
        raise NotImplementedError

    def tick(self, now_s: float) -> list[Event]:
        """Tell that time has passed: a request may have timed out, the reader may be LOST."""
        raise NotImplementedError

    def stop(self, now_s: float) -> list[Event]:
        """Begin a clean stop: STOP, DELETE, CLOSE_CONNECTION. Go on with the loop until `Closed`."""
        raise NotImplementedError

    def hang_up(self, now_s: float) -> list[Event]:
        """Tell that the connection has ended; returns `Closed` unless it was told before."""
        raise NotImplementedError

    def take_outgoing(self) -> bytes:
        """Return what is to be sent, once. Ask after every other call."""
        raise NotImplementedError
