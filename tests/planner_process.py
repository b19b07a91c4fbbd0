"""The planner's service as a process of its own, which a test may kill."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[1]


class PlannerProcess:
    """`coldport plan serve` on the example site."""

    def __init__(self, data: Path, port: int, command: str = "plan serve config/sites/xiangtan --data DATA") -> None:
        """Start it, and wait until it answers; `DATA` in the command is the folder given."""
        self.address = f"http://127.0.0.1:{port}"
        words = [str(data) if word == "DATA" else word for word in command.split()] + ["--port", str(port)]
        self._log = data.with_suffix(".log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "coldport", *words], cwd=ROOT, stdout=self._log, stderr=self._log
        )
        self.until(self._answers, 60)

    def _answers(self) -> bool:
        assert self.process.poll() is None, Path(self._log.name).read_text()
        try:
            return httpx.get(f"{self.address}/healthz", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def until(self, is_so, seconds: float):
        """Wait until something is so, and return it."""
        deadline = time.monotonic() + seconds  # noqa: TID251 - waits for a real process
        while not (found := is_so()):
            assert time.monotonic() < deadline, Path(self._log.name).read_text()  # noqa: TID251 - as above
            time.sleep(0.05)  # noqa: TID251 - as above
        return found

    def get(self, path: str):
        return httpx.get(f"{self.address}/api/v1/plan/{path}", timeout=10).raise_for_status().json()

    def post(self, path: str, body: object):
        return httpx.post(f"{self.address}/api/v1/plan/{path}", json=body, timeout=30).raise_for_status().json()

    def end(self) -> None:
        """End it in order, which must go well."""
        self.process.terminate()
        assert self.process.wait(20) == 0, Path(self._log.name).read_text()

    def kill(self) -> None:
        """Let it end as a machine does that loses its power."""
        self.process.send_signal(signal.SIGKILL)
        self.close()

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self._log.close()
