"""A lot is followed through a site that runs, as the page says."""

import json
import re
import shlex
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import httpx
import msgspec
import pytest

from control.exposure.rules import ExposureRules, faults

pytestmark = [pytest.mark.e2e, pytest.mark.broker]

PAGE = (Path(__file__).parents[2] / "docs/how-to/follow-a-lot.md").read_text(encoding="utf-8")


def requests() -> list[tuple[str, dict[str, object] | None]]:
    """Return the path and the body of every curl command on the page."""
    commands = [shlex.split(line) for line in re.findall(r"^curl .*$", PAGE, re.MULTILINE)]
    return [
        (
            words[-1].removeprefix("http://127.0.0.1:8000"),
            json.loads(words[words.index("-d") + 1]) if "-d" in words else None,
        )
        for words in commands
    ]


def test_the_product_on_the_page_can_be_used() -> None:
    [text] = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)

    assert faults(msgspec.convert(tomllib.loads(text)["exposure"], ExposureRules)) == []


async def test_a_lot_is_followed_as_the_page_says(up, site_copy, tmp_path, eventually) -> None:
    site = site_copy(tmp_path / "site")
    (receive, arrival), (show, _), (go, move), (_, leave), (sign, signature) = requests()
    async with up(site, tmp_path / "data") as running:
        await eventually(lambda: running.answers() and "c1-1-temperature" in running.values(), 120)

        def post(path: str, body: dict[str, object]) -> dict[str, object]:
            return httpx.post(running.address + path, json=body, timeout=10).raise_for_status().json()

        received = post(receive, arrival)
        began = datetime.fromisoformat(str(received["received_at"]))
        await eventually(lambda: (datetime.now(UTC) - began).total_seconds() > 2)  # noqa: TID251 - a real process
        post(go, move)
        await eventually(lambda: (datetime.now(UTC) - began).total_seconds() > 4)  # noqa: TID251 - the same
        left = post(go, leave)
        await eventually(lambda: running.get(show)["coverage"]["good_s"] > 1, 60)
        await eventually(lambda: (datetime.now(UTC) - began).total_seconds() > 15, 30)  # noqa: TID251 - the same
        statement = post(sign, signature)
        shown = running.get(show)
        assert await running.interrupt() == 0

    assert [stay["zone"] for stay in left["stays"]] == ["c1", "c2"]
    assert shown["until"] == left["shipped_at"]
    assert 0 < shown["life_lost"] < 0.001
    assert statement["exposure"]["statistics"]["good_ms"] > 1_000
    assert len(statement["hash"]) == 64
