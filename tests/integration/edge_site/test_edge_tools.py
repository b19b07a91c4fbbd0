"""The technician's commands on the lines of the simulated example site, each as its own process."""

import asyncio
import json
import sys
from pathlib import Path

from firmware_sim.faults import Fault, FaultKind

EXAMPLE = Path(__file__).parents[3] / "config/sites/xiangtan"


async def edge(data: Path, verb: str, *arguments: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "coldport", "edge", verb, str(EXAMPLE), *arguments, "--data", str(data),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode or 0, out.decode(), err.decode()


async def test_a_point_is_read_straight_from_its_device_with_its_frames(sim, tmp_path) -> None:
    code, out, _ = await edge(tmp_path, "read", "c3-1-temperature", "--json")
    said = json.loads(out)
    assert code == 0
    assert said["quality"] == "good"
    assert said["made"] == "unit 1, xy-md02: input-registers 0x0001, int16 x 0.1"
    assert [frame["way"] for frame in said["frames"]] == ["sent", "received"]
    assert said["frames"][1]["meaning"] == f"reply: {round(said['value'] * 10)}"


async def test_a_silent_unit_is_read_as_bad_and_says_why(sim, tmp_path) -> None:
    sim.faults.begin(Fault(kind=FaultKind.SILENCE, target="cold-b", unit=2))
    code, out, _ = await edge(tmp_path, "read", "c3-2-temperature")
    assert code == 1
    assert "reason    timeout" in out
    assert out.count("sent      02 04") == 2


async def test_a_line_that_an_agent_holds_is_told_as_that(sim, start, tmp_path, eventually) -> None:
    gateway = await start("cold-b")
    await eventually(lambda: gateway.is_up("cold-b"))
    said = await asyncio.gather(edge(tmp_path, "read", "c3-1-temperature"), edge(tmp_path, "scan", "cold-b"))
    for code, _, err in said:
        assert code == 2
        assert "cold-b: the line is held by another program, most likely the site's own agent" in err


async def test_listening_shows_the_frames_of_one_device_both_ways_and_what_becomes_of_them(sim, tmp_path) -> None:
    code, out, _ = await edge(tmp_path, "listen", "c3-2", "--seconds", "1.5", "--json")
    lines = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert {line["hex"][:2] for line in lines if "hex" in line} == {"02"}
    assert any(line.get("meaning") == "unit 2: read 2 input registers from 0x0001" for line in lines)
    assert {line["point"] for line in lines if "point" in line} == {"c3-2-temperature", "c3-2-humidity"}


async def test_listening_to_a_scale_shows_its_lines_as_text(sim, tmp_path) -> None:
    _, out, _ = await edge(tmp_path, "listen", "lane-1-weight", "--seconds", "1")
    assert "-> 53 49 0d 0a   SI<CR><LF>" in out
    assert "=  lane-1-scale: gross_kg" in out


async def test_a_scan_finds_the_units_that_are_there_and_what_they_could_be(sim, tmp_path) -> None:
    code, out, err = await edge(tmp_path, "scan", "cold-b", "--units", "11-13", "--json")
    found = json.loads(out)["units"]
    assert code == 0
    assert [unit["unit"] for unit in found] == [11, 12]
    assert [fit["profile"] for fit in found[0]["fits"]] == ["xy-md02"]
    assert "It only reads" in err


async def test_the_zero_key_of_a_scale_is_pressed_and_looked_at(sim, tmp_path) -> None:
    code, out, _ = await edge(tmp_path, "zero", "lane-1-weight", "--by", "Li Wei")
    assert (code, out) == (0, "zero of lane-1-weight by Li Wei: done\n")


async def test_what_is_not_in_the_sites_file_is_not_touched(tmp_path) -> None:
    code, out, err = await edge(tmp_path, "listen", "/dev/ttyS0")
    assert (code, out) == (2, "")
    assert "edge.toml has no line or device '/dev/ttyS0'; its lines are cold-a, cold-b" in err
