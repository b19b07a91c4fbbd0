import argparse
import hashlib
import itertools

import msgspec
import pytest

from firmware_sim.corpus.command import register
from firmware_sim.corpus.loads import LoadSettings, loads, loads_lines


@pytest.fixture(scope="module")
def runs():
    return list(loads(LoadSettings(), 3, 400))


def frames_between(run, from_s, to_s):
    return [frame for frame in run.frames if from_s <= frame.at_s <= to_s]


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others():
    def digest(seed):
        return hashlib.sha256(b"\n".join(loads_lines(LoadSettings(), seed, 60))).hexdigest()

    assert digest(1) == digest(1)
    assert digest(1) != digest(2)


def test_there_are_as_many_loads_as_were_asked_for():
    assert [len(run.loads) for run in loads(LoadSettings(run=20), 1, 50)] == [20, 20, 10]


def test_a_parcel_that_rests_is_shown_within_one_division_whenever_the_scale_says_stable(runs):
    told = 0
    for run in (run for run in runs if run.flagged):
        for load in (load for load in run.loads if load.kind == "parcel"):
            still = [frame for frame in frames_between(run, load.rests_s, load.leaves_s) if frame.stable]
            assert len(still) >= 2
            assert all(abs(frame.gross_kg - load.mass_kg) <= run.division_kg * 1.001 for frame in still)
            told += 1
    assert told > 100


def test_a_scale_that_does_not_tell_shows_the_truth_too_and_flickers(runs):
    flickered = 0
    for run in (run for run in runs if not run.flagged):
        assert {frame.stable for frame in run.frames} == {None}
        for load in (load for load in run.loads if load.kind == "parcel"):
            late = [frame.gross_kg for frame in frames_between(run, load.leaves_s - 0.8, load.leaves_s)]
            assert abs(sorted(late)[len(late) // 2] - load.mass_kg) <= run.division_kg * 1.001
            flickered += len(set(late)) > 1
    assert flickered > 10


def test_the_display_is_blank_under_what_is_too_heavy_and_only_then(runs):
    blank = 0
    for run in runs:
        for load in run.loads:
            shown = [frame.gross_kg for frame in frames_between(run, load.leaves_s - 0.1, load.leaves_s)]
            if load.kind == "heavy":
                assert set(shown) == {None}
                blank += 1
            elif load.kind == "parcel":
                assert None not in shown
    assert blank > 0


def test_some_loads_weigh_what_the_one_before_weighed(runs):
    again = 0
    for run in runs:
        for before, load in itertools.pairwise(run.loads):
            if load.again:
                assert load.mass_kg == before.mass_kg
                again += 1
    assert again > 20


def test_the_platform_is_empty_between_loads_unless_they_overlap(runs):
    overlapping = 0
    for run in runs:
        for before, load in itertools.pairwise(run.loads):
            if load.comes == "overlap":
                assert load.placed_s < before.removed_s
                overlapping += 1
            else:
                assert load.placed_s - before.removed_s > 0.1
    assert overlapping > 5


def test_nothing_overlaps_when_the_settings_say_so():
    told = {load.comes for run in loads(LoadSettings(overlap=0.0), 3, 200) for load in run.loads}
    assert told == {"plain", "close"}


def test_the_command_writes_the_header_and_one_line_for_each_run(tmp_path):
    settings = tmp_path / "scales.toml"
    settings.write_text("run = 5\nflagged = 0.0\n")
    out = tmp_path / "loads.jsonl"
    parser = argparse.ArgumentParser()
    register(parser.add_subparsers())
    arguments = parser.parse_args(["corpus", "loads", "--count=12", f"--settings={settings}", f"--out={out}"])
    code = arguments.run(arguments)
    lines = [msgspec.json.decode(line) for line in out.read_bytes().splitlines()]
    assert code == 0
    assert (lines[0]["corpus"], lines[0]["count"]) == ("loads", 12)
    assert [len(line["loads"]) for line in lines[1:]] == [5, 5, 2]
