import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_five_hundred_episodes_of_simulated_traffic_are_told_within_the_limits(tmp_path):
    """The tags of 500 episodes are some 10,000: enough that a limit of one in a hundred is not met by chance."""
    corpus = tmp_path / "gate.jsonl"
    make = [sys.executable, "-m", "coldport", "sim", "corpus", "gate", "--count", "500", "--seed", "1"]
    subprocess.run([*make, "--out", str(corpus)], check=True, timeout=120)
    measure = [sys.executable, str(Path(__file__).with_name("bench_gate.py")), str(corpus)]
    measured = subprocess.run(measure, capture_output=True, text=True, check=False, timeout=240)
    assert measured.returncode == 0, measured.stdout + measured.stderr
    assert measured.stdout.count("| passage |") >= 6
