"""A whole site, started as its user starts it."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import psutil
import pytest


class Running:
    """A site that runs, its address, and the process that runs it."""

    def __init__(self, process: asyncio.subprocess.Process, port: int, output: Path) -> None:
        self.process = process
        self.address = f"http://127.0.0.1:{port}"
        self.output = output

    def get(self, path: str) -> object:
        return httpx.get(self.address + path, timeout=5).raise_for_status().json()

    def answers(self) -> bool:
        try:
            return httpx.get(f"{self.address}/healthz", timeout=1).status_code == 200
        except httpx.HTTPError:
            return False

    def values(self) -> dict[str, float]:
        return {point["id"]: point["value"] for point in self.get("/api/v1/points") if point["quality"] == "good"}

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    async def interrupt(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return await asyncio.wait_for(self.process.wait(), 30)


@pytest.fixture
def up(free_port, tmp_path: Path) -> Callable[..., object]:
    """A context in which a site runs, without its planner unless that is given a port; what is left is killed."""

    @asynccontextmanager
    async def run(site: Path, data: Path, planner_port: int | None = None) -> AsyncIterator[Running]:
        port = free_port()
        planner = ["--no-planner"] if planner_port is None else ["--planner-port", str(planner_port)]
        output = tmp_path / f"up-{port}.log"
        with output.open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "coldport", "up", str(site), "--data", str(data), "--port", str(port), *planner,
                stdout=log, stderr=log,
            )  # fmt: skip
        running = Running(process, port, output)
        try:
            yield running
        finally:
            left = [] if process.returncode is not None else [psutil.Process(process.pid), *running.children()]
            for one in left:
                one.kill()
            await process.wait()

    return run
