"""Fixtures that every kind of test may ask for."""

import asyncio
import contextlib
import os
import random
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from coldport import broker as embedded
from coldport.bus import Outgoing
from coldport.site import Broker

DEADLINE_S = 20.0
PORTS = range(20_000, 32_000)
"""Below those that an operating system gives to whoever connects, so that a free one is free a second later too."""
SITES = Path(__file__).parents[1] / "config/sites"

EXPECTED_SKIPS_IN_CI = ("node is not installed",)
"""Reasons that CI accepts; any other skip there means that something it should have installed is missing."""


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if not os.environ.get("CI") or reporter is None:
        return
    reasons = {str(report.longrepr[2]).removeprefix("Skipped: ") for report in reporter.stats.get("skipped", [])}
    unexpected = sorted(reason for reason in reasons if not reason.startswith(EXPECTED_SKIPS_IN_CI))
    if unexpected:
        reporter.write_line(f"CI does not expect these skips: {'; '.join(unexpected)}", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture
def free_port() -> Callable[[], int]:
    """A function that finds a TCP port nobody listens on, for somebody who will listen there a little later."""

    def find() -> int:
        while True:
            port = random.SystemRandom().choice(PORTS)
            with socket.socket() as listener, contextlib.suppress(OSError):
                listener.bind(("127.0.0.1", port))
                return port

    return find


@pytest.fixture
def site_copy(free_port) -> Callable[..., Path]:
    """A function that copies an example site to a folder, on ports of its own."""

    def copy(folder: Path, name: str = "xiangtan") -> Path:
        shutil.copytree(SITES / name, folder)
        ports = {
            port: str(free_port())
            for port in ("18830", "18840", "18850", "15020", "15021", "15022", "15084", "15085", "15086")
        }
        for file in folder.glob("*.toml"):
            text = file.read_text(encoding="utf-8")
            for fixed, free in ports.items():
                text = re.sub(rf"\bport = {fixed}\b", f"port = {free}", text)
            text = text.replace('"../../networks/', f'"{SITES.parent.as_posix()}/networks/')
            file.write_text(text, encoding="utf-8")
        return folder

    return copy


@pytest.fixture
def eventually() -> Callable[..., Awaitable[None]]:
    """Wait on a condition of a real process, with a deadline; the one place where a test waits for the real clock."""

    async def wait(condition: Callable[[], bool], within_s: float = DEADLINE_S) -> None:
        async with asyncio.timeout(within_s):
            while not condition():  # noqa: ASYNC110 - there is no event to wait for
                await asyncio.sleep(0.01)  # noqa: TID251 - polls a real process

    return wait


def _port_answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class BrokerProcess:
    """A real broker in a process of its own, that can be killed and started again on the same port and store."""

    def __init__(self, command: list[str], port: int) -> None:
        self.command = command
        self.broker = Broker(port=port)
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self, eventually: Callable[..., Awaitable[None]]) -> None:
        self._process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: ASYNC220
        await eventually(lambda: _port_answers(self.broker.port))

    def kill(self) -> None:
        """SIGKILL, as a power switch would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@pytest.fixture
async def start_broker(
    tmp_path: Path, free_port, eventually
) -> AsyncIterator[Callable[[str], Awaitable[BrokerProcess]]]:
    """Start a real broker: `nats` is the embedded one, `mosquitto` Debian's with no queue limit."""
    running: list[BrokerProcess] = []

    async def start(kind: str) -> BrokerProcess:
        port = free_port()
        if kind == "nats":
            command = embedded.command(Broker(port=port), tmp_path / "broker")
        else:
            configuration = tmp_path / "mosquitto.conf"
            configuration.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n")
            command = ["mosquitto", "-c", str(configuration)]
        running.append(BrokerProcess(command, port))
        await running[-1].start(eventually)
        return running[-1]

    yield start
    for process in running:
        process.kill()


VANISHING_CLIENT = """
import os, sys
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
port, topic, payload = int(sys.argv[1]), sys.argv[2], sys.argv[3]
client = paho.Client(CallbackAPIVersion.VERSION2)
client.will_set(topic, payload, qos=1, retain=True)
client.on_connect = lambda *_: os._exit(0)
client.connect("127.0.0.1", port)
client.loop_forever()
"""


@pytest.fixture
def vanish() -> Callable[[Broker, Outgoing], Awaitable[None]]:
    """Connect a client with a will in a process of its own, which ends without a goodbye."""

    async def connect_and_die(broker: Broker, will: Outgoing) -> None:
        arguments = [sys.executable, "-c", VANISHING_CLIENT, str(broker.port), will.topic, will.payload.decode()]
        process = await asyncio.create_subprocess_exec(*arguments)
        await process.wait()

    return connect_and_die
