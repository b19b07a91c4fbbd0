"""EPCIS events: how fast a million are captured, and how fast they are found again.

Captured is what a document says: JSON read, proved, hashed, indexed and committed to disk. Each question is asked of
the full store, a page of 30, with places and identifiers drawn by a seeded dice.
"""

import argparse
import asyncio
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from control.traceability.document import read_document
from control.traceability.event import micros
from control.traceability.query import parse
from control.traceability.sqlite import SqliteTraces

START = datetime(2026, 1, 1, tzinfo=UTC)
STEPS = ("receiving", "inspecting", "holding", "packing", "loading", "departing", "storing", "picking")
LANES = 40
DOCUMENT = 500


def document(first: int, dice: random.Random) -> bytes:
    """Return a document of the centre's events, 8 a parcel, a second apart."""
    events = []
    for number in range(first, first + DOCUMENT):
        at = START + timedelta(seconds=number)
        event = {
            "type": "ObjectEvent",
            "eventTime": at.isoformat(),
            "eventTimeZoneOffset": "+08:00",
            "epcList": [f"urn:epc:id:sgtin:6901234.0{number % 100:05}.{number // 8}"],
            "action": "OBSERVE",
            "bizStep": STEPS[number % 8],
            "disposition": "in_progress",
            "readPoint": {"id": f"urn:epc:id:sgln:6901234.{dice.randrange(LANES):05}.0"},
            "bizLocation": {"id": "urn:epc:id:sgln:6901234.99999.0"},
        }
        if number % 8 == 1:
            report = {"type": "Temperature", "value": round(dice.gauss(4, 2), 1), "uom": "CEL"}
            event["sensorElementList"] = [{"sensorReport": [report]}]
        events.append(event)
    return json.dumps(
        {
            "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": START.isoformat(),
            "epcisBody": {"eventList": events},
        }
    ).encode()


def questions(events: int, dice: random.Random) -> dict[str, Callable[[], dict[str, str]]]:
    """Return makers of parameters by name."""

    def window() -> dict[str, str]:
        start = START + timedelta(seconds=dice.randrange(events))
        return {"GE_eventTime": start.isoformat(), "LT_eventTime": (start + timedelta(hours=1)).isoformat()}

    def lane() -> dict[str, str]:
        return {"EQ_readPoint": f"urn:epc:id:sgln:6901234.{dice.randrange(LANES):05}.0"}

    def epc() -> dict[str, str]:
        number = dice.randrange(events)
        return {"MATCH_epc": f"urn:epc:id:sgtin:6901234.0{number % 100:05}.{number // 8}"}

    return {
        "by EPC": epc,
        "by time window": window,
        "by location": lane,
        "by location, newest first": lambda: {**lane(), "orderDirection": "DESC"},
        "by location and window": lambda: {**lane(), **window()},
        "by location and step": lambda: {**lane(), "EQ_bizStep": dice.choice(STEPS)},
        "recorded, by step": lambda: {"EQ_bizStep": dice.choice(STEPS), "orderBy": "recordTime"},
        "too warm in a window": lambda: {**window(), "GT_value_CEL": "8"},
    }


async def run(events: int, asked: int, folder: Path) -> dict[str, float]:
    """Capture and ask; print and return the figures: events a second, and milliseconds (p95) by question."""
    dice = random.Random(5)
    store = SqliteTraces(folder / "epcis.sqlite")
    spent = 0.0
    for first in range(0, events, DOCUMENT):
        body = document(first, dice)
        began = time.perf_counter()
        taken = read_document(body)
        await store.capture(taken.events, micros(START) + first, whole=True)
        spent += time.perf_counter() - began
    size = sum(file.stat().st_size for file in folder.iterdir()) / events  # noqa: ASYNC240 - nothing else runs
    figures = {"captured/s": events / spent}
    sys.stdout.write(f"{events:,} events captured at {events / spent:,.0f} events/s, {size:,.0f} bytes each on disk\n")
    for name, make in questions(events, dice).items():
        times = []
        for _ in range(asked):
            query = parse(make())
            began = time.perf_counter()
            await store.page(query, None, 30)
            times.append((time.perf_counter() - began) * 1e3)
        figures[name] = statistics.quantiles(times, n=20)[-1]
        sys.stdout.write(f"{name:28} p50 {statistics.median(times):7.2f} ms   p95 {figures[name]:7.2f} ms\n")
    store.close()
    return figures


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--asked", type=int, default=200)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(arguments.events, arguments.asked, Path(folder)))


if __name__ == "__main__":
    main()
