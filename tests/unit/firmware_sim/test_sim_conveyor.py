import itertools
import random

import pytest

from firmware_sim.devices.conveyor import ENTRY_BEAM_M, EXIT_BEAM_M, READY, TICK_S, Belt, Conveyor

DENSE = Belt(every_s=1.0, gap_m=0.05, weigh_s=2.0, shortest_m=0.3, longest_m=0.5, platform_m=0.35, unsteady=0.05)


def history(belt, seconds, seed=1):
    """Return (moment, outputs) of every update."""
    conveyor, told, now_s = Conveyor(belt, random.Random(seed)), [], 0.0
    while now_s < seconds:
        update = conveyor.update(now_s, {})
        told.append((now_s, update.outputs))
        assert update.call_at_s > now_s
        now_s = update.call_at_s
    return told


def at(tag, now_s):
    return tag.at_m + tag.speed_m_per_s * (now_s - tag.since_s)


def weighed(told):
    """Return the loads that stood still on the platform, for two seconds or more."""
    still = [(later - now_s, outputs["load_kg"]) for (now_s, outputs), (later, _) in itertools.pairwise(told)]
    return [load_kg for lasts_s, load_kg in still if load_kg and lasts_s > 1.5]


def test_in_an_hour_of_a_quiet_belt_every_parcel_passes_and_is_weighed_once():
    belt = Belt(every_s=40)
    told = history(belt, 3600)
    epcs = {tag.epc for _, outputs in told for tag in outputs["tags"]}
    loads = weighed(told)
    assert 70 <= len(epcs) <= 110
    assert abs(len(loads) - len(epcs)) <= 1
    assert all(belt.lightest_kg <= load_kg <= belt.heaviest_kg for load_kg in loads)


def test_several_parcels_are_on_a_dense_belt_and_each_is_weighed_once():
    told = history(DENSE, 600)
    epcs = {tag.epc for _, outputs in told for tag in outputs["tags"]}
    together = max(len(outputs["tags"]) for _, outputs in told)
    loads = weighed(told)
    assert together >= 5
    assert len(epcs) - together <= len(loads) <= len(epcs)
    assert len(set(loads)) == len(loads)


def test_parcels_keep_their_gap_and_never_go_back():
    places = {}
    for now_s, outputs in history(DENSE, 200):
        for tag in outputs["tags"]:
            assert at(tag, now_s) >= places.get(tag.epc, -1.0) - 1e-6
            places[tag.epc] = at(tag, now_s)
    for _, outputs in history(DENSE, 200):
        ahead = [tag.at_m for tag in outputs["tags"]]
        assert ahead == sorted(ahead, reverse=True)


def test_the_belt_stands_while_it_weighs_and_with_it_every_tag_in_the_field():
    for (now_s, outputs), (later, _) in itertools.pairwise(history(DENSE, 200)):
        if later - now_s > 1.5 and outputs["load_kg"]:
            assert all(tag.speed_m_per_s == 0.0 for tag in outputs["tags"])


def test_on_a_long_platform_the_weight_goes_up_before_it_goes_down_and_on_a_short_one_it_goes_to_nothing():
    def lowest_between_loads(platform_m, gap_m):
        belt = Belt(every_s=1.0, gap_m=gap_m, weigh_s=2.0, shortest_m=0.3, longest_m=0.3, platform_m=platform_m)
        told = history(belt, 120)
        stops = [index for index, ((a, o), (b, _)) in enumerate(itertools.pairwise(told)) if b - a > 1.5]
        return [
            min(outputs["load_kg"] for _, outputs in told[one : two + 1]) for one, two in itertools.pairwise(stops[1:])
        ]

    assert all(load_kg == 0.0 for load_kg in lowest_between_loads(0.32, 0.5))
    assert all(load_kg > 0.0 for load_kg in lowest_between_loads(0.8, 0.3))


def test_the_weight_is_told_often_while_it_changes():
    changes = 0
    for (now_s, before), (later, after) in itertools.pairwise(history(DENSE, 200)):
        if before["load_kg"] != after["load_kg"]:
            assert later - now_s <= TICK_S * 1.01 or before["tags"][0].speed_m_per_s == 0.0
            changes += 1
    assert changes > 200


@pytest.mark.parametrize(("beam", "place_m"), [("entry", ENTRY_BEAM_M), ("exit", EXIT_BEAM_M)])
def test_a_beam_is_broken_once_by_each_parcel(beam, place_m):
    told = history(Belt(every_s=20, gap_m=0.3), 1200)
    edges = [outputs[beam] for _, outputs in told]
    broken = sum(1 for before, now in itertools.pairwise(edges) if now and not before)
    epcs = {tag.epc for _, outputs in told for tag in outputs["tags"]}
    assert abs(broken - len(epcs)) <= 1


def test_dead_tags_are_never_told():
    assert not any(outputs["tags"] for _, outputs in history(Belt(dead=1.0), 300))


def test_the_same_dice_give_the_same_belt():
    assert history(DENSE, 100) == history(DENSE, 100)


def test_what_lies_ready_comes_onto_the_belt_in_its_order_and_there_is_always_as_much():
    conveyor, now_s, seen = Conveyor(DENSE, random.Random(1)), 0.0, []
    announced = list(conveyor.ready)
    while now_s < 300:
        update = conveyor.update(now_s, {})
        seen += [tag.epc for tag in update.outputs["tags"] if tag.epc not in seen]
        announced += [parcel for parcel in conveyor.ready if parcel.serial > announced[-1].serial]
        assert len(conveyor.ready) == READY
        now_s = update.call_at_s
    assert seen == [parcel.epc for parcel in announced[: len(seen)]]
    assert [parcel.serial for parcel in announced] == list(range(1, len(announced) + 1))


def test_nothing_is_put_on_a_belt_before_it_starts():
    told = history(Belt(every_s=40, starts_s=100), 200)
    first_s = next(now_s for now_s, outputs in told if outputs["tags"])
    assert 103 <= first_s <= 121
