"""Ingest, measured on this machine in one run: `make bench-ingest`.

(a) the broker's own limit, with mosquitto_pub and mosquitto_sub, which keep nothing; (b) Coldport from the bus to the
durable journal with alarms evaluated, the same publisher; (c) Node-RED from npm, the same messages appended to a file
without fsync, where node and npm are present. Then alarm latency at a steady 5,000 readings a second.

Needs Debian's mosquitto-clients. Each rate is the median of the rounds, which alternate.
"""

import argparse
import asyncio
import contextlib
import json
import os
import platform
import shutil
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil

from coldport import broker as embedded
from coldport import topics
from coldport.bus import Outgoing
from coldport.bus_mqtt import MqttBus
from coldport.codec import decode, encode
from coldport.ids import GatewayId, SiteId
from coldport.messages.alarm import Alarm, AlarmState
from coldport.messages.observation import Batch, Reading
from coldport.site import Broker, load_site
from control.journal.sqlite import SqliteJournal

EXAMPLE = Path(__file__).parents[2] / "config/sites/xiangtan"
GATEWAY = "bench"
ALARMS = """
[[alarms]]
id = "bench-hi"
version = 1
name = {{ zh = "测量", en = "benchmark" }}
kind = "HI"
quantity = "temperature"
points = [{points}]
limit = 50.0
unit = "°C"
source = "benchmark"
deadband = 0.5
on_delay_s = 0
off_delay_s = 0
severity = "serious"
time_to_respond_s = 1800
owner = "test"
consequence = {{ zh = "无", en = "none" }}
action = {{ zh = "无", en = "none" }}
"""
PUBLISHER_LIMIT = 65_000
BOOTS = iter(f"{number:032x}" for number in range(1, 10_000))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Bench:
    """A broker, a site on it, and the messages."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.broker = Broker(port=free_port())
        self.site_folder = folder / "site"
        self.site_folder.mkdir()
        text = (EXAMPLE / "site.toml").read_text(encoding="utf-8")
        (self.site_folder / "site.toml").write_text(text.replace("port = 18830", f"port = {self.broker.port}"))
        self.site = load_site(self.site_folder)
        self.points = [point for point in self.site.points() if point.endswith("-temperature")]
        listed = ", ".join(f'"{point}"' for point in self.points)
        (self.site_folder / "alarms.toml").write_text(ALARMS.format(points=listed), encoding="utf-8")
        self.site_id = SiteId(self.site.id)
        self.birth = topics.presence(self.site_id, "control")
        self.topic = topics.observations(self.site_id, GatewayId(GATEWAY))

    @contextlib.contextmanager
    def running_broker(self) -> Iterator[None]:
        command = embedded.command(self.broker, Path(tempfile.mkdtemp(dir=self.folder)))
        with process(command) as _:
            wait_until(lambda: answers(self.broker.port))
            yield

    def payloads(self, readings: int, size: int) -> Path:
        """Write one batch a line: `readings` in batches of `size`, every thousandth reading a breach."""
        boot, path = next(BOOTS), self.folder / f"batches-{size}.jsonl"
        start = datetime.now(UTC) - timedelta(seconds=readings / 1_000)  # noqa: TID251 - a benchmark is its own clock
        with path.open("wb") as file:
            for first in range(1, readings + 1, size):
                file.write(encode(self.batch(boot, first, size, start)) + b"\n")
        return path

    def batch(self, boot: str, first: int, size: int, start: datetime) -> Batch:
        return Batch(
            gateway=GATEWAY,
            boot_id=boot,
            observations=tuple(
                Reading(
                    seq=seq,
                    point=self.points[seq % len(self.points)],
                    observed_at=(at := start + timedelta(milliseconds=seq)),
                    spooled_at=at,
                    value=60.0 if seq % 1_000 == 0 else 4.5 + seq % 7 / 10,
                )
                for seq in range(first, first + size)
            ),
        )

    def publish(self, path: Path) -> subprocess.Popen[bytes]:
        command = ["mosquitto_pub", "-p", str(self.broker.port), "-q", "1", "-M", "500", "-l", "-t", self.topic]
        return subprocess.Popen(command, stdin=path.open("rb"))

    @contextlib.contextmanager
    def running_control(self) -> Iterator[tuple[psutil.Process, Path]]:
        data = Path(tempfile.mkdtemp(dir=self.folder))
        command = [
            sys.executable,
            "-m",
            "coldport",
            "control",
            "run",
            str(self.site_folder),
            "--data",
            str(data),
            "--headless",
        ]
        with process(command, stderr=(data / "log").open("wb")) as child:
            # Its birth says that it has subscribed; what is published before is nobody's.
            birth = ["mosquitto_sub", "-p", str(self.broker.port), "-C", "1", "-W", "30", "-t", self.birth]
            subprocess.run(birth, check=True, stdout=subprocess.DEVNULL)
            yield psutil.Process(child.pid), data / "control" / "journal.sqlite"


@contextlib.contextmanager
def process(command: list[str], **options: object) -> Iterator[subprocess.Popen[bytes]]:
    child = subprocess.Popen(command, **{"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **options})  # type: ignore[call-overload]
    try:
        yield child
    finally:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(20)
        except subprocess.TimeoutExpired:
            child.kill()


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(condition: Callable[[], bool], within_s: float = 180.0) -> None:
    end = time.monotonic() + within_s  # noqa: TID251 - a benchmark is its own clock
    while not condition():
        if time.monotonic() > end:  # noqa: TID251
            sys.exit("bench: the other side did not get there in time")
        time.sleep(0.005)  # noqa: TID251


def clock() -> float:
    return time.monotonic()  # noqa: TID251 - a benchmark is its own clock


def broker_limit(bench: Bench, path: Path, messages: int) -> float:
    """Return messages a second from publisher to a subscriber that keeps nothing."""
    # A session that outlives its client, as control's does: the broker owes both the same.
    session = ["-c", "-i", "limit", "-q", "1"]
    command = ["mosquitto_sub", "-p", str(bench.broker.port), *session, "-t", bench.topic, "-C", str(messages)]
    with process(command) as subscriber:
        time.sleep(0.3)  # noqa: TID251 - mosquitto_sub does not say when it has subscribed
        began = clock()
        bench.publish(path)
        subscriber.wait(180)
        return messages / (clock() - began)


def coldport(bench: Bench, path: Path, messages: int, readings: int) -> dict[str, float]:
    """Return rates from the first publish to the last commit, what is missing, and memory at a fifth and at the end."""
    with bench.running_control() as (control, journal):
        database = sqlite3.connect(f"file:{journal}?mode=ro", uri=True)

        def kept() -> int:
            rows = database.execute("SELECT sum(last_seq - first_seq + 1) FROM mark").fetchone()
            return int(rows[0] or 0)

        cpu = sum(control.cpu_times()[:2])
        began = clock()
        bench.publish(path)
        wait_until(lambda: kept() >= readings // 5)
        early = control.memory_info().rss
        wait_until(lambda: kept() >= readings)
        took = clock() - began
        return {
            "messages_per_s": messages / took,
            "readings_per_s": readings / took,
            "lost": readings - kept(),
            "cpu_us_per_message": (sum(control.cpu_times()[:2]) - cpu) / messages * 1e6,
            "rss_early_mb": early / 1e6,
            "rss_end_mb": control.memory_info().rss / 1e6,
        }


NODE_RED_RULE = (
    "const r = msg.payload.observations; if (r.some(x => x.value > 50)) "
    "{ node.send([null, {topic: 'alarm', payload: r[0].point}]); } "
    "msg.payload = JSON.stringify(msg.payload); return [msg, null];"
)


def node_red(bench: Bench, path: Path, messages: int) -> float | None:
    """Return messages a second through Node-RED to a file, or None where it cannot be had."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return None
    home = Path(tempfile.gettempdir()) / "coldport-bench-node-red"
    if not (home / "node_modules/node-red/red.js").exists():
        install = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(home), "node-red@4"]
        if subprocess.run(install, check=False, capture_output=True).returncode != 0:
            return None
    stored = bench.folder / "node-red.jsonl"
    stored.unlink(missing_ok=True)
    user = Path(tempfile.mkdtemp(dir=bench.folder))
    broker = {"id": "b", "type": "mqtt-broker", "broker": "127.0.0.1", "port": str(bench.broker.port), "clientid": "nr"}
    (user / "flows.json").write_text(
        json.dumps(
            [
                {"id": "t", "type": "tab", "label": "bench"},
                {**broker, "protocolVersion": "4", "keepalive": "60", "cleansession": True, "autoConnect": True},
                {"id": "i", "z": "t", "type": "mqtt in", "topic": bench.topic, "qos": "1", "datatype": "json",
                 "broker": "b", "wires": [["f"]]},
                {"id": "f", "z": "t", "type": "function", "func": NODE_RED_RULE, "outputs": 2, "wires": [["s"], ["o"]]},
                {"id": "s", "z": "t", "type": "file", "filename": str(stored), "filenameType": "str",
                 "appendNewline": True, "overwriteFile": "false", "wires": [[]]},
                {"id": "o", "z": "t", "type": "mqtt out", "topic": "alarm", "qos": "1", "broker": "b", "wires": []},
            ]
        )
    )  # fmt: skip
    log = user / "log"
    script = str(home / "node_modules/node-red/red.js")
    with process(["node", script, "--userDir", str(user), "-p", str(free_port()), "flows.json"], stdout=log.open("wb")):
        wait_until(lambda: b"Connected to broker" in log.read_bytes())
        began = clock()
        bench.publish(path)
        wait_until(lambda: stored.exists() and lines_of(stored) >= messages)
        return messages / (clock() - began)


def lines_of(path: Path) -> int:
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))


async def alarm_latency_ms(bench: Bench, seconds: int, rate: int) -> list[float]:
    """Return, for each alarm raised at `rate` readings a second, the time from its commit to its arrival on the bus."""
    size, boot = 50, next(BOOTS)
    arrivals: dict[int, float] = {}
    with bench.running_control() as (_, journal_path):
        async with (
            MqttBus(
                client_id="listener", broker=bench.broker, filters=[topics.ALARMS.filter(bench.site_id)]
            ) as listener,
            MqttBus(client_id="publisher", broker=bench.broker) as publisher,
        ):
            await listener.wait_connected()
            await publisher.wait_connected()

            async def listen() -> None:
                while True:
                    for message in await listener.receive(1_000):
                        alarm = decode(Alarm, message.payload)
                        if alarm.state is AlarmState.UNACKNOWLEDGED and not message.retained:
                            arrivals.setdefault(alarm.transition, time.time())  # noqa: TID251
                        message.ack()

            hearing = asyncio.create_task(listen())
            began, sending = clock(), []
            for number in range(seconds * rate // size):
                start = datetime.now(UTC) - timedelta(milliseconds=(number + 1) * size)  # noqa: TID251
                payload = encode(bench.batch(boot, number * size + 1, size, start))
                sending.append(asyncio.create_task(publisher.publish(Outgoing(bench.topic, payload))))
                await asyncio.sleep(max(0.0, began + (number + 1) * size / rate - clock()))  # noqa: TID251
            await asyncio.gather(*sending)
            await asyncio.sleep(1.0)  # noqa: TID251
            hearing.cancel()
    with SqliteJournal(journal_path) as journal:
        recorded = {entry.number: entry.recorded_at.timestamp() for entry in journal.read(0, 1_000_000)}
    return [(arrived - recorded[number]) * 1e3 for number, arrived in arrivals.items()]


def say(line: str = "") -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=60_000, help="messages of one reading each in a round")
    parser.add_argument("--batches", type=int, default=5_000, help="messages of 100 readings each in a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=15, help="length of the latency run")
    arguments = parser.parse_args()
    if max(arguments.messages, arguments.batches) > PUBLISHER_LIMIT:
        parser.error(f"mosquitto_pub stops early past {PUBLISHER_LIMIT} messages: its packet numbers come round")
    if shutil.which("mosquitto_sub") is None:
        sys.exit("bench: needs mosquitto_pub and mosquitto_sub (Debian: mosquitto-clients)")
    say(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        singles, hundreds = arguments.messages, arguments.batches
        limits, ones, many, red = [], [], [], []
        for number in range(1, arguments.rounds + 1):
            # A fresh broker for each: control's session would otherwise keep what was published for the others.
            with bench.running_broker():
                limits.append(broker_limit(bench, bench.payloads(singles, 1), singles))
            with bench.running_broker():
                ones.append(coldport(bench, bench.payloads(singles, 1), singles, singles))
            with bench.running_broker():
                many.append(coldport(bench, bench.payloads(hundreds * 100, 100), hundreds, hundreds * 100))
            with bench.running_broker():
                rate = node_red(bench, bench.payloads(singles, 1), singles)
            red += [rate] if rate else []
            single, batched = ones[-1]["messages_per_s"], many[-1]["readings_per_s"]
            say(
                f"round {number}: broker {limits[-1]:,.0f}/s, one a message {single:,.0f}/s, "
                f"batched {batched:,.0f} readings/s, Node-RED {rate or float('nan'):,.0f}/s"
            )
        with bench.running_broker():
            latencies = asyncio.run(alarm_latency_ms(bench, arguments.seconds, 5_000))
    limit = statistics.median(limits)
    one = statistics.median(run["messages_per_s"] for run in ones)
    batched = statistics.median(run["readings_per_s"] for run in many)
    say()
    say(f"(a) broker's own limit            {limit:>10,.0f} messages/s")
    say(f"(b) Coldport, 1 reading a message {one:>10,.0f} messages/s   {one / limit:.2f} of (a)   "
        f"{statistics.median(run['cpu_us_per_message'] for run in ones):.0f} us of CPU a message")  # fmt: skip
    say(f"    Coldport, 100 a message       {batched:>10,.0f} readings/s")
    if red:
        say(f"(c) Node-RED, file without fsync  {statistics.median(red):>10,.0f} messages/s   (b) is "
            f"{one / statistics.median(red):.1f} times (c)")  # fmt: skip
    else:
        say("(c) Node-RED                       not measured: node is not installed")
    say(f"lost: {sum(int(run['lost']) for run in [*ones, *many])}")
    growth = [run["rss_end_mb"] / run["rss_early_mb"] for run in many]
    early, end = many[-1]["rss_early_mb"], many[-1]["rss_end_mb"]
    say(f"memory of control, batched: {early:.0f} MB at a fifth, {end:.0f} MB at the end (at worst {max(growth):.2f})")
    latencies.sort()
    if latencies:
        p99 = latencies[int(len(latencies) * 0.99)]
        say(f"alarm after its commit at 5,000 readings/s: p50 {statistics.median(latencies):.1f} ms, p99 {p99:.1f} ms "
            f"({len(latencies)} alarms)")  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
