"""Control as a process of its own, on the embedded broker: readings in, alarms out, killed and started again."""

import asyncio
import json
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from datetime import timedelta
from pathlib import Path

import pytest

from coldport import topics
from coldport.bus import Outgoing
from coldport.bus_mqtt import MqttBus
from coldport.clock import SystemClock
from coldport.codec import decode, encode
from coldport.messages.alarm import Alarm
from coldport.messages.observation import Batch, Reading, Receipt
from coldport.messages.status import Presence
from control.entries import Observed
from control.journal.sqlite import SqliteJournal, check_chain

pytestmark = [pytest.mark.broker, pytest.mark.e2e]

EXAMPLE = Path(__file__).parents[2] / "config" / "sites" / "xiangtan"
SITE = "xiangtan-1"
DOOR = "c1-door"
EVERY = timedelta(seconds=0.1)
"""Between readings: so many that control is killed among them are still young enough to be judged live."""


class Control:
    """The process `coldport control run`, on a copy of the example site."""

    def __init__(self, folder: Path, broker_port: int, http_port: int) -> None:
        self.site = folder / "site"
        shutil.copytree(EXAMPLE, self.site)
        file = self.site / "site.toml"
        file.write_text(file.read_text(encoding="utf-8").replace("18830", str(broker_port)), encoding="utf-8")
        self.journal = folder / "data" / "control" / "journal.sqlite"
        self.http = f"http://127.0.0.1:{http_port}"
        places = [str(self.site), "--data", str(folder / "data"), "--port", str(http_port)]
        self.command = [sys.executable, "-m", "coldport", "control", "run", *places]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, stderr=subprocess.PIPE)

    def stop(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        _, self.said = self.process.communicate(timeout=20)
        return self.process.returncode

    def ask(self, path: str):
        with urllib.request.urlopen(self.http + path, timeout=5) as answer:
            return json.load(answer)


@pytest.fixture
async def control(tmp_path, start_broker, free_port):
    broker = await start_broker("nats")
    control = Control(tmp_path, broker.broker.port, free_port())
    control.broker = broker.broker
    yield control
    if control.process is not None and control.process.poll() is None:
        control.stop(signal.SIGKILL)


def batch(numbers, start) -> Outgoing:
    observations = tuple(
        Reading(seq=n, point=DOOR, observed_at=at, spooled_at=at, value=1.0)
        for n in numbers
        for at in (start + EVERY * n,)
    )
    payload = encode(Batch(gateway="edge-1", boot_id="0" * 32, observations=observations))
    return Outgoing(topics.observations(SITE, "edge-1"), payload)


async def receipts_until(bus: MqttBus, last: int, within_s: float) -> bool:
    """Tell whether control confirmed number `last` in time."""
    try:
        async with asyncio.timeout(within_s):
            while True:
                for message in await bus.receive(100):
                    message.ack()
                    if decode(Receipt, message.payload).last_seq >= last:
                        return True
    except TimeoutError:
        return False


async def test_an_open_door_becomes_a_retained_alarm_and_a_signal_ends_control_in_order(control, eventually):
    control.start()
    filters = [topics.ALARMS.filter(SITE), topics.PRESENCE.filter(SITE)]
    async with MqttBus(client_id="screen", broker=control.broker, filters=filters) as screen:
        await screen.wait_connected()
        seen: dict[str, bytes] = {}
        alarm = f"coldport/v1/{SITE}/alarms/{DOOR}/door-open"
        presence = topics.presence(SITE, "control")

        async def listen() -> None:
            while True:
                for message in await screen.receive(100):
                    seen[message.topic] = message.payload
                    message.ack()

        listening = asyncio.create_task(listen())
        await eventually(lambda: presence in seen)
        await screen.publish(batch(range(1, 701, 10), SystemClock().now() - timedelta(seconds=71)))
        await eventually(lambda: alarm in seen)
        assert decode(Alarm, seen[alarm]).id == f"door-open.{DOOR}.1"
        assert decode(Presence, seen[presence]).online
        (shown,) = await asyncio.to_thread(control.ask, "/api/v1/alarms")
        assert shown["id"] == f"door-open.{DOOR}.1"
        assert await asyncio.to_thread(control.stop, signal.SIGTERM) == 0
        assert b"Traceback" not in control.said
        await eventually(lambda: not decode(Presence, seen[presence]).online)
        listening.cancel()
    assert check_chain(control.journal) >= 3


@pytest.mark.slow
async def test_killed_at_any_moment_control_has_every_reading_once_and_each_alarm_once(control):
    start = SystemClock().now() - timedelta(seconds=245)
    numbers, last = 0, 6 * 400
    async with MqttBus(client_id="edge-1", broker=control.broker, filters=[topics.RECEIPTS.filter(SITE)]) as gateway:
        await gateway.wait_connected()
        for round_of_kill in range(3):
            control.start()
            while numbers < (round_of_kill + 1) * 800:
                await gateway.publish(batch(range(numbers + 1, numbers + 41), start))
                numbers += 40
                if numbers % 200 == 0:
                    await receipts_until(gateway, numbers, within_s=0.05)
            await asyncio.to_thread(control.stop, signal.SIGKILL)
        control.start()
        confirmed = False
        while not confirmed:  # as the edge does: what is not confirmed is sent again
            for first in range(1, last + 1, 400):
                await gateway.publish(batch(range(first, first + 400), start))
            confirmed = await receipts_until(gateway, last, within_s=5)
        alarms = await asyncio.to_thread(control.ask, "/api/v1/alarms")
        assert await asyncio.to_thread(control.stop, signal.SIGTERM) == 0
    assert [alarm["id"] for alarm in alarms if alarm["point"] == DOOR] == [f"door-open.{DOOR}.1"]
    check_chain(control.journal)
    with SqliteJournal(control.journal) as journal:
        entries = [entry.content for entry in journal.read(0, 100_000)]
    recorded = [o.seq for content in entries if isinstance(content, Observed) for o in content.observations]
    assert sorted(recorded) == list(range(1, last + 1))


def test_a_port_in_use_is_one_line_and_code_2(tmp_path, free_port):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        control = Control(tmp_path, free_port(), port)
        result = subprocess.run(control.command, capture_output=True, timeout=20, check=False)
    assert result.returncode == 2
    assert f"port {port} on 127.0.0.1 is in use" in result.stderr.decode().splitlines()[-1]
