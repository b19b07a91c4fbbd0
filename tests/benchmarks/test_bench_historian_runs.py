import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_the_historian_benchmark_runs_and_prints_its_table(tmp_path):
    script = Path(__file__).with_name("bench_historian.py")
    command = [sys.executable, str(script), "--samples", "20000", "--folder", str(tmp_path), "--writes", "3"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    assert printed.count("\n| DuckDB") == 1
    assert printed.count("\n| SQLite") == 3
