"""A reader's JSON as the endless answer to one request over HTTP."""

import asyncio
import ssl
from contextlib import AsyncExitStack
from pathlib import Path

import httpx

from coldport.clock import Clock
from edge.links.inbox import Inbox
from edge.links.tcp_link import SILENCE_OPTIONS
from edge.ports import LinkDownError

CONNECT_TIMEOUT_S = 5.0
STREAM_LIMIT = 1024 * 1024
"""Bytes that wait: a reader that was cut off sends all at once what it kept, some thousand events of 0.3 kB."""


class HttpStreamFeed:
    """The body of one endless answer; see `edge.ports.Feed`."""

    whole = False

    def __init__(self, url: str, auth: tuple[str, str] | None, certificate: Path | None, clock: Clock) -> None:
        """Ask `url`; `certificate` signed the reader's own, None if one did that the system knows."""
        self._url = url
        self._auth = auth
        self._certificate = certificate
        self._clock = clock
        self._inbox = Inbox(clock, STREAM_LIMIT)
        self._stack = AsyncExitStack()
        self._reading: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Ask, and wait for the answer to begin."""
        await self.close()
        self._inbox = Inbox(self._clock, STREAM_LIMIT)
        # No time-out for reading: a gate may be empty for hours. Who waits for a sign of life does so outside.
        timeout = httpx.Timeout(CONNECT_TIMEOUT_S, read=None)
        try:
            transport = httpx.AsyncHTTPTransport(verify=self._trust(), trust_env=False, socket_options=SILENCE_OPTIONS)
            client = await self._stack.enter_async_context(
                httpx.AsyncClient(auth=self._auth, transport=transport, timeout=timeout)
            )
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                answer = await self._stack.enter_async_context(client.stream("GET", self._url))
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            await self._stack.aclose()
            raise LinkDownError(f"{self._url}: {error or type(error).__name__}", "unreachable") from error
        if answer.status_code != httpx.codes.OK:
            await self._stack.aclose()
            raise LinkDownError(f"{self._url} answers {answer.status_code}", f"http-{answer.status_code}")
        self._reading = asyncio.create_task(self._read(answer, self._inbox))

    async def close(self) -> None:
        """End the answer."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait({self._reading})
            self._reading = None
        await self._stack.aclose()

    async def read(self, timeout_s: float) -> bytes:
        """Return what has arrived."""
        return await self._inbox.take(timeout_s)

    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._certificate)

    @staticmethod
    async def _read(answer: httpx.Response, inbox: Inbox) -> None:
        why = "by the other side"
        try:
            async for chunk in answer.aiter_bytes():
                inbox.feed(chunk)
        except httpx.HTTPError as error:
            why = str(error) or type(error).__name__
        inbox.fail(LinkDownError(f"the stream was closed: {why}", "closed"))
