"""Posts documents to the URLs of subscriptions. The only module of traceability that knows HTTP."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from coldport.errors import UnavailableError

if TYPE_CHECKING:
    import httpx

TIMEOUT_S = 8.0
"""A receiver that needs longer to take 200 events is down."""


class HttpPoster:
    """A `Poster` by HTTP. It follows no redirection: a receiver is who was named."""

    def __init__(self) -> None:
        """Make one; nothing is sent yet, and nothing loaded to send it with."""
        self._client: httpx.AsyncClient | None = None

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Post a body; only an answer of 2xx counts."""
        import httpx  # noqa: PLC0415 - a tenth of control's start, and few sites have subscribers

        if self._client is None:
            self._client = httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False)
        try:
            answer = await self._client.post(url, content=body, headers=dict(headers))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise UnavailableError(f"no answer: {type(error).__name__}") from None
        if not answer.is_success:
            raise UnavailableError(f"HTTP {answer.status_code}")

    async def close(self) -> None:
        """Release connections."""
        if self._client is not None:
            await self._client.aclose()
