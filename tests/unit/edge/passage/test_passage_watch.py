"""Passages and tallies as observations: who is expected, who is missing, and how often that is told."""

import asyncio
from datetime import timedelta
from itertools import pairwise

import pytest

from coldport.ids import PointId
from coldport.messages.manifest import Manifest
from coldport.messages.observation import Direction, Passage, Tally
from edge.drivers.gates.passages import PassageWatch
from edge.passage import tally
from edge.passage.neighbours import Neighbours
from edge.passage.tally import Count
from edge.passage.verdict import Verdict

BOXES = tuple(f"3034257BF7194E40000000{number:02X}" for number in range(6))


def manifest(kit, epcs=BOXES[:4], *, since_s: float = 0.0, name: str = "load-1") -> Manifest:
    return Manifest(id=name, point="dock-1", since=kit.moment(since_s), epcs=epcs)


def went(kit, epc, direction=Direction.IN, at_s: float = 10.0) -> Verdict:
    at = kit.moment(at_s)
    return Verdict(
        epc=epc, direction=direction, confidence=1.0, at=at, first_at=at, last_at=at, reads=5, peak_dbm=-50, evidence=()
    )


def test_what_goes_in_is_ticked_off_and_what_is_not_expected_is_extra(kit) -> None:
    count = Count(manifest(kit))
    assert [count.passed(went(kit, epc)) for epc in (BOXES[0], BOXES[0], BOXES[5])] == [True, False, True]
    assert (count.expected, count.seen, count.missing_count, count.extra_count) == (4, 2, 3, 1)
    assert (count.first_missing(2), count.first_extra(2)) == (BOXES[1:3], BOXES[5:])


def test_what_goes_out_again_is_missing_again(kit) -> None:
    count = Count(manifest(kit))
    for epc in (BOXES[0], BOXES[5]):
        count.passed(went(kit, epc))
        assert count.passed(went(kit, epc, Direction.OUT))
    assert (count.seen, count.missing_count, count.extra_count) == (0, 4, 0)


@pytest.mark.parametrize("change", [{"direction": Direction.UNDETERMINED}, {"at_s": -1.0}, {"epc": None}])
def test_the_undetermined_the_earlier_and_the_nameless_are_not_counted(kit, change) -> None:
    count = Count(manifest(kit))
    assert not count.passed(went(kit, **{"epc": BOXES[0], **change}))
    assert count.seen == 0


def test_extra_tags_past_the_limit_are_not_counted(kit, monkeypatch) -> None:
    monkeypatch.setattr(tally, "EXTRA_LIMIT", 1)
    count = Count(manifest(kit, ()))
    assert [count.passed(went(kit, epc)) for epc in BOXES[:2]] == [True, False]


@pytest.fixture
async def watch(clock, outlet, kit):
    watch = PassageWatch(PointId("dock-1"), kit.barriers, Neighbours(), outlet)
    running = asyncio.create_task(watch.run())
    await clock.advance(0.0)
    yield watch
    running.cancel()


async def run_through(watch, clock, kit, events) -> None:
    start = clock.now() - kit.moment(0)
    for event in kit.in_order(events):
        event = kit.replace(event, at=event.at + start)  # noqa: PLW2901 - floor times count from noon
        if event.at > clock.now():
            await clock.advance((event.at - clock.now()).total_seconds())
        await watch.take([event])
    await clock.advance(60.0)


async def test_a_passage_is_recorded_with_what_the_tag_names_soon_after_it_left_the_field(
    watch, clock, sink, kit
) -> None:
    await run_through(watch, clock, kit, kit.floor.pallet(1, 10, 1.0, [kit.epc]))
    ((_, passage),) = sink.seen
    assert isinstance(passage, Passage)
    assert (passage.point, passage.direction, passage.epc) == ("dock-1", Direction.IN, kit.epc)
    assert passage.identity == "urn:epc:id:sgtin:0614141.812345.6789"
    assert passage.last_at + timedelta(seconds=3) < passage.spooled_at < passage.last_at + timedelta(seconds=5)


async def test_a_tally_is_told_when_it_is_expected_at_most_once_a_second_and_once_at_the_end(
    watch, clock, sink, kit
) -> None:
    watch.expect(manifest(kit))
    await clock.advance(1.0)
    begin = len(sink.seen)
    assert [type(seen) for _, seen in sink.seen] == [Tally]
    await run_through(watch, clock, kit, kit.floor.pallet(1, 10, 1.0, BOXES[1:]))
    tallies = [(at_s, seen) for at_s, seen in sink.seen[begin:] if isinstance(seen, Tally)]
    assert all(later - earlier >= 1.0 for (earlier, _), (later, _) in pairwise(tallies))
    last = tallies[-1][1]
    assert (last.expected, last.seen, last.missing, last.extra) == (4, 5, BOXES[:1], BOXES[4:])


async def test_the_same_manifest_again_changes_nothing_and_another_begins_anew(watch, clock, sink, kit) -> None:
    watch.expect(manifest(kit))
    await run_through(watch, clock, kit, kit.floor.pallet(1, 10, 1.0, BOXES[:2]))
    told = len(sink.seen)
    watch.expect(manifest(kit))
    await clock.advance(5.0)
    assert len(sink.seen) == told
    watch.expect(manifest(kit, BOXES[2:], name="load-2"))
    await clock.advance(1.0)
    assert (sink.seen[-1][1].manifest, sink.seen[-1][1].seen) == ("load-2", 0)


async def test_no_tags_end_what_was_expected_and_another_gate_is_none_of_ours(watch, clock, sink, kit) -> None:
    watch.expect(manifest(kit))
    watch.expect(Manifest(id="load-9", point="dock-2", since=kit.moment(0), epcs=BOXES))
    watch.expect(manifest(kit, ()))
    await clock.advance(5.0)
    assert sink.seen == []
