"""Every scenario is as it says, twice the same, and one that is not as it says is told."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from coldport.rehearsal import Stage, parts
from firmware_sim.rehearsal.expect import judged
from firmware_sim.rehearsal.play import play
from firmware_sim.rehearsal.script import load_rehearsal

SCENARIOS = Path("config/scenarios")
pytestmark = pytest.mark.slow


def check(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "coldport", "sim", "check", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | environment)


@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.toml")), ids=lambda path: path.stem)
def test_a_scenario_is_as_it_says(path) -> None:
    rehearsal = load_rehearsal(path)
    record = play(rehearsal)
    findings = judged(rehearsal.script.expect, record, nothing_else=rehearsal.script.nothing_else)
    assert [finding for finding in findings if not finding.met] == []


@pytest.mark.parametrize("name", ["lamp-answer-lost", "scale-disturbed", "pallets-at-a-gate"])
def test_the_same_scenario_gives_the_same_record_byte_by_byte_in_another_process(tmp_path, name) -> None:
    records = []
    for seed in ("1", "2"):  # of Python's own hashes: the order of a set must not matter
        ran = check(SCENARIOS / f"{name}.toml", "--events", tmp_path / seed, PYTHONHASHSEED=seed)
        assert ran.returncode == 0, ran.stdout
        records.append((tmp_path / seed).read_bytes())
    assert records[0]
    assert records[0] == records[1]


def test_another_seed_gives_another_record(tmp_path) -> None:
    text = (
        (SCENARIOS / "scale-disturbed.toml")
        .read_text(encoding="utf-8")
        .replace("../sites", f"{SCENARIOS.parent.absolute()}/sites")
    )
    digests = set()
    for seed in (1, 2):
        path = tmp_path / f"{seed}.toml"
        path.write_text(f"seed = {seed}\n{text}", encoding="utf-8")
        digests.add(play(load_rehearsal(path)).digest())
    assert len(digests) == 2


def test_what_is_not_as_expected_is_told_and_ends_with_exit_code_1(tmp_path) -> None:
    path = tmp_path / "no-lamp.toml"
    path.write_text(
        f"""
title = "A lamp that is never lit"
site = "{SCENARIOS.parent.absolute()}/sites/dock"
lasts_s = 20
lines = ["lamps"]

[[acknowledgements]]
at_s = 5
definition = "door-open"
point = "transit-door"

[[expect]]
kind = "readings"
point = "lane-red"
low = 1

[[expect]]
kind = "readings"
point = "lane-red"
high = 0
""",
        encoding="utf-8",
    )
    text = check(path, "--events", tmp_path / "events")
    assert text.returncode == 1
    assert "NOT at least 1 readings of lane-red >= 1 from 0 s to the end; seen: 0" in text.stdout
    assert "2 of 3 as expected" in text.stdout
    assert '"refused"' in (tmp_path / "events").read_text(encoding="utf-8"), "there was no alarm to acknowledge"
    [said] = map(json.loads, check(tmp_path, "--json").stdout.splitlines())
    assert [finding["met"] for finding in said["findings"]] == [False, True, True]
    assert said["met"] is False


def test_a_file_that_is_wrong_ends_with_exit_code_2_before_anything_is_played(tmp_path) -> None:
    (tmp_path / "a.toml").write_text((SCENARIOS / "lamp-answer-lost.toml").read_text(encoding="utf-8"))
    ran = check(tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "")
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "the folder has no scenario" in check(empty).stderr


def test_a_part_that_fails_fails_the_play(monkeypatch) -> None:
    async def fall(stage: Stage) -> None:
        await stage.clock.sleep(1.0)
        raise KeyError("a bug")

    monkeypatch.setattr("firmware_sim.rehearsal.play.parts", lambda: [*parts(), fall])
    with pytest.raises(ExceptionGroup) as fallen:
        play(load_rehearsal(SCENARIOS / "lamp-answer-lost.toml"))
    assert fallen.value.subgroup(KeyError)
