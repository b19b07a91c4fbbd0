"""What must not matter to a gate: hour, names of tags, which side is called inside, the order of one moment, and
when it is asked.
"""

from collections import defaultdict
from datetime import timedelta
from random import Random

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coldport.messages.observation import Direction
from edge.passage.engine import Passages
from edge.passage.events import BeamChanged, TagSeen
from edge.passage.neighbours import Neighbours

few = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
MIRRORED = {Direction.IN: Direction.OUT, Direction.OUT: Direction.IN, Direction.UNDETERMINED: Direction.UNDETERMINED}


@st.composite
def traffic(draw):
    """Two pallets of a few boxes, either way and near each other, a shelf tag, and noise on every level."""
    first = draw(st.floats(8, 12))
    return {
        "ways": draw(st.tuples(st.sampled_from([1, -1]), st.sampled_from([1, -1]))),
        "crossings": (first, first + draw(st.floats(0, 6))),
        "speeds": draw(st.tuples(st.floats(0.5, 2), st.floats(0.5, 2))),
        "seed": draw(st.integers(0, 10_000)),
    }


def events_of(kit, drawn):
    dice = Random(drawn["seed"])
    events = kit.floor.tag("E200" * 6, lambda _: 3.0, 0, 30)
    for number in (0, 1):
        boxes = [f"3034257BF7194E4000{number:02X}00{box:02X}" for box in range(4)]
        events += kit.floor.pallet(drawn["ways"][number], drawn["crossings"][number], drawn["speeds"][number], boxes)
    kept = []
    for event in kit.in_order(events):
        if isinstance(event, TagSeen):
            if dice.random() < 0.3:
                continue
            event = kit.replace(event, rssi_dbm=event.rssi_dbm + dice.randint(-5, 5))  # noqa: PLW2901
        kept.append(event)
    return kept


def as_set(verdicts):
    return sorted(map(repr, verdicts))


@few
@given(drawn=traffic(), hours=st.integers(-100_000, 100_000))
def test_the_hour_does_not_matter(kit, drawn, hours) -> None:
    events, later = events_of(kit, drawn), timedelta(hours=hours, microseconds=hours)
    shifted = [
        kit.replace(each, at=each.at - later, first_at=each.first_at - later, last_at=each.last_at - later)
        for each in kit.decide([kit.replace(event, at=event.at + later) for event in events])
    ]
    assert as_set(shifted) == as_set(kit.decide(events))


@few
@given(drawn=traffic(), seed=st.integers(0, 1000))
def test_the_names_of_tags_do_not_matter(kit, drawn, seed) -> None:
    events, dice = events_of(kit, drawn), Random(seed)
    names: dict[str, str] = defaultdict(lambda: f"{dice.getrandbits(96):024X}")
    renamed = [kit.replace(each, epc=names[each.epc]) if isinstance(each, TagSeen) else each for each in events]
    expected = [kit.replace(each, epc=each.epc and names[each.epc]) for each in kit.decide(events)]
    assert as_set(kit.decide(renamed)) == as_set(expected)


@few
@given(drawn=traffic())
def test_calling_the_inside_outside_turns_every_direction_round_and_nothing_else(kit, drawn) -> None:
    events = events_of(kit, drawn)
    there = kit.barriers
    mirror = msgspec.structs.replace(there, outside=there.inside, inside=there.outside, outer_beam=2, inner_beam=1)
    expected = [kit.replace(each, direction=MIRRORED[each.direction]) for each in kit.decide(events)]
    assert as_set(kit.decide(events, mirror)) == as_set(expected)


@few
@given(drawn=traffic(), seed=st.integers(0, 1000))
def test_the_order_of_reads_of_one_moment_does_not_matter(kit, drawn, seed) -> None:
    coarse = [
        kit.replace(event, at=event.at.replace(microsecond=event.at.microsecond // 500_000 * 500_000))
        if isinstance(event, TagSeen)
        else event
        for event in events_of(kit, drawn)
    ]
    dice = Random(seed)
    shuffled = sorted(coarse, key=lambda event: (event.at, isinstance(event, BeamChanged), dice.random()))
    ordered = sorted(coarse, key=lambda event: (event.at, isinstance(event, BeamChanged)))
    assert as_set(kit.decide(shuffled)) == as_set(kit.decide(ordered))


@few
@given(drawn=traffic(), seed=st.integers(0, 1000))
def test_when_it_is_asked_does_not_matter(kit, drawn, seed) -> None:
    events, dice = events_of(kit, drawn), Random(seed)
    passages = Passages("gate", kit.barriers, Neighbours())
    verdicts = []
    for event in events:
        for _ in range(dice.randint(0, 2)):
            verdicts += passages.advance(event.at - timedelta(milliseconds=dice.randint(0, 500)))
        verdicts += passages.take(event)
    verdicts += passages.advance(events[-1].at + timedelta(seconds=dice.randint(0, 5)))
    verdicts += passages.advance(events[-1].at + timedelta(minutes=2))
    assert verdicts == kit.decide(events)


@few
@given(
    reads=st.lists(
        st.tuples(st.integers(0, 40_000), st.integers(0, 5), st.integers(-110, 10), st.integers(0, 4)), max_size=60
    ),
    edges=st.lists(st.tuples(st.integers(0, 40_000), st.integers(1, 3), st.booleans()), max_size=20),
)
def test_nonsense_is_taken_without_a_crash_and_every_confidence_is_a_share(kit, reads, edges) -> None:
    events = [
        TagSeen(epc=f"{tag:024X}", antenna=antenna, rssi_dbm=level, at=kit.moment(ms / 1000))
        for ms, antenna, level, tag in reads
    ]
    events += [BeamChanged(beam=beam, broken=broken, at=kit.moment(ms / 1000)) for ms, beam, broken in edges]
    for verdict in kit.decide(kit.in_order(events)) if events else []:
        assert 0 <= verdict.confidence <= 1
        assert len(verdict.evidence) <= 8
        assert verdict.first_at <= verdict.last_at
