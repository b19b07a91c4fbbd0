"""Control is killed again and again inside excursions; people are told as if nobody had killed it.

`make test-control-kills` kills it a hundred times; COLDPORT_KILLS and COLDPORT_SEED set how often and repeat a run.
"""

import asyncio
import json
import os
import random
import sqlite3
import threading
from bisect import bisect_right
from collections import Counter
from contextlib import closing
from datetime import datetime
from pathlib import Path

import httpx
import pytest

from coldport.bus_mqtt import MqttBus
from coldport.clock import SystemClock
from coldport.messages.alarm import AlarmState
from control.entries import Started, Transitioned

pytestmark = [pytest.mark.broker, pytest.mark.e2e, pytest.mark.slow]

KILLS = int(os.environ.get("COLDPORT_KILLS", "5"))
SEED = int(os.environ.get("COLDPORT_SEED", str(random.SystemRandom().randrange(1_000_000))))

MOMENTS = ["any", "sending", "moving", "answering"]
"""Control falls whenever it happens; between a notice's arrival and its mark; just when a point has crossed its limit;
while an acknowledgement is under way."""

SPRUNG_WITHIN_S = 5.0
"""A trap that nothing has walked into by then is sprung all the same."""

STARTED_WITHIN_S = 60.0

ALLOWED_S = 180.0
"""For one notice: control may fall many times before it has told it."""


class Trap:
    """Kills control at a moment that is waited for."""

    def __init__(self, control, dice: random.Random, clock: SystemClock) -> None:
        self.control = control
        self.dice = dice
        self.falls: list[tuple[str, datetime]] = []
        self._clock = clock
        self._armed: str | None = None
        self._lock = threading.Lock()

    def spring(self, moment: str, because: str | None = None) -> None:
        """Kill control if this is the moment it is to be killed at. The webhook's server calls from its threads."""
        with self._lock:
            if self._armed == moment:
                self.falls.append((because or moment, self._clock.now()))
                self.control.kill()
                self._armed = None

    async def kill_and_start(self, moment: str, eventually, gateway) -> None:
        """Kill control, and start it again. But for `any`, it lives until readings go on: else nothing ever would."""
        if moment == "any":  # also while it starts
            await self._clock.sleep(self.dice.uniform(0.1, 3.0))
            assert self.control.runs, "control had ended by itself"
            self._armed = moment
            self.spring(moment)
        else:
            confirmed = gateway.spool.confirmed
            await eventually(lambda: gateway.spool.confirmed > confirmed, STARTED_WITHIN_S)
            self._armed = moment
            try:
                await eventually(lambda: self._armed is None, SPRUNG_WITHIN_S)
            except TimeoutError:
                self.spring(moment, "nothing came")
        await self._clock.sleep(self.dice.uniform(0.0, 1.0))
        self.control.start()


class Floor:
    """Moves the points: each excursion lasts until people were told of it, and a little longer."""

    def __init__(self, gateway, hook, trap: Trap, client: httpx.AsyncClient, eventually) -> None:
        self.gateway, self.hook, self.trap = gateway, hook, trap
        self.excursions: Counter = Counter()
        self.stopping = False
        self._client, self._page = client, client.base_url
        self._eventually = eventually
        self._clock = SystemClock()
        self._dice = random.Random(SEED + 1)

    async def live(self, point: str) -> None:
        """Warm a point and let it cool again until the floor stops."""
        kind = point.rpartition("-")[0]
        while not self.stopping:
            await self._clock.sleep(self._dice.uniform(0.2, 4.0))
            await self._move(point, 12.0)
            self.excursions[kind] += 1
            await self._while_warm(kind, f"{kind}.{point}.{self.excursions[point] + 1}")
            await self._move(point, 5.0)
            if kind != "brief":
                self.excursions[point] += 1
                await self._told(f"{kind}.{point}.{self.excursions[point]}", "returned")

    async def _while_warm(self, kind: str, alarm: str) -> None:
        if kind == "brief":
            await self._clock.sleep(2.0)
        elif kind == "short":
            await self._clock.sleep(self._dice.uniform(0.5, 1.0))
        else:
            await self._told(alarm, "raised")
            if kind == "answered":
                await self._acknowledge(alarm)
            elif kind == "unanswered":
                await self._told(alarm, "escalated")
            await self._clock.sleep(self._dice.uniform(0.0, 3.0))

    async def _move(self, point: str, value: float) -> None:
        self.gateway.values[point] = value
        await self._clock.sleep(self._dice.uniform(0.0, 1.5))
        self.trap.spring("moving")

    async def _told(self, alarm: str, why: str) -> None:
        try:
            await self._eventually(lambda: (alarm, why) in self.hook.told, ALLOWED_S)
        except TimeoutError:
            pytest.fail(f"nobody was told that {alarm} has {why}")

    async def _acknowledge(self, alarm: str) -> None:
        """Acknowledge as a page does it: again, until control says that it has it."""
        url, body = self._page.join(f"/api/v1/alarms/{alarm}/acknowledge"), {"by": "li", "comment": "on my way"}
        while True:
            try:
                asking = asyncio.create_task(self._client.post(url, json=body))
                await self._clock.sleep(self._dice.uniform(0.0, 0.01))
                self.trap.spring("answering")
                if (await asking).status_code == 200:
                    return
            except httpx.HTTPError:
                await self._clock.sleep(0.2)


def outbox_of(data: Path) -> dict[str, str]:
    with closing(sqlite3.connect(data / "control" / "outbox.sqlite")) as database:
        return dict(database.execute("SELECT key, state FROM notice").fetchall())


def unseen(moments: list[datetime], falls: list[datetime], starts: list[datetime]) -> int:
    """Count the moments at which control was down: since when it fell the journal has not said that it started."""
    last = [(falls[: bisect_right(falls, moment)], starts[: bisect_right(starts, moment)]) for moment in moments]
    return sum(bool(fell) and fell[-1] > begun[-1] for fell, begun in last)


@pytest.fixture
def plant(tmp_path, hook, coldport_process, free_port):
    class Plant:
        data, page_port = tmp_path / "data", free_port()

        def __init__(self, write_site, broker) -> None:
            self.folder = write_site(tmp_path / "site", broker.broker.port, hook.url)
            places = [str(self.folder), "--data", str(self.data), "--port", str(self.page_port)]
            self.control = coldport_process("control", "control", "run", *places)

    return Plant


async def test_control_that_is_killed_inside_excursions_tells_people_what_one_that_was_not_killed_would_have(
    plant, play, hook, start_broker, records, account, eventually
) -> None:
    clock = SystemClock()
    print(f"COLDPORT_SEED={SEED} COLDPORT_KILLS={KILLS}")  # noqa: T201 - to repeat a failure
    broker = await start_broker("nats")
    place = plant(play.write_site, broker)
    trap = Trap(place.control, random.Random(SEED), clock)
    hook.before_answer = lambda: trap.spring("sending")
    async with (
        MqttBus(client_id="gateway", broker=broker.broker, filters=play.filters) as bus,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{place.page_port}", timeout=5) as client,
    ):
        gateway = play.Gateway(bus, clock)
        reading = asyncio.create_task(gateway.run())
        floor = Floor(gateway, hook, trap, client, eventually)
        place.control.start()
        await eventually(lambda: gateway.spool.confirmed > 0)
        living = [asyncio.create_task(floor.live(point)) for point in gateway.values]
        for moment in trap.dice.sample(MOMENTS * KILLS, KILLS):
            await trap.kill_and_start(moment, eventually, gateway)
            assert not any(task.done() for task in (reading, *living))
        floor.stopping = True
        await asyncio.gather(*living)
        await clock.sleep(1.0)
        reading.cancel()
        await asyncio.wait([reading])
    await eventually(lambda: set(outbox_of(place.data).values()) == {"sent"})
    await place.control.stop()

    contents = records.contents()
    alarms, (expected, would_tell) = play.alarms_in(contents), await play.without_kills(place.folder, contents)
    assert alarms == expected
    assert set(account(contents).births.values()) == {1}
    assert {alarm.definition for alarm in alarms.values()} == set(play.KINDS) - {"brief"}
    assert {alarm.state for alarm in alarms.values()} <= {AlarmState.NORMAL, AlarmState.RETURNED_UNACKNOWLEDGED}

    # At least once, and by its key once: what came is what the outbox holds, and each is another piece of news.
    assert set(hook.keys) == set(outbox_of(place.data))
    told = Counter(map(play.told_by, set(hook.keys)))
    never_seen = Counter(would_tell) - told
    assert told - Counter(would_tell) == Counter()
    # An excursion that came and went while control was down is told once, as what it is: over.
    assert {(alarm.split(".")[0], why) for alarm, why in never_seen} <= {("short", "raised")}
    assert all(told[alarm, "returned"] == 1 for alarm in alarms)
    report(trap, contents, alarms, hook, told, never_seen)


def report(trap: Trap, contents, alarms, hook, told, never_seen) -> None:
    """Print what the run was made of, and see that it was worth something."""
    starts, falls = [one.at for one in contents if isinstance(one, Started)], [at for _, at in trap.falls]
    returns = unseen([alarm.returned_at for alarm in alarms.values()], falls, starts)
    figures = {
        "kills": Counter(moment for moment, _ in trap.falls),
        "starts": len(starts),
        "alarms": len(alarms),
        "raised while down": unseen([alarm.occurred_at for alarm in alarms.values()], falls, starts),
        "returned while down": returns,
        "notices": told.total(),
        "sent again": len(hook.keys) - told.total(),
        "told only when over": never_seen.total(),
        "transitions": sum(isinstance(one, Transitioned) for one in contents),
    }
    print(json.dumps(figures))  # noqa: T201 - the figures of the run
    assert len(falls) == KILLS
    assert len(hook.keys) - told.total() <= KILLS  # no more than one was under way when control fell
    assert returns > KILLS // 20
