"""Posts bodies to an HTTP address, as readers do that call instead of being called."""

import asyncio

TIMEOUT_S = 5.0
WAITING_LIMIT = 1024 * 1024
"""Bytes that wait while an earlier body is under way; what comes then is lost. Minutes of tag events."""


class HttpPost:
    """What is put while a body is under way goes into the next one, put together without anything between."""

    def __init__(self, url: str) -> None:
        """Post to an address."""
        self._url = url
        self._waiting = bytearray()
        self._arrived = asyncio.Event()

    def put(self, data: bytes) -> None:
        """Post something soon."""
        if len(self._waiting) + len(data) <= WAITING_LIMIT:
            self._waiting += data
            self._arrived.set()

    async def run(self) -> None:
        """Post for ever. What an address that is away, or refuses, should have got is lost."""
        import httpx  # noqa: PLC0415 - a third of the simulator's start, and most readers are called

        async with httpx.AsyncClient(timeout=TIMEOUT_S) as client:
            while True:
                await self._arrived.wait()
                self._arrived.clear()
                body = bytes(self._waiting)
                self._waiting.clear()
                try:
                    await client.post(self._url, content=body, headers={"Content-Type": "application/json"})
                except httpx.HTTPError:
                    continue
