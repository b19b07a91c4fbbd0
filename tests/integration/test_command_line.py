"""The command line where it touches the machine: ports, disk, clock."""

import json
import socket
from pathlib import Path

import pytest

from coldport.cli import main

EXAMPLE = Path(__file__).parents[2] / "config/sites/xiangtan"


def test_up_refuses_a_port_in_use_in_one_line(tmp_path: Path, site_copy, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        assert main(["up", str(site_copy(tmp_path / "site")), "--data", str(tmp_path), "--port", str(port)]) == 2

    (line,) = capsys.readouterr().err.splitlines()
    assert f"port {port} for the page" in line


def test_doctor_says_what_to_do_about_each_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["doctor", str(EXAMPLE), "--data", str(tmp_path), "--json"])

    findings = json.loads(capsys.readouterr().out)
    assert {"Python", "disk", "clock", "fonts", "broker program", "broker"} <= {one["subject"] for one in findings}
    assert all(one["todo"] for one in findings if one["state"] != "ok")
    assert code == (1 if any(one["state"] == "fault" for one in findings) else 0)
