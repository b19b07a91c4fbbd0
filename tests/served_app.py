"""An application on a loopback port, its event loop in a thread of its own."""

import asyncio
import threading
import time
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI


class ServedApp:
    """Serves until `stop`; what `step` does happens on the server's loop, twice a second."""

    def __init__(self, app: FastAPI, step: Callable[[], object] | None = None, *, port: int = 0) -> None:
        self.app = app
        self._step = step
        self.server = uvicorn.Server(
            uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", timeout_graceful_shutdown=1)
        )
        self.thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self.thread.start()
        deadline = time.monotonic() + 20  # noqa: TID251 - waits for a real server
        while not self.server.started:
            assert time.monotonic() < deadline, "the page is not served"  # noqa: TID251 - as above
            time.sleep(0.02)  # noqa: TID251 - as above
        self.port: int = self.server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    async def _serve(self) -> None:
        self.loop = asyncio.get_running_loop()
        living = asyncio.create_task(self._live())
        await self.server.serve()
        living.cancel()

    async def _live(self) -> None:
        while self._step is not None:
            await asyncio.sleep(0.5)  # noqa: TID251 - a living scene
            self._step()

    def do(self, action: Callable[[], object]) -> None:
        """Run `action` on the server's loop, where what it serves may be touched."""
        self.loop.call_soon_threadsafe(action)

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(10)
