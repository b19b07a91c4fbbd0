"""Posts JSON and says what became of it. The only module of the notices that knows HTTP."""

from collections.abc import Mapping
from typing import Any

import httpx

from coldport.errors import UnavailableError

TIMEOUT_S = 8.0
"""Chat services answer in well under a second."""

ANSWER_LIMIT = 4_096
"""Bytes of an answer that are looked at; those of the chat services have 200."""


class HttpPoster:
    """Posts to one host after another over kept connections."""

    def __init__(self) -> None:
        """Make one; nothing is sent yet."""
        self._client = httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False)

    async def post(self, url: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Return status and the start of the answer.

        Raises:
            UnavailableError: No answer, or one that says to try again (5xx, 408). Its text never holds the URL, which
                may hold a secret.
        """
        try:
            answer = await self._client.post(url, json=dict(body), headers=dict(headers))
        except httpx.HTTPError as error:
            raise UnavailableError(f"no answer: {type(error).__name__}") from None
        if answer.status_code >= 500 or answer.status_code == 408:
            raise UnavailableError(f"HTTP {answer.status_code}")
        return answer.status_code, answer.content[:ANSWER_LIMIT]

    async def close(self) -> None:
        """Release connections."""
        await self._client.aclose()
