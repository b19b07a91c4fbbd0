import argparse
import hashlib
import itertools
import random

import msgspec
import pytest

from firmware_sim.corpus.command import register
from firmware_sim.corpus.gate import gate_lines, passages
from firmware_sim.devices.dock.gate import DockGate
from firmware_sim.devices.dock.settings import Dock, Goods, Traffic

FEW = 60


@pytest.fixture(scope="module")
def episodes():
    return list(passages(Dock(), 7, FEW))


def read_by_tag(episode):
    read = {}
    for seen in episode.reads:
        read.setdefault(seen.tag, []).append(seen)
    return read


def only(kind, **other):
    zero = dict.fromkeys(
        (
            "single",
            "hesitant",
            "file",
            "opposite",
            "four",
            "reversal",
            "reversal_beside",
            "untagged",
            "along",
            "parked",
        ),
        0.0,
    )
    return Traffic(**{**zero, kind: 1.0, **other})


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others():
    def digest(seed):
        return hashlib.sha256(b"\n".join(gate_lines(Dock(), seed, 8))).hexdigest()

    assert digest(1) == digest(1)
    assert digest(1) != digest(2)


def test_the_number_of_episodes_asked_for_does_not_change_them():
    assert list(passages(Dock(), 3, 5)) == list(passages(Dock(), 3, 10))[:5]


def test_episodes_follow_each_other_and_everything_in_one_lies_within_it(episodes):
    for before, after in itertools.pairwise(episodes):
        assert before.end_s < after.start_s
    for episode in episodes:
        moments = [seen.at_s for seen in episode.reads]
        assert moments == sorted(moments)
        assert all(episode.start_s <= moment <= episode.end_s + 0.2 for moment in moments)
        assert all(episode.start_s < edge.at_s < episode.end_s for edge in episode.beams)


def test_a_light_barrier_is_broken_and_free_in_turn_and_free_in_the_end(episodes):
    for episode in episodes:
        for beam in ("outer", "inner"):
            states = [edge.broken for edge in episode.beams if edge.beam == beam]
            assert states == [True, False] * (len(states) // 2)


def test_every_passage_breaks_both_light_barriers_in_the_order_of_its_direction(episodes):
    seen = 0
    for episode in episodes:
        if episode.traffic != "single" or len(episode.movers) > 1:
            continue
        first = {beam: next(edge.at_s for edge in episode.beams if edge.beam == beam) for beam in ("outer", "inner")}
        assert (first["outer"] < first["inner"]) is (episode.movers[0].direction == "in")
        seen += 1
    assert seen >= 10


def test_a_tag_crosses_with_the_pallet_that_carries_it_and_what_does_not_cross_has_no_moment(episodes):
    for episode in episodes:
        for tag in episode.tags:
            assert (tag.crossed_s is None) is (tag.direction == "none")
            assert (tag.direction != "none") is (tag.role == "passage")
            if tag.mover is None:
                assert tag.role == "shelf"
                continue
            mover = episode.movers[tag.mover]
            assert tag.direction == mover.direction
            if tag.crossed_s is not None:
                assert abs(tag.crossed_s - mover.crossed_s) < 0.6 / 0.2 + 5  # it may stop in between


@pytest.mark.slow
def test_a_dead_tag_is_never_read_and_two_of_a_hundred_are_dead():
    dead = total = 0
    for episode in passages(Dock(), 5, 150):
        read = read_by_tag(episode)
        for index, tag in enumerate(episode.tags):
            dead += not tag.answers
            total += tag.kind != "shelf"
            assert tag.answers or index not in read
    assert 0.013 < dead / total < 0.027


def test_a_passing_tag_is_heard_on_the_side_it_comes_from_first():
    right = wrong = 0
    for episode in passages(Dock(traffic=only("single")), 11, 40):
        outside = {number for number, antenna in enumerate(Dock().portal.antennas, start=1) if antenna.x_m < 0}
        for index, seen in read_by_tag(episode).items():
            tag = episode.tags[index]
            sides = [
                [one.at_s for one in seen if (one.antenna in outside) is side and one.rssi_dbm > -58]
                for side in (True, False)
            ]
            if tag.role != "passage" or min(map(len, sides)) < 3:
                continue
            outer, inner = (sum(moments) / len(moments) for moments in sides)
            right += (outer < inner) is (tag.direction == "in")
            wrong += (outer < inner) is not (tag.direction == "in")
    assert right > 100
    assert wrong < 0.02 * right


def test_what_turns_back_parks_or_drives_along_is_read_and_does_not_cross():
    for kind in ("reversal", "parked", "along"):
        roles = set()
        for episode in passages(Dock(traffic=only(kind)), 2, 8):
            read = read_by_tag(episode)
            roles |= {tag.role for index, tag in enumerate(episode.tags) if index in read and tag.direction == "none"}
        assert kind in roles


def test_four_pallets_are_in_one_episode_and_their_tags_are_all_different():
    episode = next(iter(passages(Dock(traffic=only("four", walker=0.0)), 2, 1)))
    assert [mover.kind for mover in episode.movers] == ["pallet"] * 4
    assert len({tag.epc for tag in episode.tags}) == len(episode.tags)
    starts = sorted(mover.crossed_s for mover in episode.movers)
    assert starts[-1] - starts[0] < 40


def test_shelf_tags_are_heard_weakly_again_and_again_in_one_episode_after_the_other(episodes):
    def shelf(episode):
        return {tag.epc for tag in episode.tags if tag.kind == "shelf"}

    assert len(shelf(episodes[0]) & shelf(episodes[-1])) >= len(shelf(episodes[0])) / 2
    loud = sorted(seen.rssi_dbm for one in episodes for seen in one.reads if one.tags[seen.tag].kind == "shelf")
    assert -63 <= loud[len(loud) // 2] <= -57


def test_the_reader_reads_no_more_than_three_hundred_tags_a_second():
    dock = Dock(goods=Goods(fewest=60, most=60), traffic=only("four"))
    for episode in passages(dock, 1, 2):
        fullest = max(
            sum(1 for seen in episode.reads if second <= seen.at_s < second + 1)
            for second in range(int(episode.start_s), int(episode.end_s))
        )
        assert 100 < fullest <= 300


def test_the_command_writes_the_header_and_one_line_for_each_episode(tmp_path):
    settings = tmp_path / "dock.toml"
    settings.write_text("[goods]\nmost = 5\n[shelf]\ntags = 1\n")
    out = tmp_path / "gate.jsonl"
    parser = argparse.ArgumentParser()
    register(parser.add_subparsers())
    arguments = parser.parse_args(
        ["corpus", "gate", "--count", "3", "--seed", "9", f"--settings={settings}", f"--out={out}"]
    )
    code = arguments.run(arguments)
    lines = [msgspec.json.decode(line) for line in out.read_bytes().splitlines()]
    assert code == 0
    assert (lines[0]["corpus"], lines[0]["seed"], lines[0]["settings"]["goods"]["most"]) == ("gate", 9, 5)
    assert [line["number"] for line in lines[1:]] == [1, 2, 3]


def test_a_gate_on_the_floor_tells_its_history_as_time_passes_however_it_is_woken():
    def told(extra_s):
        gate, now_s, reads, beams = DockGate(Dock(), random.Random(4)), 0.0, [], []
        while now_s < 120:
            update = gate.update(now_s, {})
            reads += update.outputs["reads"]
            beams.append((update.outputs["outer"], update.outputs["inner"]))
            assert update.call_at_s > now_s
            now_s = update.call_at_s + extra_s
        return [read for read in reads if read.at_s < 110], beams

    reads, beams = told(0.0)
    assert reads == told(0.07)[0]
    assert reads
    assert {one for pair in beams for one in pair} == {0.0, 1.0}
    assert [read.at_s for read in reads] == sorted(read.at_s for read in reads)
