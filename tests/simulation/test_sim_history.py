"""The history of a floor is the same twice, byte by byte; a whole day with `make test-day`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from firmware_sim.floor import build
from firmware_sim.rehearsal.history import changes
from firmware_sim.scenario import load_scenario

HOURS = float(os.environ.get("COLDPORT_DAY_HOURS", "1"))


@pytest.mark.slow
def test_the_history_of_the_example_site_is_the_same_in_two_processes(tmp_path) -> None:
    said = []
    for seed in ("1", "2"):  # of Python's own hashes: the order of a set must not matter
        command = [sys.executable, "-m", "coldport", "sim", "history", "config/sites/xiangtan", "--hours", str(HOURS)]
        environment = os.environ | {"PYTHONHASHSEED": seed}
        ran = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
        said.append(ran.stdout.splitlines())
        sys.stdout.write(ran.stdout)
    assert said[0][1].startswith("sha256 ")
    assert said[0][1] == said[1][1]


def test_every_change_is_written_at_its_own_time_and_in_order() -> None:
    scenario = load_scenario(Path("config/sites/dock"))
    lines = b"".join(changes(build(scenario, 1), 300.0)).splitlines()
    moments = [float(line[1:].split(b",", 1)[0]) for line in lines]
    assert moments == sorted(moments)
    assert 299 < moments[-1] <= 300
    other = b"".join(changes(build(scenario, 2), 300.0)).splitlines()
    assert other != lines
