"""Asks a site over HTTP, as a partner's software does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple, Protocol

from coldport.errors import UnavailableError

TIMEOUT_S = 10.0
TOO_MANY, SERVER_ERRORS = 429, 500
"""From the second on it is not the asker's fault; after the first one asks again, later."""


class Said(NamedTuple):
    """What the site answered: its status, and the body if it is JSON."""

    status: int
    body: Any = None


class Ask(Protocol):
    """Sends one request and returns the answer."""

    async def __call__(self, method: str, path: str, body: bytes = b"", token: str | None = None) -> Said:
        """Ask, with a key's token if there is one. Raises UnavailableError when the site cannot answer now."""
        ...


class HttpSite:
    """A site at an address, as `http://127.0.0.1:8000`."""

    def __init__(self, url: str) -> None:
        """Ask at an address."""
        self._url = url.rstrip("/")

    @asynccontextmanager
    async def asking(self) -> AsyncIterator[Ask]:
        """Yield the way to ask, on connections that are kept meanwhile."""
        import httpx  # noqa: PLC0415 - a third of the simulator's start, and most floors ask nobody

        async with httpx.AsyncClient(base_url=self._url, timeout=TIMEOUT_S, trust_env=False) as client:

            async def ask(method: str, path: str, body: bytes = b"", token: str | None = None) -> Said:
                kind = "application/xml" if body.startswith(b"<") else "application/json"
                headers = {"Content-Type": kind} | ({"Authorization": f"Bearer {token}"} if token else {})
                try:
                    answer = await client.request(method, path, content=body, headers=headers)
                except httpx.HTTPError as error:
                    raise UnavailableError(f"{self._url} does not answer: {type(error).__name__}") from error
                if answer.status_code == TOO_MANY or answer.status_code >= SERVER_ERRORS:
                    raise UnavailableError(f"{self._url} answers {answer.status_code}")
                is_json = "json" in answer.headers.get("content-type", "")
                return Said(answer.status_code, answer.json() if is_json else None)

            yield ask
