"""The pages about devices do what they say: their commands are run as they stand there, on a copy of the example."""

import asyncio
import re
import shlex
import shutil
import sys
from pathlib import Path

import pytest

from coldport.clock import SystemClock
from firmware_sim.scenario import load_scenario
from firmware_sim.site import running

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.DOTALL | re.MULTILINE)


def blocks_of(page: str, kind: str) -> list[str]:
    text = (ROOT / "docs/how-to" / page).read_text(encoding="utf-8")
    return [
        re.sub(r"^ +", "", block, flags=re.MULTILINE) for language, block in FENCE.findall(text) if language == kind
    ]


@pytest.fixture
async def run(tmp_path):
    """Run a command of a page against the simulated lines; returns its exit code and what it said."""
    site, data = tmp_path / "site", tmp_path / "data"
    # The planner's networks lie beside the sites; nobody plans here.
    shutil.copytree(ROOT / "config/sites/xiangtan", site, ignore=shutil.ignore_patterns("planner.toml"))

    async def one(command: str) -> tuple[int, str]:
        paths = {"config/sites/xiangtan": str(site), "var/xiangtan-1": str(data), "tls": str(tmp_path / "tls")}
        words = [paths.get(word, word) for word in shlex.split(command)]
        assert words[0] == "coldport"
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        said, _ = await asyncio.wait_for(process.communicate(), 90)
        return process.returncode or 0, said.decode()

    async with running(load_scenario(site), data, SystemClock(), any_ports=True):
        yield site, one


async def test_a_device_is_added_as_the_page_says(run) -> None:
    site, command = run
    scan, check, read = (block.strip() for block in blocks_of("add-a-device.md", ""))
    (site / "profiles").mkdir()
    (site / "profiles/my-probe.toml").write_text(blocks_of("add-a-device.md", "toml")[0], encoding="utf-8")
    code, said = await command(scan)
    assert code == 0
    assert "could be my-probe (My probe): temperature" in said
    edge = site / "edge.toml"
    edge.write_text(
        re.sub(r'(id = "c3-1", unit = 1, profile = )"xy-md02"', r'\1"my-probe"', edge.read_text("utf-8")), "utf-8"
    )
    code, said = await command(check)
    assert code == 0, said
    code, said = await command(read)
    assert code == 0
    assert "made      unit 1, my-probe: input-registers 0x0001, int16 x 0.1" in said


async def test_a_device_is_found_as_the_page_says(run) -> None:
    _, command = run
    said = [await command(line) for block in blocks_of("find-a-device.md", "") for line in block.splitlines()]
    doctor, read, listen, scan, zero = (text for _, text in said)
    assert "line cold-b" in doctor
    assert "reply:" in read
    assert "read 2 input registers from 0x0001" in listen
    assert "12 of 16 units answer on cold-b" in scan
    assert "zero of lane-1-weight by Li Wei: " in zero


async def test_a_gateway_is_enrolled_as_the_page_says(run) -> None:
    _, command = run
    first, renewed = [await command(block.strip()) for block in blocks_of("enroll-a-gateway.md", "")]
    assert first[0] == renewed[0] == 0
    assert len(first[1].splitlines()) == 6
    assert len(renewed[1].splitlines()) == 1
