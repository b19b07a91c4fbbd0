"""Debian's servers for the historian, each in a process of its own with a store that lasts as long as the tests."""

import itertools
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from coldport.clock import Clock, ManualClock
from coldport.ids import PointId, SiteId
from coldport.messages.observation import Quality
from control.historian.influx import InfluxHistorian
from control.historian.settings import HistorianSettings
from control.ports import Bucket, Sample

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DEADLINE_S = 20.0

INFLUXD = """
reporting-disabled = true
bind-address = "127.0.0.1:{rpc_port}"
[meta]
  dir = "{folder}/meta"
[data]
  dir = "{folder}/data"
  wal-dir = "{folder}/wal"
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:{port}"
  log-enabled = false
"""


class Server:
    """A real server that can be killed and started again on the same port and store."""

    def __init__(self, kind: str, folder: Path, free_port: Callable[[], int]) -> None:
        self.kind = kind
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir()
        if kind == "influxd":
            (folder / "conf").write_text(INFLUXD.format(rpc_port=free_port(), port=self.port, folder=folder))
            self._command = ["influxd", "-config", str(folder / "conf")]
        else:
            address = f"-httpListenAddr=127.0.0.1:{self.port}"
            self._command = [kind, f"-storageDataPath={folder}", address, "-retentionPeriod=100y"]

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(lambda: self._process.poll() is not None or self._answers())
        if self.kind == "influxd":
            httpx.post(f"{self.url}/query", params={"q": "CREATE DATABASE coldport"}).raise_for_status()

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def flush(self) -> None:
        """Make what was written visible to questions; InfluxDB has no need of it."""
        if self.kind == "victoria-metrics":
            httpx.get(f"{self.url}/internal/force_flush").raise_for_status()

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/ping").is_success
        except httpx.TransportError:
            return False


class Flushing(InfluxHistorian):
    """A historian that lets the server show what it has taken before it is asked."""

    server: Server

    def buckets(self, point: PointId, start: datetime, end: datetime, count: int, *, hold_s: float) -> Sequence[Bucket]:
        self.server.flush()
        return super().buckets(point, start, end, count, hold_s=hold_s)

    def samples(self, point: PointId, start: datetime, end: datetime) -> Sequence[Sample]:
        self.server.flush()
        return super().samples(point, start, end)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + DEADLINE_S  # noqa: TID251 - a real process has real time
    while not condition():
        assert time.monotonic() < deadline_s, "not within the deadline"  # noqa: TID251 - the same
        time.sleep(0.02)  # noqa: TID251 - the same


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory) -> Callable[[str], Server]:
    """A function that starts each kind once; tests keep apart by their site."""
    running: dict[str, Server] = {}

    def get(kind: str) -> Server:
        if shutil.which(kind) is None:
            pytest.skip(f"{kind} is not installed")
        if kind not in running:
            running[kind] = Server(kind, tmp_path_factory.mktemp("server") / kind, find_port)
            running[kind].start()
        return running[kind]

    yield get
    for server in running.values():
        server.kill()


@pytest.fixture
def own_server(tmp_path) -> Callable[[str], Server]:
    """A function that makes a server for one test, not started yet."""
    made: list[Server] = []

    def make(kind: str) -> Server:
        if shutil.which(kind) is None:
            pytest.skip(f"{kind} is not installed")
        made.append(Server(kind, tmp_path / kind, find_port))
        return made[-1]

    yield make
    for server in made:
        server.kill()


def find_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def influx(tmp_path) -> Callable[..., Flushing]:
    """A function that makes a historian on a server, for a site that no other test has."""
    made: list[Flushing] = []
    numbers = itertools.count()

    def make(server: Server, site: str | None = None, clock: Clock | None = None) -> Flushing:
        historian = Flushing(
            HistorianSettings(kind="influx", url=server.url),
            token=None,
            site=SiteId(site or f"{tmp_path.name[:40].replace('_', '-')}-{next(numbers)}"),
            number_file=tmp_path / "applied.json",
            clock=clock or ManualClock(NOON),
        )
        historian.server = server
        made.append(historian)
        return historian

    yield make
    for historian in made:
        historian.close()


@pytest.fixture
def sample() -> Callable[..., Sample]:
    """A function that makes a sample: seconds after noon, its value (None for a bad one) and its point."""

    def make(second: float, value: float | None = 1.0, point: str = "c1-1-temperature") -> Sample:
        quality = Quality.BAD if value is None else Quality.GOOD
        return Sample(PointId(point), NOON + timedelta(seconds=second), value, quality)

    return make
