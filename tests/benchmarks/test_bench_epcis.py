import subprocess
import sys
from pathlib import Path


def test_a_small_store_takes_events_and_finds_them_as_fast_as_it_must(tmp_path):
    script = Path(__file__).with_name("bench_epcis.py")
    command = [sys.executable, str(script), "--events", "5000", "--asked", "20"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout

    assert printed.startswith("5,000 events captured at ")
    p95_ms = [float(line.split("p95")[1].split()[0]) for line in printed.splitlines()[1:]]
    assert len(p95_ms) == 8
    assert max(p95_ms) <= 50
