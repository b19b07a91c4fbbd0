"""What a session tells its driver besides what every reader tells (`edge.protocols.reader_events`)."""

from dataclasses import dataclass

from edge.protocols.llrp.about import Capabilities
from edge.protocols.reader_events import ReaderEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """The reader has taken every setting and reads tags. Told at most once a session, before the first `TagRead`.

    `identity` is what the reader calls itself (its MAC or EPC, in hex), None when it does not tell.
    """

    capabilities: Capabilities
    identity: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedBusy:
    """The reader serves another client, or our own half-dead last connection. `Closed` follows; wait, then try again.

    `status` is that of its ConnectionAttemptEvent: 1 the reader has opened a connection itself, 2 a client has.
    """

    status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """The session is over: close the connection. Nothing comes after it.

    Reasons: `stopped` (we asked for it), `occupied` (after `RefusedBusy`), `refused` (the reader refused the connection
    or a setting), `wrong-device` (it does not call itself what `Setup.identity` says; nothing in it was changed),
    `timeout` (no greeting, no reply to a request, or a message that never ended), `silent` (the watchdog: LOST),
    `reader-closed`, `hang-up` (the connection fell), `stream-lost` (not LLRP), `rospec-ended` (the reader stopped
    reading).
    """

    reason: str
    text: str


Event = Connected | RefusedBusy | Closed | ReaderEvent
