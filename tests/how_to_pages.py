"""Pages of docs/how-to as tests follow them: their curl commands, and a parcel that goes over lane 1."""

import re
import shlex
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec
from lane_floor import passage, weighing

from coldport.messages.observation import Batch

ROOT = Path(__file__).parents[1]
SITE = ROOT / "config/sites/xiangtan"
TAG = "3055A537C83775400000A001"
"""The tag that the pages stick on a parcel."""


class Curl(NamedTuple):
    """One command; without a body it only asks."""

    path: str
    body: bytes | None
    headers: dict[str, str]

    def send(self, client):
        """Send it; it must go well."""
        method = "GET" if self.body is None else "POST"
        answer = client.request(method, self.path, content=self.body, headers=self.headers)
        assert answer.is_success, (self.path, answer.text)
        return answer


def page(name: str) -> str:
    return (ROOT / "docs/how-to" / name).read_text(encoding="utf-8")


def curls(text: str, files: Path = ROOT) -> list[Curl]:
    """Return the curl commands of a page, or of a part of one, in their order; what they send lies in `files`."""
    return [_curl(shlex.split(line), files) for line in re.findall(r"^ *(curl .*)$", text, re.MULTILINE)]


def cross(service, clock, kg: float) -> None:
    """Let the parcel with the pages' tag go over lane 1."""
    now = clock.now()
    gate, scale = now - timedelta(seconds=7), now - timedelta(seconds=2)
    seen = (
        msgspec.structs.replace(passage(epc=TAG), seq=1, point="lane-1-gate", observed_at=gate),
        msgspec.structs.replace(
            weighing(kg=kg), seq=2, point="lane-1-scale", placed_at=scale, observed_at=scale + timedelta(seconds=1)
        ),
    )
    service.take([Batch(gateway="g", boot_id="0" * 32, observations=seen)])
    clock._elapsed_s += 0.2
    service.tick()


def _curl(words: list[str], files: Path) -> Curl:
    path = re.sub(r"^http://127.0.0.1:\d+", "", next(word for word in words if word.startswith("http")))
    headers = dict(words[at + 1].split(": ", 1) for at, word in enumerate(words) if word == "-H")
    body = None
    if "--json" in words:
        body = words[words.index("--json") + 1].encode()
        headers["Content-Type"] = "application/json"
    elif "--data-binary" in words:
        body = (files / words[words.index("--data-binary") + 1].removeprefix("@")).read_bytes()
    return Curl(path, body, headers)
