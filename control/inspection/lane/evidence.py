"""What was seen on one lane, in the order in which it happened, however it came in; and what belongs together.

A parcel is one weighing. What belongs to it is told by the time between: the windows of the lane.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from msgspec import Struct, field

from coldport.messages.observation import Moment, Passage, Weighing
from control.inspection.lane.acts import Imaged, Judged, Scanned
from control.inspection.lane.settings import Before, Lane
from control.inspection.lane.verdict import Verdict

REMEMBERED_S = 900.0
"""For so long what was seen is kept after its verdict: late evidence against it may still come."""
EVIDENCE_LIMIT = 5_000
"""Things of one kind remembered of one lane: an hour of the fastest lane, told all at once after an outage."""

Evidence = Weighing | Passage | Scanned | Imaged


class Heard(Struct):
    """Something that happened at `at` and that control knows of since `heard_at`."""

    at: Moment
    heard_at: Moment


class Weighed(Heard):
    """One presentation: a parcel stood on the scale from `at` on. `settles_at` is when something of it was heard last.

    `judged` is the verdict that stands of it, None before the first. `again`: evidence came after it.
    """

    presentation: str
    weighing: Weighing
    settles_at: Moment
    judged: str | None = None
    verdict: Verdict | None = None
    logistics_no: str | None = None
    again: bool = False


class Crossed(Heard):
    """A passage through the gate. `judged`: no weighing came for its tag, and that was said."""

    passage: Passage
    judged: bool = False


class Looked(Heard):
    """A scan or an image."""

    act: Scanned | Imaged


class Shown(Struct, frozen=True):
    """The verdict that the lane's lamps and diverter show: that of the newest presentation."""

    presentation: str
    presented_at: Moment
    verdict: Verdict
    at: Moment


class LaneState(Struct):
    """What is remembered of one lane; each list is in the order of `at`.

    What happened before `open_from` is settled; None: all is. At `awake_since` control started: what was not heard
    before that may have come while nobody listened.
    """

    weighed: list[Weighed] = field(default_factory=list)
    crossed: list[Crossed] = field(default_factory=list)
    scans: list[Looked] = field(default_factory=list)
    images: list[Looked] = field(default_factory=list)
    open_from: Moment | None = None
    shown: Shown | None = None
    awake_since: Moment | None = None


class Seen(Struct, frozen=True, kw_only=True):
    """All that was seen of one parcel. `tag_of_two`, `scan_of_two`: it may be another parcel's as well."""

    weighing: Weighing
    heard_at: Moment
    passages: tuple[Passage, ...] = ()
    scans: tuple[Scanned, ...] = ()
    images: tuple[Imaged, ...] = ()
    tag_of_two: bool = False
    scan_of_two: bool = False


Any = TypeVar("Any", bound=Heard)


def _at(one: Heard) -> datetime:
    return one.at


def between(some: Sequence[Any], since: datetime, until: datetime) -> Sequence[Any]:
    """Return what happened from `since` to `until`, both included."""
    return some[bisect_left(some, since, key=_at) : bisect_right(some, until, key=_at)]


def before(weighed: Weighed, some: Sequence[Any], window: Before) -> Sequence[Any]:
    """Return what happened in a window of a parcel's."""
    low, high = window
    return between(some, weighed.at - timedelta(seconds=high), weighed.at - timedelta(seconds=low))


def owners(lane: LaneState, at: datetime, window: Before) -> Sequence[Weighed]:
    """Return the parcels in whose window `at` lies."""
    low, high = window
    return between(lane.weighed, at + timedelta(seconds=low), at + timedelta(seconds=high))


def add(state: LaneState, lane: Lane, evidence: Evidence, heard_at: datetime) -> None:
    """Take in what was seen. Whose parcel it is, is told when a verdict is due."""
    if isinstance(evidence, Weighing):
        at = evidence.placed_at
        name = f"{lane.id}.{at:%Y%m%dT%H%M%S}{at.microsecond // 1000:03}-{evidence.number}"
        insort(state.weighed, Weighed(at, heard_at, name, evidence, heard_at), key=_at)
        _reopen(state, at)
        for window in (lane.gate_before_s, lane.scan_before_s, lane.image_before_s):
            _touch_neighbours(state, at, window, heard_at)
    elif isinstance(evidence, Passage):
        at = evidence.observed_at
        insort(state.crossed, Crossed(at, heard_at, evidence), key=_at)
        _reopen(state, at)
        _touch(state, owners(state, at, lane.gate_before_s), heard_at)
    else:
        is_scan = isinstance(evidence, Scanned)
        insort(state.scans if is_scan else state.images, Looked(evidence.at, heard_at, evidence), key=_at)
        _touch(state, owners(state, evidence.at, lane.scan_before_s if is_scan else lane.image_before_s), heard_at)
    _forget(state, heard_at)


def seen_of(state: LaneState, lane: Lane, weighed: Weighed) -> Seen:
    """Return all that was seen of a parcel."""
    crossed = before(weighed, state.crossed, lane.gate_before_s)
    scans = before(weighed, state.scans, lane.scan_before_s)
    images = before(weighed, state.images, lane.image_before_s)
    return Seen(
        weighing=weighed.weighing,
        heard_at=weighed.heard_at,
        passages=tuple(one.passage for one in crossed),
        scans=tuple(one.act for one in scans if isinstance(one.act, Scanned)),
        images=tuple(one.act for one in images if isinstance(one.act, Imaged)),
        tag_of_two=any(len(owners(state, one.at, lane.gate_before_s)) > 1 for one in crossed),
        scan_of_two=any(len(owners(state, one.at, lane.scan_before_s)) > 1 for one in scans)
        or any(len(owners(state, one.at, lane.image_before_s)) > 1 for one in images),
    )


def is_whole(seen: Seen, lane: Lane) -> bool:
    """Whether all that the lane asks for was seen; where it asks for neither tag nor scan, both."""
    either = not lane.tag_required and not lane.scan_required
    has_tag = any(one.epc is not None for one in seen.passages)
    return (
        (has_tag or not (lane.tag_required or either))
        and (bool(seen.scans) or not (lane.scan_required or either))
        and (bool(seen.images) or not lane.image_required)
    )


def due_at(state: LaneState, lane: Lane, weighed: Weighed) -> datetime:
    """Return when a parcel gets its verdict: when all is seen and nothing more came, or when patience is at its end.

    For what is missing no time counts in which control was away.
    """
    last = _waited_since(state, weighed) + timedelta(seconds=lane.patience_s)
    if not is_whole(seen_of(state, lane, weighed), lane):
        return last
    return min(last, weighed.settles_at + timedelta(seconds=lane.settle_s))


def lost_at(state: LaneState, lane: Lane, crossed: Crossed) -> datetime:
    """Return when no weighing is waited for any more that a tag could belong to; control's absence does not count."""
    return _waited_since(state, crossed) + timedelta(seconds=max(0.0, lane.gate_before_s[1]) + lane.patience_s)


def was_weighed(state: LaneState, lane: Lane, crossed: Crossed, logistics_no: str) -> bool:
    """Whether the parcel of a tag stood on the scale near its window, and was known there by its label."""
    low, high = (timedelta(seconds=bound) for bound in lane.gate_before_s)
    apart = timedelta(seconds=lane.apart_s)
    near = between(state.weighed, crossed.at + low - apart, crossed.at + high + apart)
    return any(one.logistics_no == logistics_no for one in near)


def open_weighed(state: LaneState) -> Sequence[Weighed]:
    """Return the parcels without a verdict, and those of which something came after it."""
    if state.open_from is None:
        return ()
    some = state.weighed[bisect_left(state.weighed, state.open_from, key=_at) :]
    return [one for one in some if one.judged is None or one.again]


def open_crossed(state: LaneState, lane: Lane) -> Sequence[Crossed]:
    """Return the tags that no weighing has come for yet."""
    if state.open_from is None:
        return ()
    some = state.crossed[bisect_left(state.crossed, state.open_from, key=_at) :]
    return [
        one
        for one in some
        if one.passage.epc is not None and not one.judged and not owners(state, one.at, lane.gate_before_s)
    ]


def mark(state: LaneState, judged: Judged) -> None:
    """Take in a verdict: it stands of its presentation, and is shown if none newer is."""
    at = judged.seen_at
    for weighed in state.weighed if at is None else between(state.weighed, at, at):
        if weighed.presentation == judged.presentation:
            weighed.judged, weighed.verdict, weighed.logistics_no = judged.id, judged.verdict, judged.logistics_no
            weighed.again = False
            at = weighed.at
    for crossed in between(state.crossed, at, at) if at is not None else ():
        if crossed.passage.epc is not None and judged.presentation.endswith(f"-{crossed.passage.epc}"):
            crossed.judged = True
    shown = state.shown
    if shown is not None and shown.presentation == judged.presentation:
        state.shown = Shown(shown.presentation, shown.presented_at, judged.verdict, judged.at)
    elif at is not None and (shown is None or at >= shown.presented_at):
        state.shown = Shown(judged.presentation, at, judged.verdict, judged.at)


def settle(state: LaneState, lane: Lane) -> None:
    """Move `open_from` on to the first thing that still waits."""
    waiting = [one.at for one in (*open_weighed(state)[:1], *open_crossed(state, lane)[:1])]
    state.open_from = min(waiting, default=None)


def _waited_since(state: LaneState, one: Heard) -> datetime:
    return one.heard_at if state.awake_since is None else max(one.heard_at, state.awake_since)


def _reopen(state: LaneState, at: datetime) -> None:
    state.open_from = at if state.open_from is None else min(at, state.open_from)


def _touch(state: LaneState, some: Sequence[Weighed], heard_at: datetime) -> None:
    for one in some:
        one.settles_at = max(one.settles_at, heard_at)
        if one.judged is not None:
            one.again = True
            _reopen(state, one.at)


def _touch_neighbours(state: LaneState, at: datetime, window: Before, heard_at: datetime) -> None:
    """A new parcel may make what another one was judged by a thing of two."""
    width = timedelta(seconds=window[1] - window[0])
    near = [one for one in between(state.weighed, at - width, at + width) if one.judged is not None]
    _touch(state, near, heard_at)


def _forget(state: LaneState, now: datetime) -> None:
    horizon = now - timedelta(seconds=REMEMBERED_S)
    if state.open_from is not None:
        horizon = min(horizon, state.open_from - timedelta(seconds=REMEMBERED_S))
    for some in (state.weighed, state.crossed, state.scans, state.images):
        if len(some) > EVIDENCE_LIMIT or (some and some[0].at < horizon - timedelta(seconds=60)):
            keep_from = max(bisect_left(some, horizon, key=_at), len(some) - EVIDENCE_LIMIT)
            del some[:keep_from]
