"""A running ROSpec: tag reads gathered into reports, which leave when the client wanted them to."""

from dataclasses import dataclass

from firmware_sim.devices.device import TagRead
from firmware_sim.servers.llrp.rospec import EACH_SPEC, WHOLE_ROSPEC, Content, RoSpec
from firmware_sim.servers.llrp.stamps import Stamps
from firmware_sim.servers.llrp.wire import tlv, tv, u16, u32

WAITING_LIMIT = 4096
"""Tags that wait for a report; past it new ones are dropped, as a reader's report buffer overflows."""

TAGS_AT_ONCE = 256
"""Tags in one message, which keeps it below 20 KiB."""

SEEN_COUNT_LIMIT = 0xFFFF


@dataclass(slots=True)
class _Tally:
    """One tag on one antenna since the last report."""

    first: TagRead
    last: TagRead
    peak_dbm: int
    count: int = 1


class Inventory:
    """Gathers the reads of one ROSpec. Reports are returned as bodies of RO_ACCESS_REPORT, ready to be sent."""

    def __init__(self, spec: RoSpec, stamps: Stamps, now_s: float) -> None:
        """Begin at `now_s`; `stamps` is the reader's clock."""
        self.spec = spec
        self.overflowed = False
        self._stamps = stamps
        self._began_s = now_s
        self._ai_began_s = now_s
        self._observations = 0
        self._waiting: dict[tuple[bytes, int], _Tally] = {}

    def add(self, read: TagRead, now_s: float) -> list[bytes]:
        """Take a read; return the reports it makes due."""
        spec = self.spec
        if not spec.covers(read.antenna):
            return []
        key = (read.epc, read.antenna if spec.content & Content.ANTENNA else 0)
        tally = self._waiting.get(key)
        if tally is not None:
            tally.last = read
            tally.peak_dbm = max(tally.peak_dbm, read.rssi_dbm)
            tally.count = min(SEEN_COUNT_LIMIT, tally.count + 1)
        elif len(self._waiting) < WAITING_LIMIT:
            self._waiting[key] = _Tally(read, read, read.rssi_dbm)
        else:
            self.overflowed = True
        self._observations += 1
        reports: list[bytes] = []
        if spec.report_trigger and spec.report_every and len(self._waiting) >= spec.report_every:
            reports += self.flush()
        if spec.ai_stop_tags is not None and self._observations >= spec.ai_stop_tags:
            reports += self._end_of_spec(now_s)
        return reports

    def tick(self, now_s: float) -> list[bytes]:
        """Let time end the AISpec; it begins anew, because nothing but its trigger ends the ROSpec."""
        if self.spec.ai_stop_s is not None and now_s - self._ai_began_s >= self.spec.ai_stop_s:
            return self._end_of_spec(now_s)
        return []

    def over(self, now_s: float) -> bool:
        """Tell whether the ROSpec's own stop trigger has come."""
        return self.spec.stop_s is not None and now_s - self._began_s >= self.spec.stop_s

    def end(self) -> list[bytes]:
        """Return the last report of the ROSpec."""
        return self.flush() if self.spec.report_trigger in (EACH_SPEC, WHOLE_ROSPEC) else []

    def flush(self) -> list[bytes]:
        """Return everything that waits; an empty list when nothing does."""
        tags = [self._tag(tally) for tally in self._waiting.values()]
        self._waiting.clear()
        self.overflowed = False
        return [b"".join(tags[at : at + TAGS_AT_ONCE]) for at in range(0, len(tags), TAGS_AT_ONCE)]

    def _end_of_spec(self, now_s: float) -> list[bytes]:
        self._ai_began_s, self._observations = now_s, 0
        return self.flush() if self.spec.report_trigger == EACH_SPEC else []

    def _tag(self, tally: _Tally) -> bytes:
        """Return a TagReportData (240) with the fields the client selected, in the standard's order."""
        first, last, spec = tally.first, tally.last, self.spec
        fields = (
            (Content.ROSPEC, tv(9, u32(spec.number))),
            (Content.SPEC_INDEX, tv(14, u16(1))),
            (Content.INVENTORY, tv(10, u16(spec.inventory))),
            (Content.ANTENNA, tv(1, u16(last.antenna))),
            (Content.PEAK_RSSI, tv(6, tally.peak_dbm.to_bytes(1, "big", signed=True))),
            (Content.CHANNEL, tv(7, u16(last.channel))),
            (Content.FIRST_SEEN, self._stamps.first_seen(first.at_s)),
            (Content.LAST_SEEN, self._stamps.last_seen(last.at_s)),
            (Content.SEEN_COUNT, tv(8, u16(tally.count))),
            (Content.ACCESSSPEC, tv(16, u32(0))),
        )
        epc = tv(13, first.epc)
        return tlv(240, epc, *(field for bit, field in fields if spec.content & bit))
