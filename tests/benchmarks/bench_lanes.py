"""Fourteen lanes at 5,000 parcels an hour each, through control's service onto a real disk: `make bench-lanes`.

Every parcel has its four documents and customs' release. It is told as a passage and, a second later, as a weighing,
each in a batch of its own, as gateways tell it. First in real time, for how long a verdict is durable after the last
thing heard of its parcel; then as fast as it goes. Exit code 1 when a limit is missed.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from pathlib import Path

from declarations import AGENT, declared, exported

from coldport.clock import SystemClock
from coldport.messages.observation import Batch, Direction, Observation, Passage, Weighing
from coldport.site import Point, Quantity, Site, Text, Zone, ZoneClass
from control.alarms.definition import AlarmFile
from control.inspection.documents.acts import Receipted
from control.inspection.documents.receipts import CustomsReceipt
from control.inspection.lane.acts import Judged, TagBound
from control.inspection.lane.settings import Lane
from control.inspection.lane.verdict import Verdict
from control.inspection.lane.weight import ScaleType
from control.inspection.settings import InspectionFile
from control.journal.sqlite import SqliteJournal
from control.memory import Inspection
from control.service import Service
from control.ticker import LEAST_S, TICK_S

LANES = 14
PER_HOUR = 5_000
LONGGANG_PER_HOUR = 1_160
"""What a line of the largest centre known passes (130,000 parcels in 8 h over 14 lines)."""
TRAVEL_S = 1.0
LATEST_S = 0.150
NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)


class SetClock(SystemClock):
    """A clock that can be set: real time for the steady part, the parcels' own for the rest."""

    def __init__(self) -> None:
        """Begin with real time."""
        self.set_to: datetime | None = None

    def now(self) -> datetime:
        """Return the time set, or the real one."""
        return self.set_to or super().now()


def lane(number: int) -> Lane:
    """Return a fast lane: parcels follow each other every 0.72 s."""
    return Lane(
        id=f"lane-{number}",
        zone="lanes",
        gate=f"gate-{number}",
        scale=f"scale-{number}",
        scale_type=ScaleType(e_kg=0.005, max_kg=60),
        apart_s=0.7,
        gate_before_s=(TRAVEL_S - 0.3, TRAVEL_S + 0.3),
    )


def site() -> Site:
    """Return a site of nothing but lanes."""
    name = Text(zh="线", en="lanes")
    points = [Point(id=f"{kind}-{n}", quantity=of, every_s=60) for n in range(LANES) for kind, of in POINTS]
    zone = Zone(id="lanes", name=name, zone_class=ZoneClass.LANE, points=tuple(points))
    return Site(id="bench", name=name, timezone="Asia/Shanghai", zones=(zone,))


POINTS = (("gate", Quantity.TAGS), ("scale", Quantity.MASS))


def epc(number: int) -> str:
    """Return the tag of a parcel."""
    return f"3055A537C83775{number:010X}"


def announce(service: Service, number: int) -> None:
    """Declare a parcel, have it released, and stick its tag to it."""
    for document in exported(number).values():
        service.record(declared(document))
    keys = {"guid": "B" * 36, "agent_code": AGENT["agent_code"], "cop_no": f"XC{number}"}
    for second, status in enumerate(("120", "399", "800")):
        receipt = CustomsReceipt(type="604", keys=keys, status=status, time=f"202603021200{second:02}000", info="x")
        service.record(Receipted(receipt=receipt, at=NOON, by="customs"))
    service.record(TagBound(epc=epc(number), logistics_no=f"E{number}", at=NOON, by="bench"))


class Gateway:
    """Numbers what it tells."""

    def __init__(self, service: Service) -> None:
        """Tell `service`."""
        self._service = service
        self._seq = 0

    def tell(self, kind: str, number: int, at: datetime) -> None:
        """Tell of a parcel that it crossed its lane's gate, or stands on the scale."""
        self._seq += 1
        common = {"seq": self._seq, "observed_at": at, "spooled_at": at}
        seen: Observation
        if kind == "gate":
            point = f"gate-{number % LANES}"
            seen = Passage(
                **common, point=point, direction=Direction.IN, confidence=0.99, first_at=at, last_at=at, reads=9,
                epc=epc(number),
            )  # fmt: skip
        else:
            seen = Weighing(**common, point=f"scale-{number % LANES}", number=number + 1, placed_at=at, gross_kg=0.8)
        self._service.take([Batch(gateway="bench", boot_id="0" * 32, observations=(seen,))])


def schedule(first: int, count: int) -> list[tuple[float, str, int]]:
    """Return what is told when, in seconds: the lanes take turns, each at its rate."""
    every_s = 3600 / PER_HOUR / LANES
    told = [(index * every_s, "gate", first + index) for index in range(count)]
    told += [(index * every_s + TRAVEL_S, "scale", first + index) for index in range(count)]
    return sorted(told)


def steadily(service: Service, first: int, count: int) -> tuple[dict[int, float], list[tuple[int, float]]]:
    """Tell of parcels in real time.

    Return when the last thing of each was handed over, and which entry was the last on disk when.
    """
    gateway, begin = Gateway(service), time.perf_counter()
    last: dict[int, float] = {}
    durable: list[tuple[int, float]] = []
    waiting = schedule(first, count)
    while waiting or service.due_in_s() < float("inf"):
        now_s = time.perf_counter() - begin
        if waiting and waiting[0][0] <= now_s:
            _, kind, number = waiting.pop(0)
            last[number] = time.perf_counter()
            gateway.tell(kind, number, datetime.now(UTC))  # noqa: TID251 - a benchmark is about real time
            durable.append((service.journal_last(), time.perf_counter()))
            continue
        if service.due_in_s() <= 0:
            service.tick()
            durable.append((service.journal_last(), time.perf_counter()))
            continue
        rest_s = waiting[0][0] - now_s if waiting else TICK_S
        time.sleep(max(LEAST_S / 5, min(TICK_S, service.due_in_s(), rest_s)))  # noqa: TID251 - the same
    return last, durable


def hastily(service: Service, clock: SetClock, first: int, count: int) -> float:
    """Tell of parcels as fast as it goes, at the times they would have; return the seconds it took."""
    gateway, start, begin = Gateway(service), datetime.now(UTC), time.perf_counter()  # noqa: TID251 - the same
    gateway._seq = 10_000_000
    for at_s, kind, number in schedule(first, count):
        clock.set_to = start + timedelta(seconds=at_s)
        service.tick()
        gateway.tell(kind, number, clock.set_to)
    clock.set_to = start + timedelta(seconds=at_s + 10)
    service.tick()
    took_s = time.perf_counter() - begin
    clock.set_to = None
    return took_s


def judged(journal: SqliteJournal) -> list[tuple[int, Judged]]:
    """Return all verdicts with the numbers of their entries."""
    found, number = [], 0
    while entries := journal.events(number, 5_000):
        found += [(one.number, one.content) for one in entries if isinstance(one.content, Judged)]
        number = entries[-1].number
    return found


def main() -> int:
    """Measure, print, and judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=60, help="of the steady part (default 60)")
    seconds = parser.parse_args().seconds
    steady = round(seconds * LANES * PER_HOUR / 3600)
    with tempfile.TemporaryDirectory() as folder, SqliteJournal(Path(folder) / "journal.sqlite") as journal:
        clock = SetClock()
        file = InspectionFile(lanes=tuple(lane(number) for number in range(LANES)))
        service = Service(site(), AlarmFile(alarms=()), journal, clock, Inspection(file))
        begin = time.perf_counter()
        for number in range(2 * steady):
            announce(service, number)
        sys.stdout.write(f"{2 * steady} parcels declared and released: {time.perf_counter() - begin:.1f} s\n")
        last, durable = steadily(service, 0, steady)
        waits_s = sorted(
            durable[bisect_left(durable, (number, 0.0))][1] - last[int((one.logistics_no or "E0")[1:])]
            for number, one in judged(journal)
        )
        took_s = hastily(service, clock, steady, steady)
        verdicts = [one for _, one in judged(journal)]
    released = sum(one.verdict is Verdict.RELEASE for one in verdicts)
    p50, p99 = statistics.median(waits_s), waits_s[int(len(waits_s) * 0.99)]
    per_hour = steady / took_s * 3600 / LANES
    sys.stdout.write(
        f"steadily, {LANES} lanes of {PER_HOUR} an hour for {seconds} s: "
        f"{len(waits_s)} verdicts, {p50 * 1e3:.0f} ms after the last input at p50, {p99 * 1e3:.0f} ms at p99, "
        f"{waits_s[-1] * 1e3:.0f} ms at most (the settling time of {lane(0).settle_s * 1e3:.0f} ms is in it)\n"
        f"as fast as it goes: {per_hour:.0f} parcels an hour and lane, {per_hour * LANES:.0f} in all, "
        f"{per_hour / PER_HOUR:.1f} times the {PER_HOUR} wanted, "
        f"{per_hour / LONGGANG_PER_HOUR:.1f} times the {LONGGANG_PER_HOUR} known\n"
        f"released: {released} of {2 * steady}; "
        f"load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n"
    )
    return 0 if p99 <= LATEST_S and per_hour >= PER_HOUR and released == len(verdicts) == 2 * steady else 1


if __name__ == "__main__":
    sys.exit(main())
