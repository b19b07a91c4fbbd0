"""One agent under a full floor, measured on this machine: `make bench-edge`.

Two Modbus lines of 30 units (two values each at 1 Hz), four LLRP gates at 300 tag reads a second each, eight scales at
20 frames a second; devices, broker and whoever confirms are other processes. CPU and memory of the agent's process are
sampled every second, and medians told. Then the Modbus part alone, beside thingsboard-gateway 3.8 from PyPI with the
same 60 units, in a virtual environment made for it and thrown away (or given with `--thingsboard`). Its broker is
mosquitto, because it speaks MQTT 5; what it does not deliver is not compared.
"""

import argparse
import asyncio
import json
import os
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from coldport import broker as embedded
from coldport import topics
from coldport.bus import Outgoing
from coldport.bus_mqtt import MqttBus
from coldport.clock import SystemClock
from coldport.codec import decode, encode
from coldport.ids import GatewayId, SiteId
from coldport.messages.observation import Batch, Receipt
from coldport.site import Broker

FLOOR = Path(__file__).with_name("floor_of_edge.py")
SITE, GATEWAY = SiteId("bench"), GatewayId("bench-edge")
UNITS = 30
CPU_TARGET, RSS_TARGET_MB = 40.0, 150.0
WARM_UP_S = 10
THINGSBOARD = ["thingsboard-gateway==3.8.*", "pymodbus==3.9.2", "pyserial", "pyserial-asyncio"]
"""With what its Modbus connector would install by itself at its first start."""


@dataclass
class Figures:
    """What was measured of one process: CPU of one core and memory at each second, and values a second."""

    cpu_percent: list[float]
    rss_mb: list[float]
    per_s: dict[str, float]

    @property
    def text(self) -> str:
        cpu, rss = statistics.median(self.cpu_percent), statistics.median(self.rss_mb)
        told = ", ".join(f"{rate:.0f} {kind}/s" for kind, rate in sorted(self.per_s.items()))
        return f"{cpu:6.1f} % of a core (worst second {max(self.cpu_percent):.1f})  {rss:6.1f} MB  {told}"


@contextmanager
def child(command: list[str], **options: object) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(command, text=True, **options)  # type: ignore[call-overload]
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def floor(counts: dict[str, int]) -> Iterator[dict[str, list[int]]]:
    """Run the floor; yield the ports of its devices."""
    with child([sys.executable, str(FLOOR), json.dumps(counts)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())


def write_site(folder: Path, broker: int, ports: dict[str, list[int]]) -> None:
    """Write a site with whatever is on the floor."""
    points, lines = [], []
    for number, port in enumerate(ports["modbus"]):
        devices = []
        for unit in range(1, UNITS + 1):
            name = f"m{number}-{unit}"
            points += [(f"{name}-t", "temperature", 1), (f"{name}-h", "humidity", 1)]
            devices.append(
                f'  {{ id = "{name}", unit = {unit}, profile = "xy-md02", '
                f'points = {{ temperature = "{name}-t", humidity = "{name}-h" }} }},\n'
            )
        lines.append(
            f'[[lines]]\nkind = "modbus-tcp"\nid = "m{number}"\ntcp = {{ host = "127.0.0.1", port = {port} }}\n'
            f"devices = [\n{''.join(devices)}]\n"
        )
    for number, port in enumerate(ports.get("llrp", [])):
        points.append((f"gate-{number}", "tags", 1))
        lines.append(
            f'[[lines]]\nkind = "reader"\nid = "reader-{number}"\nprofile = "llrp"\npoint = "gate-{number}"\n'
            f'tcp = {{ host = "127.0.0.1", port = {port} }}\nantennas = [1, 2, 3, 4]\n'
            "passages = { outside = [1, 2], inside = [3, 4] }\n"
        )
    for number, port in enumerate(ports.get("scale", [])):
        points.append((f"scale-{number}", "mass", 1))
        lines.append(
            f'[[lines]]\nkind = "scale"\nid = "weight-{number}"\nprofile = "toledo-continuous"\n'
            f'point = "scale-{number}"\ndivision_kg = 0.01\nload = {{}}\n'
            f'tcp = {{ host = "127.0.0.1", port = {port} }}\n'
        )
    told = "".join(f'  {{ id = "{id_}", quantity = "{kind}", every_s = {every} }},\n' for id_, kind, every in points)
    (folder / "site.toml").write_text(
        f'id = "{SITE}"\nname = {{ zh = "测量", en = "bench" }}\ntimezone = "UTC"\n[broker]\nport = {broker}\n'
        f'[[zones]]\nid = "z"\nname = {{ zh = "测量", en = "bench" }}\nzone_class = "lane"\npoints = [\n{told}]\n'
    )
    (folder / "edge.toml").write_text(f'gateway = "{GATEWAY}"\n' + "\n".join(lines))


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


async def confirm(broker: Broker, seen: Counter[str]) -> None:
    """Confirm every batch, as control does, and count what is in them."""
    clock = SystemClock()
    async with MqttBus(client_id="confirmer", broker=broker, filters=[topics.OBSERVATIONS.filter(SITE)]) as bus:
        while True:
            for received in await bus.receive(100):
                batch = decode(Batch, received.payload)
                seen.update(type(one).__name__ for one in batch.observations)
                receipt = Receipt(
                    gateway=batch.gateway,
                    boot_id=batch.boot_id,
                    first_seq=batch.observations[0].seq,
                    last_seq=batch.observations[-1].seq,
                    recorded_at=clock.now(),
                )
                await bus.publish(Outgoing(topics.receipts(SITE, GATEWAY), encode(receipt)))
                received.ack()


UNLIMITED = dict.fromkeys(("messages", "telemetryMessages", "telemetryDataPoints"), "0:0,")
LIMITS = {"rateLimits": UNLIMITED, "gatewayRateLimits": UNLIMITED, "maxPayloadSize": 65_536, "maxInflightMessages": 100}


async def play_platform(broker: Broker, seen: Counter[str]) -> None:
    """Count the values that a ThingsBoard gateway publishes; without an answer about its limits it publishes none."""
    telemetry, requests = "v1/gateway/telemetry", "v1/devices/me/rpc/request/"
    async with MqttBus(client_id="thingsboard", broker=broker, filters=[telemetry, requests + "+"]) as bus:
        while True:
            for received in await bus.receive(100):
                if received.topic == telemetry:
                    devices = json.loads(received.payload).values()
                    seen["value"] += sum(len(one["values"]) for device in devices for one in device)
                elif json.loads(received.payload)["method"] == "getSessionLimits":
                    answer = received.topic.replace("request", "response")
                    await bus.publish(Outgoing(answer, json.dumps(LIMITS).encode()))
                received.ack()


async def sample(process: subprocess.Popen[str], seen: Counter[str], seconds: int) -> Figures:
    """Sample a process and its children every second, after it has warmed up."""
    root = psutil.Process(process.pid)
    await asyncio.sleep(WARM_UP_S)  # noqa: TID251 - a benchmark is its own clock
    cpu, rss = [], []

    def spent() -> float:
        return sum(sum(one.cpu_times()[:2]) for one in (root, *root.children(recursive=True)))

    before, before_s, first, first_s = spent(), time.monotonic(), seen.copy(), time.monotonic()  # noqa: TID251
    for _ in range(seconds):
        await asyncio.sleep(1.0)  # noqa: TID251
        if process.poll() is not None:
            sys.exit(f"bench: the process ended with {process.returncode}")
        now, now_s = spent(), time.monotonic()  # noqa: TID251
        cpu.append(100 * (now - before) / (now_s - before_s))
        rss.append(sum(one.memory_info().rss for one in (root, *root.children(recursive=True))) / 1e6)
        before, before_s = now, now_s
    return Figures(cpu, rss, {kind: (seen[kind] - first[kind]) / (before_s - first_s) for kind in seen})


def measure_agent(counts: dict[str, int], seconds: int) -> Figures:
    """Measure an agent that reads such a floor."""
    with tempfile.TemporaryDirectory() as name, floor(counts) as ports:
        folder, broker = Path(name), Broker(port=free_port())
        write_site(folder, broker.port, ports)
        run = [sys.executable, "-m", "coldport", "edge", "run", str(folder), "--data", str(folder / "data")]
        log = (folder / "log").open("w")
        nats = child(embedded.command(broker, folder / "broker"), stderr=subprocess.DEVNULL)
        with log, nats, child(run, stdout=log, stderr=log) as agent:
            return asyncio.run(_watched(confirm, broker, agent, seconds))


def measure_thingsboard(python: Path, seconds: int) -> Figures:
    """Measure a thingsboard-gateway with the same Modbus units."""
    with tempfile.TemporaryDirectory() as name, floor({"modbus": 2}) as ports:
        folder, broker = Path(name), Broker(port=free_port())
        write_thingsboard(folder, broker.port, ports["modbus"], python)
        run = [str(python), "-c", "from thingsboard_gateway.tb_gateway import main; main()"]
        environment = {**os.environ, "TB_GW_CONFIG_DIR": str(folder), "TB_GW_LOGS_PATH": str(folder)}
        log = (folder / "out").open("w")
        # It speaks MQTT 5, which nats-server refuses: without this it reads, never delivers, and looks cheap.
        (folder / "mosquitto.conf").write_text(f"listener {broker.port} 127.0.0.1\nallow_anonymous true\n")
        mosquitto = child(["mosquitto", "-c", str(folder / "mosquitto.conf")], stderr=subprocess.DEVNULL)
        with log, mosquitto, child(run, stdout=log, stderr=log, cwd=folder, env=environment) as gateway:
            return asyncio.run(_watched(play_platform, broker, gateway, seconds))


async def _watched(listen, broker: Broker, process: subprocess.Popen[str], seconds: int) -> Figures:
    seen: Counter[str] = Counter()
    listening = asyncio.create_task(listen(broker, seen))
    try:
        return await sample(process, seen, seconds)
    finally:
        listening.cancel()


def write_thingsboard(folder: Path, broker: int, ports: list[int], python: Path) -> None:
    """Write its configuration: as shipped, but for the server, no rate limits of the cloud, and our units."""
    shipped = next(python.parents[1].glob("lib/python3*/site-packages/thingsboard_gateway/config"))
    settings = json.loads((shipped / "tb_gateway.json").read_text())
    settings["thingsboard"] |= {"host": "127.0.0.1", "port": broker, "remoteConfiguration": False}
    settings["thingsboard"] |= {key: "0:0," for key in settings["thingsboard"] if key.lower().endswith("ratelimits")}
    settings["connectors"] = [{"type": "modbus", "name": "modbus", "configuration": "modbus.json"}]
    (folder / "tb_gateway.json").write_text(json.dumps(settings))
    (folder / "logs.json").write_text((shipped / "logs.json").read_text())
    value = {"type": "16int", "functionCode": 4, "objectsCount": 1, "divider": 10}
    slave = {"host": "127.0.0.1", "type": "tcp", "method": "socket", "deviceType": "default", "timeout": 1}
    slave |= {"byteOrder": "BIG", "wordOrder": "BIG", "retries": 1, "pollPeriod": 1000, "connectAttemptTimeMs": 5000}
    slave |= {"connectAttemptCount": 5, "waitAfterFailedAttemptsMs": 5000, "retryOnEmpty": True, "retryOnInvalid": True}
    slaves = [
        slave
        | {"port": port, "unitId": unit, "deviceName": f"m{number}-{unit}", "attributes": [], "attributeUpdates": []}
        | {"rpc": [], "timeseries": [{"tag": "t", "address": 1, **value}, {"tag": "h", "address": 2, **value}]}
        for number, port in enumerate(ports)
        for unit in range(1, UNITS + 1)
    ]
    (folder / "modbus.json").write_text(json.dumps({"master": {"slaves": slaves}, "slave": None}))


def thingsboard_python(folder: Path) -> Path | str:
    """Install thingsboard-gateway into a folder; return its Python, or why it cannot be had."""
    if shutil.which("mosquitto") is None:
        return "mosquitto is not installed"
    commands = [
        [sys.executable, "-m", "venv", str(folder)],
        [str(folder / "bin/pip"), "install", "--quiet", *THINGSBOARD],
    ]
    for command in commands:
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=900)
        if done.returncode != 0:
            return (done.stderr.strip().splitlines() or ["pip failed"])[-1]
    return folder / "bin/python"


def say(text: str = "") -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60, help="length of each measurement")
    parser.add_argument("--thingsboard", type=Path, help="Python of an environment that has it already")
    parser.add_argument("--alone", action="store_true", help="without thingsboard-gateway")
    arguments = parser.parse_args()
    say(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    full = measure_agent({"modbus": 2, "llrp": 4, "scale": 8}, arguments.seconds)
    say(f"whole floor                      {full.text}")
    say(f"Modbus alone                     {measure_agent({'modbus': 2}, arguments.seconds).text}")
    if not arguments.alone:
        with tempfile.TemporaryDirectory() as name:
            python = arguments.thingsboard or thingsboard_python(Path(name))
            if isinstance(python, str):
                say(f"thingsboard-gateway              not measured: {python}")
            else:
                theirs = measure_thingsboard(python, arguments.seconds)
                delivered, wanted = theirs.per_s.get("value", 0.0), 2 * 2 * UNITS
                short = f"no comparison, it delivered {delivered:.0f} of {wanted} values/s"
                say(f"thingsboard-gateway, the same    {theirs.text if delivered >= 0.9 * wanted else short}")
    cpu, rss = statistics.median(full.cpu_percent), statistics.median(full.rss_mb)
    held = cpu <= CPU_TARGET and rss <= RSS_TARGET_MB
    say(f"target: <= {CPU_TARGET:.0f} % and <= {RSS_TARGET_MB:.0f} MB: {'held' if held else 'not held'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
