"""The pages on notices and on the health of alarms do what they say: their commands are run as they stand there."""

import asyncio
import re
import shlex
import sys
import tomllib
from pathlib import Path

import msgspec
import pytest

from control.notify.settings import NotifyFile

pytestmark = [pytest.mark.e2e, pytest.mark.broker]

HOW_TO = Path(__file__).parents[2] / "docs/how-to"


def blocks_of(page: str, kind: str) -> list[str]:
    text = (HOW_TO / page).read_text(encoding="utf-8")
    found = re.findall(r"^ *```(\w*)\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    return [re.sub(r"^ {3}", "", block, flags=re.MULTILINE) for of, block in found if of == kind]


async def run(line: str, site: Path, data: Path) -> tuple[int, str]:
    places = {"config/sites/xiangtan": str(site), "var/xiangtan-1": str(data)}
    words = [places.get(word, word) for word in shlex.split(line)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode, said.decode()


def test_what_the_page_writes_into_the_file_is_a_whole_file():
    text = "\n".join(blocks_of("set-up-notices.md", "toml")).replace("zhao", "wang")
    settings = msgspec.convert(tomllib.loads(text), NotifyFile)

    assert {channel.id for channel in settings.channels} == {"duty-group", "mail"}
    assert settings.policies[0].min_people == 3


async def test_notices_are_tried_as_the_page_says(site_copy, tmp_path):
    site = site_copy(tmp_path / "site")
    check, duty, test = (line for block in blocks_of("set-up-notices.md", "") for line in block.split("\n") if line)
    outcomes = [await run(line, site, tmp_path / "data") for line in (check, duty, test)]

    assert [code for code, _ in outcomes] == [0, 0, 0], outcomes
    assert "duty: " in outcomes[1][1]
    assert "log to wang: sent" in outcomes[2][1]


async def test_the_health_of_alarms_is_read_as_the_page_says_while_the_site_runs(up, site_copy, tmp_path, eventually):
    site = site_copy(tmp_path / "site")
    (line,) = (line for block in blocks_of("read-alarm-health.md", "") for line in block.split("\n") if line)
    async with up(site, tmp_path / "data") as running:
        await eventually(running.answers, 60)
        code, said = await run(line, site, tmp_path / "data")
        served = running.get("/api/v1/alarms/health")
        assert await running.interrupt() == 0

    assert code == 0, said
    assert "Alarm health of Xiangtan" in said
    assert served["kpis"][0]["name"] == "per-ten-minutes"
