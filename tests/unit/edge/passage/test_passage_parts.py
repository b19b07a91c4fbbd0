"""The parts of a gate by themselves: shadows of the barriers, the order of the sides, who is known, what repeats."""

import pytest

from coldport.messages.observation import Direction
from edge.passage.beams import SHADOW_LIMIT, BeamWatch
from edge.passage.events import BeamChanged
from edge.passage.known import FORGOTTEN_S, Known
from edge.passage.neighbours import Neighbours
from edge.passage.repeats import Repeats
from edge.passage.settings import PassageSettings, Side
from edge.passage.sighting import Read, profile_of
from edge.passage.verdict import Verdict


def watch_of(kit, *edges) -> BeamWatch:
    watch = BeamWatch(kit.barriers.beams, settle_s=0.6, longest_s=30.0)
    for seconds, beam, broken in edges:
        watch.change(BeamChanged(beam=beam, broken=broken, at=kit.moment(seconds)))
    return watch


@pytest.mark.parametrize(
    ("edges", "came_from", "left_to", "went_to"),
    [
        ([(1, 1, True), (2, 2, True), (3, 1, False), (4, 2, False)], Side.OUTSIDE, Side.INSIDE, Side.INSIDE),
        ([(1, 2, True), (2, 1, True), (3, 2, False), (4, 1, False)], Side.INSIDE, Side.OUTSIDE, Side.OUTSIDE),
        ([(1, 1, True), (2, 2, True), (3, 2, False), (4, 1, False)], Side.OUTSIDE, Side.OUTSIDE, None),
        ([(1, 1, True), (2, 1, False)], None, None, None),
        ([(1, 1, True), (1.3, 1, False), (1.8, 2, True), (2, 2, False)], Side.OUTSIDE, Side.INSIDE, Side.INSIDE),
    ],
)
def test_what_breaks_the_barriers_comes_from_the_first_and_leaves_to_the_last(
    kit, edges, came_from, left_to, went_to
) -> None:
    watch = watch_of(kit, *edges)
    shadow = watch.close(watch.ends_at())
    assert (shadow.came_from, shadow.left_to, shadow.went_to) == (came_from, left_to, went_to)
    assert shadow.first_at < shadow.crossing() < shadow.last_at


def test_a_shadow_ends_when_both_barriers_have_been_whole_for_long_enough_and_not_before(kit) -> None:
    watch = watch_of(kit, (1, 1, True), (2, 1, False))
    assert watch.close(kit.moment(2.59)) is None
    assert watch.close(kit.moment(2.6)).last_at == kit.moment(2)
    assert watch.close(kit.moment(99)) is None


def test_an_edge_that_is_known_already_or_of_another_input_changes_nothing(kit) -> None:
    assert watch_of(kit, (1, 7, True), (2, 1, False), (3, 2, False)).current is None
    assert watch_of(kit, (1, 1, True), (2, 1, True)).current.spans == {Side.OUTSIDE: [kit.moment(1)] * 2}


def test_shadows_are_remembered_up_to_the_limit_and_the_oldest_forgotten_first(kit) -> None:
    watch = watch_of(kit)
    for number in range(SHADOW_LIMIT + 1):
        for edge in ((10 * number, 1, True), (10 * number + 1, 1, False)):
            watch.change(BeamChanged(beam=edge[1], broken=edge[2], at=kit.moment(edge[0])))
        watch.close(kit.moment(10 * number + 2))
    assert len(watch.shadows) == SHADOW_LIMIT
    assert watch.shadows[0].first_at == kit.moment(10)


def reads(kit, *rows):
    return [Read(kit.moment(seconds), side, 1, level, 0.0) for seconds, side, level in rows]


def test_the_order_of_the_sides_is_one_minus_one_or_nothing(kit) -> None:
    out, into = Side.OUTSIDE, Side.INSIDE
    assert profile_of(reads(kit, (1, out, -50), (2, out, -50), (3, into, -50))).order == 1
    assert profile_of(reads(kit, (1, into, -50), (2, into, -50), (3, out, -50))).order == -1
    assert profile_of(reads(kit, (1, out, -50), (2, into, -50), (3, out, -50))).order == 0
    assert profile_of(reads(kit, (1, out, -50), (1, into, -50))).order == 0
    one_sided = profile_of(reads(kit, (1, out, -50), (2, out, -60)))
    assert (one_sided.order, one_sided.weight, one_sided.both_sides) == (0, 0, False)


def test_a_loud_read_counts_for_more_than_a_faint_one(kit) -> None:
    rows = reads(kit, (1, Side.INSIDE, -70), (2, Side.OUTSIDE, -50), (3, Side.INSIDE, -50))
    assert profile_of(rows).order > 0.8


def test_antennas_are_paired_across_the_gate_in_the_order_they_are_named() -> None:
    assert PassageSettings(outside=(5, 6, 7), inside=(1, 2, 3)).posts == {5: -1, 6: 0, 7: 1, 1: -1, 2: 0, 3: 1}
    assert set(PassageSettings(outside=(1, 2), inside=(3,)).posts.values()) == {0.0}
    assert PassageSettings(outside=(1,), inside=(2,)).posts == {1: 0.0, 2: 0.0}


def test_a_tag_is_known_from_its_first_read_until_it_was_not_heard_for_ten_minutes(kit) -> None:
    known = Known()
    assert known.known_s("A", kit.moment(0)) == 0
    for seconds in (0, FORGOTTEN_S, 2 * FORGOTTEN_S + 1):
        known.heard("A", kit.moment(seconds))
        if seconds == FORGOTTEN_S:
            assert known.known_s("A", kit.moment(seconds)) == FORGOTTEN_S
    assert known.known_s("A", kit.moment(2 * FORGOTTEN_S + 5)) == 4


def test_the_loudest_other_gate_is_remembered_and_ones_own_left_out(kit) -> None:
    heard = Neighbours()
    for gate, level in (("one", -40), ("two", -60), ("two", -55), ("two", -58)):
        heard.heard(gate, "A", level, kit.moment(1))
    assert heard.loudest("one", "A", kit.moment(0)) == -55
    assert heard.loudest("one", "A", kit.moment(2)) is None
    assert heard.loudest("one", "B", kit.moment(0)) is None


def test_a_passage_repeats_one_of_the_same_tag_and_way_and_an_undetermined_one_repeats_any(kit) -> None:
    def passage(direction, seconds) -> Verdict:
        at = kit.moment(seconds)
        moments = {"at": at, "first_at": at, "last_at": at}
        return Verdict(epc="A", direction=direction, confidence=1.0, reads=1, peak_dbm=None, evidence=(), **moments)

    repeats = Repeats(5.0)
    assert not repeats.is_repeat(passage(Direction.IN, 0))
    assert repeats.is_repeat(passage(Direction.IN, 4.9))
    assert not repeats.is_repeat(passage(Direction.IN, 9.9))
    assert not repeats.is_repeat(passage(Direction.OUT, 10))
    assert repeats.is_repeat(passage(Direction.UNDETERMINED, 11))
