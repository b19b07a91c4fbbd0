"""What readers tell, whatever they speak. Moments are ages in seconds at arrival: the wall clock is the driver's."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TagRead:
    """One report of one tag by one antenna.

    `epc` is upper-case hex, whole words of 16 bits. `age_s` is how long before the arrival of the report the tag was
    first seen, never negative; 0 when the reader gave no timestamp. `count` is how often it was seen since.
    """

    epc: str
    antenna: int
    rssi_dbm: float | None
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
class InventoryEvent:
    """The reader has begun or ended to read tags."""

    running: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LostEvent:
    """Tag reads were lost in the reader or on the way from it; `count` is how many, None when nobody knows."""

    count: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderProblem:
    """Something is wrong and reading goes on. `reason` is for machines (`[a-z0-9-]`), `text` for people.

    Reasons: `malformed` (what cannot be read was passed over), `message-too-long`, `unknown-message`, `error-message`,
    `reader-exception`, `buffer-filling`, `buffer-overflow` (tag reads were lost in the reader), `another-client`
    (somebody else tried to connect), `setting-refused` (one we can do without), `reads-missing`
    (numbers have a gap), `crc`, `status-XX` (a UHFReader refused).
    """

    reason: str
    text: str


ReaderEvent = TagRead | GpiEvent | AntennaEvent | InventoryEvent | LostEvent | ReaderProblem
