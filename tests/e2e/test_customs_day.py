"""A day at the centre: parcels are declared, customs answers, lanes release; and staff are trained as the page says."""

import asyncio
import json
import re
import shlex
import sys
from collections import Counter
from pathlib import Path

import httpx
import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.broker]

PAGE = (Path(__file__).parents[2] / "docs/how-to/train-staff-with-played-customs.md").read_text(encoding="utf-8")
NUMBER = "SM2611240800000011"
"""The parcel that the page speaks of."""
DECIDED_S = 90.0


def verdicts(running) -> list[dict]:
    lanes = running.get("/api/v1/floor/lanes?language=en")
    return [one["judged"] for lane in lanes.values() for one in lane["verdicts"]]


def released(running) -> list[str]:
    return [one["logistics_no"] for one in verdicts(running) if one["verdict"] == "release"]


async def test_parcels_are_released_at_the_lanes_and_control_that_dies_declares_none_twice(
    up, site_copy, tmp_path, eventually
):
    site, data = site_copy(tmp_path / "site"), tmp_path / "data"
    simulation = site / "simulation.toml"
    text = simulation.read_text(encoding="utf-8").replace("undeclared = 0.02", "undeclared = 0.0")
    quick = text.replace("every_s = 40", "every_s = 12").replace("rejected = 0.02, by_hand = 0.03", "rejected = 0.0")
    simulation.write_text(quick, encoding="utf-8")

    async with up(site, data) as running:
        await eventually(running.answers, DECIDED_S)
        await eventually(lambda: released(running), DECIDED_S)
        heard = {one["device"]: one for one in running.get("/api/v1/devices") if one["link"] == "customs"}
        (control,) = [child for child in running.children() if "control" in child.cmdline()[:4]]
        control.kill()
        await eventually(lambda: not control.is_running() or control.status() == "zombie")
        await eventually(running.answers, DECIDED_S)
        before = len(released(running))
        await eventually(lambda: len(released(running)) > before, DECIDED_S)
        assert await running.interrupt() == 0

    assert {name: one["errors"] for name, one in heard.items()} == {"declarations": 0, "answers": 0}
    declared = Counter(_named(path) for path in (data / "customs/out").rglob("*.xml"))
    assert {kind for kind, _ in declared} == {"303", "505", "507", "603"}
    assert set(declared.values()) == {1}
    assert not list((data / "customs/in/refused").iterdir())


def _named(path: Path) -> tuple[str, str]:
    """Return the type of a declaration, and what it is the declaration of."""
    text = path.read_text(encoding="utf-8")
    found = re.search(r"<ceb:(?:copNo|logisticsNo|orderNo)>([^<]+)", text)
    assert found is not None
    return path.name[3:6], found[1]


async def test_staff_are_trained_as_the_page_says(up, site_copy, tmp_path, eventually):
    site = site_copy(tmp_path / "site")
    simulation = site / "simulation.toml"
    text = simulation.read_text(encoding="utf-8")
    blocks = re.findall(r"^ *```(\w*)\n(.*?)^ *```", PAGE, re.DOTALL | re.MULTILINE)
    (office,) = [block for kind, block in blocks if kind == "toml"]
    wanted = re.sub("(?m)^ +", "", office).replace("rejected = 0.05, by_hand = 0.5", "rejected = 0.0, by_hand = 1.0")
    simulation.write_text(re.sub(r"(?m)^\[customs\].*\nmanner.*\n", lambda _: wanted, text), encoding="utf-8")
    lines = [line.strip() for kind, block in blocks if not kind for line in block.splitlines()]
    cases, known, decide, stop, silence, disorder = lines
    port = re.search(r"\[api\].*\nport = (\d+)", text)
    assert port is not None

    async with up(site, tmp_path / "data") as running:

        def run(command: str, number: str = NUMBER) -> str:
            """Do what a command of the page does, at this site's ports."""
            words = shlex.split(command.replace(NUMBER, number))
            (address,) = [word for word in words if word.startswith("http")]
            address = address.replace("http://127.0.0.1:8000", running.address).replace(":18850", f":{port[1]}")
            method = "PUT" if "PUT" in words else "GET"
            body = words[words.index("-d") + 1] if "-d" in words else None
            return httpx.request(method, address, content=body, timeout=5).raise_for_status().text

        def waiting() -> list[str]:
            try:
                return json.loads(run(cases))["waiting"]
            except httpx.HTTPError:
                return []

        await eventually(lambda: running.answers() and waiting(), DECIDED_S)
        number = waiting()[0]
        assert json.loads(run(known, number))["clearance"] == "pending"
        run(decide, number)
        await eventually(lambda: json.loads(run(f"{cases}/{number}"))["status"] in {"399", "500", "800"})
        run(stop, number)
        await eventually(lambda: json.loads(run(known, number))["clearance"] == "inspect")
        for command in (silence, disorder):
            words = [word.replace("config/sites/xiangtan", str(site)) for word in shlex.split(command)]
            process = await asyncio.create_subprocess_exec(sys.executable, "-m", *words, stdout=asyncio.subprocess.PIPE)
            assert await asyncio.wait_for(process.wait(), 30) == 0
        assert await running.interrupt() == 0
