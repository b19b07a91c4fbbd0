"""A channel that posts each notice as JSON, for a site's own programs.

The header `Idempotency-Key` holds the notice's key: a receiver that has seen it has the notice already.
Source of the header: the IETF draft draft-ietf-httpapi-idempotency-key-header.
"""

import msgspec

from coldport.errors import UnavailableError
from control.notify.channels.http import HttpPoster
from control.notify.notice import Notice, Outcome, Refused, Sent, Throttled


class WebhookChannel:
    """A `Channel` to one URL."""

    def __init__(self, url: str, token: str | None) -> None:
        """Post to `url`, with `token` as bearer."""
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = HttpPoster()

    async def send(self, notice: Notice) -> Outcome:
        """Post one notice."""
        headers = {**self._headers, "Idempotency-Key": notice.key}
        status, _ = await self._http.post(self._url, msgspec.to_builtins(notice), headers)
        if status == 429:
            return Throttled("HTTP 429")
        if status in (401, 403, 404):
            raise UnavailableError(f"HTTP {status}")  # a wrong address or token: right after it was set right
        if status >= 300:
            return Refused(f"HTTP {status}")
        return Sent()

    async def close(self) -> None:
        """Release connections."""
        await self._http.close()
