"""What a session tells its driver. Moments are ages in seconds when the bytes came: the wall clock is the driver's."""

from dataclasses import dataclass

from edge.protocols.llrp.replies import Capabilities


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """The reader has taken every setting and reads tags. Told at most once a session, before the first `TagRead`.

    `identity` is what the reader calls itself (its MAC or EPC, in hex), None when it does not tell.
    """

    capabilities: Capabilities
    identity: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TagRead:
    """One report of one tag by one antenna.

    `epc` is upper-case hex, whole words of 16 bits. `age_s` is how long before the arrival of the report the tag was
    first seen, never negative; 0 when the reader gave no timestamp. `count` is how often it was seen since.
    """

    epc: str
    antenna: int
    rssi_dbm: int | None
    age_s: float
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GpiEvent:
    """A general purpose input changed: a light barrier, a button. Ports count from 1."""

    port: int
    high: bool
    age_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AntennaEvent:
    """An antenna was connected or disconnected. Antennas count from 1."""

    antenna: int
    connected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedBusy:
    """The reader serves another client, or our own half-dead last connection. `Closed` follows; wait, then try again.

    `status` is that of its ConnectionAttemptEvent: 1 the reader has opened a connection itself, 2 a client has.
    """

    status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderProblem:
    """Something is wrong and the session goes on. `reason` is for machines (`[a-z0-9-]`), `text` for people.

    Reasons: `malformed` (what cannot be read was passed over), `message-too-long`, `unknown-message`, `error-message`,
    `reader-exception`, `buffer-filling`, `buffer-overflow` (tag reads were lost in the reader), `another-client`
    (somebody else tried to connect), `setting-refused` (one we can do without).
    """

    reason: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """The session is over: close the connection. Nothing comes after it.

    Reasons: `stopped` (we asked for it), `occupied` (after `RefusedBusy`), `refused` (the reader refused the connection
    or a setting), `timeout` (no greeting, no reply to a request, or a message that never ended), `silent` (the
    watchdog: LOST), `reader-closed`, `hang-up` (the connection fell), `stream-lost` (not LLRP), `rospec-ended` (the
    reader stopped reading).
    """

    reason: str
    text: str


Event = Connected | TagRead | GpiEvent | AntennaEvent | RefusedBusy | ReaderProblem | Closed
