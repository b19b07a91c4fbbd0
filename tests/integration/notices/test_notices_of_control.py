"""Control as a process: an alarm is told, and its return too when control was killed in between."""

import asyncio
import shutil
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from coldport import topics
from coldport.bus import Outgoing
from coldport.bus_mqtt import MqttBus
from coldport.clock import SystemClock
from coldport.codec import encode
from coldport.messages.observation import Batch, Reading

pytestmark = [pytest.mark.broker, pytest.mark.e2e]

EXAMPLE = Path(__file__).parents[3] / "config" / "sites" / "xiangtan"
SITE = "xiangtan-1"
DOOR = "c1-door"

NOTIFY = """
language = "en"
window_s = 0
channels = [{{ kind = "webhook", id = "hook", url = "{url}/notices" }}]
recipients = [{{ id = "group", name = "Group", addresses = {{ hook = "" }} }}]
roles = [{{ id = "duty", recipients = ["group"] }}]
policies = [{{ id = "all", steps = [{{ roles = ["duty"] }}] }}]
"""


@pytest.fixture
async def control(tmp_path, start_broker, free_port, receiver):
    """A function that starts control, on a copy of the example site that tells `receiver`."""
    receiver.answer = b""
    broker = await start_broker("nats")
    site = tmp_path / "site"
    shutil.copytree(EXAMPLE, site)
    text = (site / "site.toml").read_text(encoding="utf-8")
    (site / "site.toml").write_text(text.replace("18830", str(broker.broker.port)), encoding="utf-8")
    (site / "notify.toml").write_text(NOTIFY.format(url=receiver.url), encoding="utf-8")
    places = [str(site), "--data", str(tmp_path / "data"), "--port", str(free_port())]
    running = []

    def start():
        running.append(subprocess.Popen([sys.executable, "-m", "coldport", "control", "run", *places]))
        return running[-1]

    start.broker = broker.broker
    yield start
    for process in running:
        process.kill()
        process.wait()


def batch(numbers, start, value) -> Outgoing:
    observations = tuple(
        Reading(seq=n, point=DOOR, observed_at=at, spooled_at=at, value=value)
        for n in numbers
        for at in (start + timedelta(seconds=n),)
    )
    payload = encode(Batch(gateway="edge-1", boot_id="0" * 32, observations=observations))
    return Outgoing(topics.observations(SITE, "edge-1"), payload)


def told(receiver):
    """What was told of the door, each notice once, as a receiver that knows keys has it."""
    by_key = {headers["Idempotency-Key"]: body for _, headers, body in receiver.taken}
    return [(body["why"], body["alarms"]) for body in by_key.values() if DOOR in body["alarms"][0]]


async def publish_until(gateway: MqttBus, batch: Outgoing, is_so) -> None:
    """Publish again and again, as a gateway does without a receipt."""
    async with asyncio.timeout(40):
        while not is_so():
            await gateway.publish(batch)
            await asyncio.sleep(0.5)  # noqa: TID251 - polls a real process


async def test_a_return_during_a_downtime_is_told(control, receiver):
    alarm = [f"door-open.{DOOR}.1"]
    start = SystemClock().now() - timedelta(seconds=72)
    async with MqttBus(client_id="edge-1", broker=control.broker, filters=[topics.RECEIPTS.filter(SITE)]) as gateway:
        await gateway.wait_connected()
        process = control()
        await publish_until(gateway, batch(range(1, 71), start, 1.0), lambda: told(receiver) == [("raised", alarm)])
        process.send_signal(signal.SIGKILL)
        await asyncio.to_thread(process.wait)
        again = control()
        both = [("raised", alarm), ("returned", alarm)]
        await publish_until(gateway, batch(range(71, 76), start, 0.0), lambda: told(receiver) == both)
        again.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(again.wait) == 0
