"""A gateway that is alone sounds the siren, as the page says: its real process, the simulated devices, nobody else."""

import asyncio
import re
import shlex
import sys
from pathlib import Path

import pytest

from coldport.clock import SystemClock
from firmware_sim.scenario import load_scenario
from firmware_sim.site import running

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

PAGE = Path(__file__).parents[2] / "docs/how-to/sound-the-siren-without-control.md"


def blocks(kind: str) -> list[str]:
    found = re.findall(r"^ *```(\w*)\n(.*?)^ *```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return [re.sub(r"^ {3}", "", block, flags=re.MULTILINE).strip() for of, block in found if of == kind]


def tried(stand_in: str) -> str:
    """Return what the page writes, as it says to try it: a limit that is broken now, and the shortest times."""
    for wanted, now in (("after_s = 120", "after_s = 30"), ("above = -10.0, for_s = 3600", "above = -60.0, for_s = 5")):
        assert wanted in stand_in
        stand_in = stand_in.replace(wanted, now)
    return stand_in


async def test_the_siren_of_a_gateway_that_is_alone_is_on_as_the_page_says(site_copy, tmp_path, eventually) -> None:
    site, data = site_copy(tmp_path / "site"), tmp_path / "data"
    edge, [stand_in], (check, run, read) = site / "edge.toml", blocks("toml"), blocks("")
    text = edge.read_text(encoding="utf-8")
    there = text[text.index("[stand_in]") : text.index("[[lines]]")]
    edge.write_text(text.replace(there, tried(stand_in) + "\n\n"), encoding="utf-8")

    def begin(line: str, **streams: object):
        places = {"config/sites/xiangtan": str(site), "var/xiangtan-1": str(data)}
        words = [places.get(word, word) for word in shlex.split(line)]
        return asyncio.create_subprocess_exec(sys.executable, "-m", *words, **streams)

    async def said(line: str) -> tuple[int, str]:
        process = await begin(line, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)
        output, _ = await asyncio.wait_for(process.communicate(), 60)
        return process.returncode, output.decode()

    code, output = await said(check)
    assert code == 0, output
    async with running(load_scenario(site), data, SystemClock()):
        with (tmp_path / "edge.log").open("wb") as log:
            gateway = await begin(run, stdout=log, stderr=log)
        try:
            told = tmp_path / "edge.log"
            await eventually(lambda: "lane-1-siren was put to 1" in told.read_text(encoding="utf-8"), 90)
            code, output = await said(read)
        finally:
            gateway.terminate()
            await asyncio.wait_for(gateway.wait(), 20)
    assert code == 0, output
    assert "these are out: f1-1-temperature" in told.read_text(encoding="utf-8")
    assert re.search(r"lane-1-siren\W+1", output) or "1" in output.splitlines()[-1], output
