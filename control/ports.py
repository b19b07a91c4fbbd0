"""What control needs from outside, and what it offers its own HTTP border. Adapters are named for their technology."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from coldport.ids import AlarmId, GatewayId, PointId
from coldport.messages.alarm import Alarm, Suppressed
from coldport.messages.observation import Quality
from coldport.messages.status import Health, LinkStatus, Presence
from coldport.site import Site
from control.access.acts import AccessAct
from control.access.register import Access
from control.alarms.pending import Pending
from control.entries import Acted, Content, Entry, Mark
from control.exposure.custody import LotAct, LotStated
from control.exposure.lots import Lot
from control.inspection.floor import Floor, FloorAct
from control.passport.acts import PassportAct
from control.passport.passports import Passports


class Journal(Protocol):
    """The append-only record of a site. It has one writer. Entries are numbered 1, 2, 3 without a gap."""

    def append(self, recorded_at: datetime, contents: Sequence[Content]) -> Sequence[Entry]:
        """Make `contents` durable in one transaction, each `Observed` with its mark, and number them.

        Raises:
            UnavailableError: The disk is full or failing; nothing was appended.
        """
        ...

    def read(self, after: int, limit: int) -> Sequence[Entry]:
        """Return entries with numbers above `after`, oldest first, at most `limit`. Any thread may call this."""
        ...

    def events(self, after: int, limit: int) -> Sequence[Entry]:
        """Return entries above `after` that are neither observations nor ticks, at most `limit`; from any thread."""
        ...

    def about(self, subject: str, limit: int) -> Sequence[Entry]:
        """Return the last entries, at most `limit`, that are about a subject (`control.subjects`), the newest first.

        Of a journal that was begun before subjects were listed, only later entries are found. Any thread may call this.
        """
        ...

    def last(self) -> int:
        """Return the number of the newest entry; 0 when there is none."""
        ...

    def hashes(self, after: int, limit: int) -> Sequence[bytes]:
        """Return the chain hashes of entries above `after`, oldest first, at most `limit`. Any thread may call this."""
        ...

    def marks(self, gateway: GatewayId, boot_id: str, first_seq: int, last_seq: int) -> Sequence[Mark]:
        """Return the marks that overlap a range of sequence numbers, in order."""
        ...

    def highest_seq(self, gateway: GatewayId, boot_id: str) -> int:
        """Return the highest sequence number on record of a gateway's spool; 0 when there is none."""
        ...

    def save_snapshot(self, number: int, state: bytes) -> None:
        """Keep the state that folding entries 1..number gives, replacing an older snapshot."""
        ...

    def load_snapshot(self) -> tuple[int, bytes] | None:
        """Return the newest snapshot, or None."""
        ...


@dataclass(frozen=True, slots=True)
class Sample:
    """One value as the historian keeps it. A bad one has no value and still marks where knowledge ended.

    `observed_at` is kept to the millisecond. At one moment a point has one sample: of several the last written stands
    (VictoriaMetrics: any one of them).
    """

    point: PointId
    observed_at: datetime
    value: float | None
    quality: Quality


@dataclass(frozen=True, slots=True)
class Bucket:
    """Statistics of the good and uncertain samples with `start <= observed_at < end`. `count` 0 has no others.

    `minimum`, `mean` and `maximum` are plain statistics of the samples; `covered_s` is for how many seconds of the
    bucket the value was known: each sample is held until the next one, at most three of the point's intervals.
    """

    start: datetime
    end: datetime
    count: int
    bad: int
    covered_s: float
    minimum: float | None = None
    mean: float | None = None
    maximum: float | None = None


class Historian(Protocol):
    """The measurement series, fed by following the journal; it can be rebuilt from it. Every method may block."""

    def applied(self) -> int:
        """Return the journal number up to which every sample is in; 0 at first."""
        ...

    def write(self, through: int, samples: Sequence[Sample]) -> None:
        """Take in the samples of the entries after `applied()` up to `through`; a repeat changes nothing.

        Raises:
            UnavailableError: The store is away; `applied()` may have gone back, and says where to go on.
        """
        ...

    def buckets(self, point: PointId, start: datetime, end: datetime, count: int, *, hold_s: float) -> Sequence[Bucket]:
        """Cut `start..end` into `count` equal buckets and return each, empty ones included.

        Args:
            point: Whose series.
            start: First moment, included.
            end: Last moment, excluded.
            count: 1 to 2,000. The buckets differ by at most one millisecond in length, and none is shorter than that.
            hold_s: How long a sample stands for the value when no other follows.

        Raises:
            UnavailableError: The store is away.
            RefusedError: The range cannot be cut so, or holds more samples than the store will look at.
        """
        ...

    def samples(self, point: PointId, start: datetime, end: datetime) -> Sequence[Sample]:
        """Return a point's samples with `start <= observed_at < end`, oldest first, at each moment one.

        Raises:
            UnavailableError: The store is away.
            RefusedError: The range is empty or holds more than 200,000 samples: ask for it in parts.
        """
        ...

    def close(self) -> None:
        """Release the store."""
        ...


@dataclass(frozen=True, slots=True)
class Latest:
    """The newest observation of a point. `value` of a scale is its net mass, else its gross; tags have none."""

    point: PointId
    observed_at: datetime
    recorded_at: datetime
    value: float | None
    quality: Quality
    reason: str | None = None
    stable: bool | None = None
    epc: str | None = None


class Desk(Protocol):
    """What the HTTP border may ask of control. Every method is quick and runs on the event loop."""

    @property
    def site(self) -> Site:
        """The site as its files say."""
        ...

    def now(self) -> datetime:
        """Return control's clock."""
        ...

    def version(self) -> int:
        """Return a number that rises with every change below; the live stream sends what changed since."""
        ...

    def latest(self) -> dict[PointId, Latest]:
        """Return the newest observation of every point that has one."""
        ...

    def changed_points(self, since: int) -> Sequence[PointId]:
        """Return points whose latest changed after `version` was `since`."""
        ...

    def alarms(self) -> Sequence[Alarm]:
        """Return occurrences that still want attention, and the last 50 that became normal; newest last."""
        ...

    def acknowledge(self, alarm: AlarmId, by: str, comment: str | None) -> Alarm:
        """Acknowledge one occurrence; once more by anyone is a no-op that returns the alarm as it stands.

        Raises:
            NotFoundError: No such occurrence.
            RefusedError: It is normal already without ever having been acknowledged by hand.
        """
        ...

    def act(self, acted: Acted) -> Alarm:
        """Do something about one occurrence, and return it as it stands; what is so already is no error.

        Raises:
            NotFoundError: No such occurrence.
            RefusedError: It is not the moment for it, or something is missing.
        """
        ...

    def suppress(self, acted: Acted) -> Suppressed | None:
        """Put an alarm aside, take it out of service, or back; return how it is suppressed then.

        Raises:
            NotFoundError: No such alarm.
            RefusedError: It is not the moment for it, something is missing, or a second person was not asked.
        """
        ...

    def suppressions(self) -> Mapping[str, Suppressed]:
        """Return every alarm that is suppressed and how, by `definition.point`."""
        ...

    def pending(self) -> Sequence[Pending]:
        """Return the conditions whose delay is running."""
        ...

    def lots(self) -> Sequence[Lot]:
        """Return the lots in the house and the last 1,000 that left, in the order in which they came."""
        ...

    def lot(self, name: str) -> Lot:
        """Return one lot; raises NotFoundError."""
        ...

    def take_lot(self, act: LotAct) -> Lot:
        """Put on record that a lot was received, moved or shipped, and return it as it stands.

        Raises:
            NotFoundError: No such lot or zone.
            RefusedError: It contradicts what is on record.
        """
        ...

    @property
    def access(self) -> Access:
        """The parties, their keys, and what they share."""
        ...

    @property
    def floor(self) -> Floor:
        """The inspection centre, to be read."""
        ...

    def about(self, subject: str, limit: int) -> Sequence[Entry]:
        """Return the last entries about a subject, the newest first; see `Journal.about`."""
        ...

    @property
    def passports(self) -> Passports:
        """The product passports, to be read."""
        ...

    def record(self, *acts: AccessAct | FloorAct | PassportAct) -> Sequence[Content]:
        """Put on record what somebody did, and return what followed from it.

        Several acts, of which none rests on another, are on record together or not at all.

        Raises:
            NotFoundError: It names what is not there.
            RefusedError: It contradicts what is on record.
        """
        ...

    def state_lot(self, stated: LotStated) -> None:
        """Put on record that somebody signed off what a lot suffered here."""
        ...

    def links(self) -> Sequence[LinkStatus]:
        """Return the newest state of every line and device."""
        ...

    def devices(self) -> Sequence[Health]:
        """Return how well every device is heard that has said so."""
        ...

    def presences(self) -> Sequence[Presence]:
        """Return the newest presence of every process."""
        ...

    def journal_last(self) -> int:
        """Return the number of the journal's newest entry."""
        ...
