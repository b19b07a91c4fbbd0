"""What a gate says of hand-made traffic: through, back, past, beside, and nobody."""

from datetime import timedelta

import msgspec
import pytest

from coldport.messages.observation import Direction
from edge.passage import engine, known, neighbours, repeats
from edge.passage.engine import Passages
from edge.passage.events import AntennaChanged, ReadsLost, TagSeen
from edge.passage.neighbours import Neighbours
from edge.passage.settings import settings_problems
from edge.passage.sighting import READ_LIMIT

BOXES = tuple(f"3034257BF7194E40000000{number:02X}" for number in range(12))


@pytest.mark.parametrize(("sign", "direction"), [(1, Direction.IN), (-1, Direction.OUT)])
@pytest.mark.parametrize("speed", [0.5, 1.0, 2.0])
def test_a_pallet_that_goes_through_is_told_once_for_each_box_with_its_direction(kit, sign, direction, speed) -> None:
    verdicts = kit.decide(kit.floor.pallet(sign, 10, speed, BOXES))
    assert sorted(verdict.epc for verdict in verdicts) == sorted(BOXES)
    assert {verdict.direction for verdict in verdicts} == {direction}
    assert min(verdict.confidence for verdict in verdicts) > 0.9


def test_the_moment_is_that_of_crossing_and_the_evidence_names_what_decided(kit) -> None:
    (verdict,) = kit.decide(kit.floor.pallet(1, 10))
    assert abs((verdict.at - kit.moment(10)).total_seconds()) < 0.7
    assert verdict.first_at < verdict.at < verdict.last_at
    assert set(verdict.evidence) == {"sides", "beams"}


def test_without_light_barriers_the_order_of_the_sides_decides(kit) -> None:
    (verdict,) = kit.decide(kit.floor.pallet(1, 10, beams=False), kit.plain)
    assert verdict.direction is Direction.IN
    assert verdict.evidence == ("sides",)


def test_a_pallet_that_turns_back_in_the_gate_is_no_passage_and_no_empty_one(kit) -> None:
    def path(seconds):
        return -abs(seconds - 10) + 0.1

    events = [event for box in BOXES for event in kit.floor.tag(box, path, 5, 15)]
    events += kit.floor.beams(path, 5, 15)
    assert kit.decide(kit.in_order(events)) == []


def test_a_tag_on_a_shelf_at_the_edge_of_the_field_is_no_passage_while_another_goes_through(kit) -> None:
    shelf = kit.floor.tag("E200" * 6, lambda _: 3.5, 0, 60, loss_db=2)
    verdicts = kit.decide(kit.in_order(shelf + kit.floor.pallet(1, 30, 1.0, BOXES)))
    assert "E200" * 6 not in {verdict.epc for verdict in verdicts}
    assert len(verdicts) == len(BOXES)


def test_a_tag_that_was_on_a_shelf_and_is_carried_out_is_told(kit) -> None:
    events = kit.floor.tag(kit.epc, lambda _: 3.5, 0, 90, loss_db=2) + kit.floor.pallet(-1, 100)
    verdicts = kit.decide(kit.in_order(events))
    assert [(verdict.epc, verdict.direction) for verdict in verdicts] == [(kit.epc, Direction.OUT)]


def test_a_tag_carried_past_on_one_side_is_no_passage(kit) -> None:
    events = kit.floor.tag(kit.epc, lambda seconds: 1 + abs(seconds - 5), 0, 10)
    assert kit.decide(events, kit.plain) == []


def test_two_pallets_that_pass_each_other_keep_their_own_directions(kit) -> None:
    ins, outs = BOXES[:6], BOXES[6:]
    events = kit.in_order(kit.floor.pallet(1, 10, 1.0, ins) + kit.floor.pallet(-1, 10.4, 1.0, outs))
    told = {verdict.epc: verdict.direction for verdict in kit.decide(events) if verdict.epc}
    assert told == dict.fromkeys(ins, Direction.IN) | dict.fromkeys(outs, Direction.OUT)


def test_pallets_close_behind_each_other_are_all_told(kit) -> None:
    events = [
        event for number in range(4) for event in kit.floor.pallet(1, 10 + 2 * number, 1.0, BOXES[3 * number :][:3])
    ]
    told = {verdict.epc: verdict.direction for verdict in kit.decide(kit.in_order(events)) if verdict.epc}
    assert told == dict.fromkeys(BOXES, Direction.IN)


def test_somebody_without_a_tag_is_a_passage_without_a_tag(kit) -> None:
    (verdict,) = kit.decide(kit.floor.beams(lambda seconds: seconds - 10, 5, 15, half_m=0.15))
    assert (verdict.epc, verdict.direction, verdict.reads) == (None, Direction.IN, 0)
    assert verdict.evidence == ("no-tag", "beams")


def test_a_barrier_that_stays_broken_is_told_once_and_undetermined(kit) -> None:
    (verdict,) = kit.decide(kit.floor.beams(lambda _: -0.5, 0, 50, half_m=0.3))
    assert (verdict.epc, verdict.direction) == (None, Direction.UNDETERMINED)


def test_what_cannot_be_known_is_undetermined_and_never_guessed(kit) -> None:
    reads = [
        TagSeen(epc=kit.epc, antenna=antenna, rssi_dbm=-50, at=kit.moment(10 + turn / 10))
        for turn, antenna in enumerate((1, 3, 3, 1, 1, 3, 3, 1))
    ]
    verdicts = kit.decide(kit.in_order(reads + kit.floor.beams(lambda s: -abs(s - 10) + 0.5, 5, 15)))
    assert {verdict.direction for verdict in verdicts} <= {Direction.UNDETERMINED}


def test_the_same_way_again_at_once_is_the_same_passage_and_later_another(kit) -> None:
    soon = kit.floor.pallet(1, 10, 2.0) + kit.floor.pallet(1, 18.3, 2.0)
    assert len([verdict for verdict in kit.decide(kit.in_order(soon)) if verdict.epc]) == 1
    later = kit.floor.pallet(1, 10) + kit.floor.pallet(1, 60)
    assert len([verdict for verdict in kit.decide(kit.in_order(later)) if verdict.epc]) == 2


def test_a_tag_that_stays_in_the_field_is_told_after_the_longest_time(kit) -> None:
    def path(seconds):
        return min(1.0, seconds - 10)

    events = kit.in_order(kit.floor.tag(kit.epc, path, 5, 200) + kit.floor.beams(path, 5, 200, half_m=0.5))
    verdicts = kit.decide(events)
    assert [(verdict.epc, verdict.direction) for verdict in verdicts] == [(kit.epc, Direction.IN)]
    assert verdicts[0].last_at <= kit.moment(36)


def test_a_tag_that_is_louder_at_the_next_gate_went_through_that_one(kit) -> None:
    shared = Neighbours()
    kit.decide(kit.floor.pallet(1, 10), neighbours=shared, gate="next")
    faint = [
        kit.replace(event, rssi_dbm=event.rssi_dbm - 10) if isinstance(event, TagSeen) else event
        for event in kit.floor.pallet(1, 10)
    ]
    assert [verdict.epc for verdict in kit.decide(faint, neighbours=shared)] == [None]


def test_a_weak_tag_heard_by_one_side_only_did_not_go_through(kit) -> None:
    beams = kit.floor.beams(lambda seconds: seconds - 10, 5, 15)
    for level, count in ((kit.barriers.one_side_dbm, 1), (kit.barriers.one_side_dbm - 1, 0)):
        read = TagSeen(epc=kit.epc, antenna=1, rssi_dbm=level, at=kit.moment(9.5))
        verdicts = kit.decide(kit.in_order([read, *beams]))
        assert len([verdict for verdict in verdicts if verdict.epc]) == count


def test_a_read_below_the_floor_counts_for_nothing(kit) -> None:
    settings = msgspec.structs.replace(kit.plain, floor_dbm=-40)
    assert kit.decide(kit.floor.pallet(1, 10, beams=False), settings) == []


def test_a_reader_that_tells_no_levels_still_tells_passages(kit) -> None:
    events = [
        kit.replace(event, rssi_dbm=None) if isinstance(event, TagSeen) else event for event in kit.floor.pallet(1, 10)
    ]
    (verdict,) = kit.decide(events)
    assert (verdict.direction, verdict.peak_dbm) == (Direction.IN, None)


def test_a_side_without_antennas_and_lost_reads_are_named(kit) -> None:
    deaf = [AntennaChanged(antenna=antenna, connected=False, at=kit.moment(0)) for antenna in (3, 4)]
    events = [event for event in kit.floor.pallet(1, 10) if getattr(event, "antenna", 1) < 3]
    (verdict,) = kit.decide(kit.in_order([*deaf, *events, ReadsLost(count=3, at=kit.moment(10))]))
    assert verdict.direction is Direction.IN
    assert verdict.evidence[-3:] == ("one-side", "antenna-lost", "reads-lost")


def test_past_the_limit_a_new_tag_is_counted_and_not_followed(kit, monkeypatch) -> None:
    monkeypatch.setattr(engine, "TAG_LIMIT", 3)
    passages = Passages("gate", kit.plain, Neighbours())
    for box in BOXES[:4]:
        passages.take(TagSeen(epc=box, antenna=1, rssi_dbm=-50, at=kit.moment(0)))
    assert (len(passages._followed), passages.overflowed) == (3, 1)


def test_memory_stays_bounded_whatever_is_read(kit, monkeypatch) -> None:
    for module in (known, neighbours):
        monkeypatch.setattr(module, "TAG_LIMIT", 5)
    monkeypatch.setattr(repeats, "REMEMBERED_LIMIT", 5)
    shared = Neighbours()
    passages = Passages("gate", kit.plain, shared)
    for number in range(50):
        for event in kit.floor.pallet(1, 10 + 12 * number, 1.0, (f"{number:024X}",), beams=False):
            passages.take(event)
    assert len(passages._known._spans) == len(shared._levels) == len(passages._repeats._told) == 5


def test_a_tag_read_without_end_keeps_a_bounded_number_of_reads(kit) -> None:
    passages = Passages("gate", kit.plain, Neighbours())
    for number in range(2 * READ_LIMIT):
        passages.take(TagSeen(epc=kit.epc, antenna=1, rssi_dbm=-50, at=kit.moment(number / 1000)))
    assert len(passages._followed[kit.epc].reads) <= READ_LIMIT


def test_a_late_read_still_counts(kit) -> None:
    events = kit.floor.pallet(1, 10)
    late = kit.in_order(events)
    late.append(late.pop(len(late) // 2))
    passages = Passages("gate", kit.barriers, Neighbours())
    verdicts = [verdict for event in late for verdict in passages.take(event)]
    verdicts += passages.advance(late[-1].at + timedelta(minutes=1))
    assert verdicts[-1].reads == len([event for event in events if isinstance(event, TagSeen)])


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"inside": (2, 3)}, "inside"),
        ({"inside": (3, 9)}, "inside"),
        ({"inner_beam": 1}, "inner_beam"),
        ({"quiet_s": 4, "longest_s": 8}, "quiet_s"),
        ({"peak_dbm": -90}, "peak_dbm"),
        ({"one_side_dbm": -75}, "one_side_dbm"),
    ],
)
def test_settings_that_do_not_fit_together_name_the_key(kit, change, key) -> None:
    settings = msgspec.structs.replace(kit.barriers, **change)
    assert [name for name, _ in settings_problems(settings, (1, 2, 3, 4))] == [key]
    assert list(settings_problems(kit.barriers, (1, 2, 3, 4))) == []
