"""EPCIS events are taken in, found and told of by a site that runs, as the page says."""

import asyncio
import hashlib
import hmac
import json
import re
import shlex
from pathlib import Path

import httpx
import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.broker]

PAGE = (Path(__file__).parents[2] / "docs/how-to/query-epcis-events.md").read_text(encoding="utf-8")


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


class Receiver:
    """A webhook that answers 503 once, then takes what comes."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.taken: list[tuple[str, bytes]] = []

    def told(self) -> list[str]:
        """Return the times of the events that were taken."""
        results = [json.loads(body)["epcisBody"]["queryResults"]["resultsBody"] for _, body in self.taken]
        return [event["eventTime"] for result in results for event in result["eventList"]]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        body = await reader.readexactly(int(re.search(r"content-length: (\d+)", head, re.IGNORECASE)[1]))
        status = 200 if self.answers else 503
        self.answers.append(status)
        if status == 200:
            self.taken.append((re.search(r"gs1-signature: (\S+)", head, re.IGNORECASE)[1], body))
        writer.write(f"HTTP/1.1 {status} x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()


async def test_events_go_in_are_found_and_told_as_the_page_says(up, site_copy, tmp_path, eventually) -> None:
    (capture, document), (by_link, _), (by_words, _), (queries, query), (subscribe, webhook) = requests()
    site = site_copy(tmp_path / "site")
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    webhook["dest"] = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/epcis"
    async with server, up(site, tmp_path / "data") as running:
        await eventually(running.answers, 120)

        def post(path: str, body: dict[str, object]) -> httpx.Response:
            return httpx.post(running.address + path, json=body, timeout=10).raise_for_status()

        def found(path: str) -> list[dict[str, object]]:
            return running.get(path)["epcisBody"]["queryResults"]["resultsBody"]["eventList"]

        taken = post(capture, document)
        again = post(capture, document)
        jobs = [running.get(answer.headers["location"]) for answer in (taken, again)]
        assert [job["captured"] for job in jobs] == [1, 0]
        assert found(by_link) == found(by_words)
        [event] = document["epcisBody"]["eventList"]
        assert {key: found(by_link)[0][key] for key in event} == event

        post(queries, query)
        told = post(subscribe, webhook).json()
        second = {**event, "eventTime": "2026-03-01T09:00:00+08:00"}
        post(capture, {**document, "epcisBody": {"eventList": [second]}})
        await eventually(lambda: second["eventTime"] in receiver.told(), 60)
        asked = f"{subscribe}/{told['subscriptionID']}"
        await eventually(lambda: running.get(asked)["toldRecord"] > told["toldRecord"])
        assert await running.interrupt() == 0

    # The parcels of the simulated floor are received meanwhile, which the query finds too.
    assert receiver.answers[:2] == [503, 200]
    assert receiver.told().count(second["eventTime"]) == 1
    token = str(webhook["signatureToken"]).encode()
    for signature, body in receiver.taken:
        assert signature == f"sha256={hmac.new(token, body, hashlib.sha256).hexdigest()}"
