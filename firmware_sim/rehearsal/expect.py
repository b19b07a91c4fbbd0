"""What may be expected of a scenario, a Struct for each kind, and whether it was so. Pure.

Moments are event time in seconds since the start: when it happened on the floor, not when control heard of it.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, NamedTuple

from msgspec import Meta, Struct

from coldport.ids import Id
from coldport.messages.command import CommandReply, Stage
from coldport.messages.observation import Direction, Epc, Passage, Quality, Reading, Reason, Weighing, Weight
from coldport.messages.status import LinkState, LinkStatus
from firmware_sim.rehearsal.record import AlarmEvent, Moved, Record

SHOWN = 3
"""How many of what was seen are shown."""

Seconds = Annotated[float, Meta(ge=0)]
Count = Annotated[int, Meta(ge=0)]


class Finding(NamedTuple):
    """One expectation held against what was seen."""

    met: bool
    expected: str
    seen: str


class Window(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From when to when something is looked for, both ends included; without `to_s` to the end of the scenario."""

    from_s: Seconds = 0.0
    to_s: Seconds | None = None

    def holds(self, at_s: float) -> bool:
        """Tell whether a moment lies in it."""
        return self.from_s <= at_s and (self.to_s is None or at_s <= self.to_s)

    @property
    def text(self) -> str:
        """The window in words."""
        return f"from {self.from_s:g} s to {'the end' if self.to_s is None else f'{self.to_s:g} s'}"


class ExpectAlarm(Window, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="alarm"):
    """An alarm occurs, returns or is acknowledged in the window, and control has it on record by `recorded_by_s`."""

    definition: Id
    point: Id
    event: AlarmEvent = AlarmEvent.OCCUR
    recorded_by_s: Seconds | None = None

    def is_of(self, moved: Moved) -> bool:
        """Tell whether this is what was expected."""
        at_last_s = moved.recorded_s if self.recorded_by_s is None else self.recorded_by_s
        return (
            (moved.alarm.definition, moved.alarm.point, moved.event) == (self.definition, self.point, self.event)
            and self.holds(moved.at_s)
            and moved.recorded_s <= at_last_s
        )

    def look(self, record: Record) -> Finding:
        """Look for it."""
        late = "" if self.recorded_by_s is None else f", recorded by {self.recorded_by_s:g} s"
        expected = f"alarm {self.definition} of {self.point}: {self.event} {self.text}{late}"
        of_it = [
            one for one in record.moved if (one.alarm.definition, one.alarm.point) == (self.definition, self.point)
        ]
        return Finding(any(map(self.is_of, of_it)), expected, _alarms(of_it))


class ExpectNoAlarm(Window, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="no-alarm"):
    """No alarm occurs in the window: none of `definition`, none of `point`, or, without both, none at all."""

    definition: Id | None = None
    point: Id | None = None

    def look(self, record: Record) -> Finding:
        """Look for one that should not be there."""
        of_it = [
            one
            for one in record.moved
            if one.event is AlarmEvent.OCCUR
            and self.holds(one.at_s)
            and self.definition in (None, one.alarm.definition)
            and self.point in (None, one.alarm.point)
        ]
        what = f" {self.definition}" if self.definition else ""
        where = f" of {self.point}" if self.point else ""
        return Finding(not of_it, f"no alarm{what}{where} {self.text}", _alarms(of_it))


class ExpectPassages(Window, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="passages"):
    """From `least` to `most` tags go through a gate: those with `epc` and in `direction` where these are given."""

    gate: Id
    direction: Direction | None = None
    epc: Epc | None = None
    least: Count = 1
    most: Count | None = None

    def look(self, record: Record) -> Finding:
        """Count them."""
        of_it = [
            one
            for one in record.of(Passage)
            if one.point == self.gate
            and one.epc is not None
            and self.holds(record.seconds(one.observed_at))
            and self.direction in (None, one.direction)
            and self.epc in (None, one.epc)
        ]
        what = " ".join(filter(None, (self.epc, self.direction)))
        expected = f"{_count(self.least, self.most)} passages at {self.gate} {what} {self.text}".replace("  ", " ")
        shown = [f"{one.direction} at {record.seconds(one.observed_at):.1f} s" for one in of_it]
        return Finding(_enough(len(of_it), self.least, self.most), expected, _shown(shown))


class ExpectTruth(Window, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="true-passages"):
    """Of the tags that really go through a dock gate and answer, at least `share` are told, in the right direction.

    At most `wrong` are told to have gone another way than they did, or to have gone through when they did not.
    """

    gate: Id
    share: Annotated[float, Meta(gt=0, le=1)] = 0.95
    wrong: Count = 0

    def look(self, record: Record) -> Finding:
        """Hold every passage against the truth, and every truth against the passages."""
        truth = {(one.epc, one.direction) for one in record.crossings[self.gate]}
        told = [
            (one.epc, one.direction)
            for one in record.of(Passage)
            if one.point == self.gate and one.epc is not None and one.direction is not Direction.UNDETERMINED
        ]
        wrong = sum(one not in truth for one in told)
        crossed = [
            (one.epc, one.direction) for one in record.crossings[self.gate] if one.answers and self.holds(one.at_s)
        ]
        right = sum(one in told for one in crossed)
        met = right >= self.share * len(crossed) and bool(crossed) and wrong <= self.wrong
        expected = f"{self.share:.0%} of what goes through {self.gate} {self.text}, at most {self.wrong} wrong"
        return Finding(met, expected, f"{right} of {len(crossed)}, {wrong} wrong")


class ExpectWeighings(Window, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="weighings"):
    """From `least` to `most` loads are weighed, each to `within_kg` of what really stood on the scale.

    `reason` counts those that came to nothing for that reason instead.
    """

    scale: Id
    least: Count = 1
    most: Count | None = None
    within_kg: Annotated[float, Meta(gt=0)] | None = None
    reason: Reason | None = None

    def look(self, record: Record) -> Finding:
        """Count them, and hold each against the truth."""
        of_it = [
            one
            for one in record.of(Weighing)
            if one.point == self.scale and self.holds(record.seconds(one.observed_at)) and one.reason == self.reason
        ]
        off = [abs((one.gross_kg or one.net_kg or 0.0) - self._truth_kg(record, one)) for one in of_it]
        close = self.within_kg is None or all(error_kg <= self.within_kg for error_kg in off)
        met = close and _enough(len(of_it), self.least, self.most)
        why = f" {self.reason}" if self.reason else ""
        within = f", each within {self.within_kg:g} kg" if self.within_kg else ""
        expected = f"{_count(self.least, self.most)} weighings at {self.scale}{why} {self.text}{within}"
        worst = f", at most {max(off):.3f} kg off" if of_it and self.within_kg else ""
        return Finding(met, expected, f"{len(of_it)}{worst}")

    def _truth_kg(self, record: Record, weighing: Weighing) -> float:
        return record.load_kg(self.scale, record.seconds(weighing.observed_at))


class ExpectReadings(Window, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="readings"):
    """From `least` to `most` readings of a point, or weights of a scale.

    Counted are those of a `quality`, for a `reason`, with a value from `low` to `high`, where these are given.
    """

    point: Id
    quality: Quality | None = None
    reason: Reason | None = None
    low: float | None = None
    high: float | None = None
    least: Count = 1
    most: Count | None = None

    def look(self, record: Record) -> Finding:
        """Count them."""
        of_it = list(self._found(record))
        what = " ".join(filter(None, (self.quality, self.reason)))
        low = "" if self.low is None else f">= {self.low:g} "
        high = "" if self.high is None else f"<= {self.high:g} "
        expected = f"{_count(self.least, self.most)} readings of {self.point} {what} {low}{high}{self.text}"
        ends = f": {of_it[0]:.1f} s to {of_it[-1]:.1f} s" if of_it else ""
        return Finding(_enough(len(of_it), self.least, self.most), expected.replace("  ", " "), f"{len(of_it)}{ends}")

    def _found(self, record: Record) -> Iterator[float]:
        both: list[Reading | Weight] = [*record.of(Reading), *record.of(Weight)]
        for one in both:
            at_s = record.seconds(one.observed_at)
            if (
                one.point == self.point
                and self.holds(at_s)
                and self.quality in (None, one.quality)
                and self.reason in (None, one.reason)
                and self._in_range(one.value if isinstance(one, Reading) else one.gross_kg)
            ):
                yield at_s

    def _in_range(self, value: float | None) -> bool:
        if value is None:
            return self.low is None and self.high is None
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


class ExpectLink(Window, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="link"):
    """A line, or a `device` on it, goes up or down in the window, for a `reason` if that is given."""

    link: Id
    state: LinkState
    device: Id | None = None
    reason: Reason | None = None

    def look(self, record: Record) -> Finding:
        """Look for it."""
        of_it = [one for one in record.of(LinkStatus) if (one.link, one.device) == (self.link, self.device)]
        met = any(
            one.state is self.state and self.reason in (None, one.reason) and self.holds(record.seconds(one.since))
            for one in of_it
        )
        name = self.link if self.device is None else f"{self.link}/{self.device}"
        expected = f"{name} {self.state} {self.reason or ''} {self.text}".replace("  ", " ")
        shown = [f"{one.state} {one.reason or ''} at {record.seconds(one.since):.1f} s" for one in of_it]
        return Finding(met, expected, _shown([text.replace("  ", " ") for text in shown]))


class ExpectReply(Window, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="reply"):
    """The gateway says in the window that a command to `point` has come to `stage`, for a `reason` if that is given."""

    point: Id
    stage: Stage
    reason: Reason | None = None

    def look(self, record: Record) -> Finding:
        """Look for it."""
        of_it = [one for one in record.of(CommandReply) if one.point == self.point]
        met = any(
            one.stage is self.stage and self.reason in (None, one.reason) and self.holds(record.seconds(one.at))
            for one in of_it
        )
        expected = f"command to {self.point}: {self.stage} {self.reason or ''} {self.text}".replace("  ", " ")
        shown = [f"{one.stage} {one.reason or ''}".strip() + f" at {record.seconds(one.at):.1f} s" for one in of_it]
        return Finding(met, expected, _shown(shown, len(shown)))


Expectation = (
    ExpectAlarm
    | ExpectNoAlarm
    | ExpectPassages
    | ExpectTruth
    | ExpectWeighings
    | ExpectReadings
    | ExpectLink
    | ExpectReply
)


def judged(expectations: Sequence[Expectation], record: Record, *, nothing_else: bool) -> list[Finding]:
    """Hold what was expected against what was seen; with `nothing_else` every alarm that nobody expected counts."""
    findings = [one.look(record) for one in expectations]
    if nothing_else:
        alarms = [one for one in expectations if isinstance(one, ExpectAlarm)]
        others = [
            moved
            for moved in record.moved
            if moved.event is AlarmEvent.OCCUR and not any(one.is_of(moved) for one in alarms)
        ]
        findings.append(Finding(not others, "no other alarm", _alarms(others)))
    return findings


def _alarms(moves: Sequence[Moved]) -> str:
    return _shown([f"{one.alarm.definition} of {one.alarm.point} {one.event} at {one.at_s:.1f} s" for one in moves])


def _shown(seen: Sequence[str], count: int = SHOWN) -> str:
    more = f" and {len(seen) - count} more" if len(seen) > count else ""
    return ", ".join(seen[:count]) + more or "nothing"


def _enough(count: int, least: int, most: int | None) -> bool:
    return least <= count and (most is None or count <= most)


def _count(least: int, most: int | None) -> str:
    if most is None:
        return f"at least {least}"
    return str(least) if least == most else f"{least} to {most}"
