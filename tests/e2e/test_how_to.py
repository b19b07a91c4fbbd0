"""The how-to pages do what they say: their commands are run as they stand there."""

import asyncio
import re
import shlex
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.broker]

HOW_TO = Path(__file__).parents[2] / "docs/how-to"


def commands_of(page: str) -> list[str]:
    blocks = re.findall(r"^ *```\n(.*?)^ *```", (HOW_TO / page).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return [line.strip() for block in blocks for line in block.splitlines()]


async def test_a_trace_is_replayed_as_the_page_says(up, site_copy, tmp_path, eventually):
    start, replay, *requests = commands_of("replay-a-trace.md")
    assert start == "make run SITE=config/sites/recorded"
    site = site_copy(tmp_path / "recorded", "recorded")
    words = [word.replace("config/sites/recorded", str(site)) for word in shlex.split(replay)]

    async with up(site, tmp_path / "data") as running:
        await eventually(running.answers)
        process = await asyncio.create_subprocess_exec(sys.executable, *words[1:], stdout=asyncio.subprocess.PIPE)
        said, _ = await asyncio.wait_for(process.communicate(), 60)
        series, alarms = (shlex.split(request)[1].removeprefix("http://127.0.0.1:8000") for request in requests)
        await eventually(lambda: sum(bucket["count"] for bucket in running.get(series)["buckets"]) == 90)
        buckets = running.get(series)["buckets"]
        raised = [alarm["occurred_at"] for alarm in running.get(alarms) if alarm["definition"] == "recorded-hi"]
        assert await running.interrupt() == 0

    assert process.returncode == 0
    assert "gaps  1" in said.decode()
    assert any(bucket["count"] == 0 for bucket in buckets)
    assert raised[0] == "2026-07-02T02:00:00Z"


async def test_a_device_is_broken_and_mended_as_the_page_says(up, site_copy, tmp_path, eventually):
    start, *asked = commands_of("inject-a-fault.md")
    assert start.startswith("coldport sim fault")
    site = site_copy(tmp_path / "site")
    outcomes = []
    async with up(site, tmp_path / "data") as running:
        await eventually(lambda: running.answers() and len(running.values()) >= 54, 60)
        for command in (start, *asked):
            words = [word.replace("config/sites/xiangtan", str(site)) for word in shlex.split(command)]
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
            )
            said, _ = await asyncio.wait_for(process.communicate(), 30)
            outcomes.append((process.returncode, said.decode()))
            if "silence" in command:
                await eventually(lambda: "c3-3-temperature" not in running.values())
        await eventually(lambda: "c1-door" in running.values(), 30)
        assert await running.interrupt() == 0
    assert [code for code, _ in outcomes] == [0] * len(outcomes), outcomes
