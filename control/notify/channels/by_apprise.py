"""Everything that apprise can reach: e-mail, SMS gateways and some 170 other services.

One apprise object for one notice, because apprise says only whether all of it went well.
"""

import asyncio
import logging
from urllib.parse import quote

import apprise

from coldport.errors import RefusedError, UnavailableError
from control.notify.notice import Notice, Outcome, Refused, Sent

SENDING_S = 30.0
"""apprise gives connecting and reading 4 s each, and may do several of either."""


class AppriseChannel:
    """A `Channel` by an apprise URL."""

    def __init__(self, template: str) -> None:
        """Send by `template`, in which `{address}` stands for the recipient.

        Raises:
            RefusedError: apprise does not know such a URL.
        """
        logging.getLogger("apprise").setLevel(logging.CRITICAL)  # it would log addresses and answers
        self._template = template
        if apprise.Apprise.instantiate(self._url("probe@example.org")) is None:
            raise RefusedError("apprise knows no such URL")

    async def send(self, notice: Notice) -> Outcome:
        """Send one notice, in a thread."""
        service = apprise.Apprise.instantiate(self._url(notice.address))
        if service is None:
            return Refused("apprise cannot send to this address")
        sending = asyncio.to_thread(service.notify, body=notice.text, title=notice.title)
        try:
            sent = await asyncio.wait_for(sending, SENDING_S)
        except TimeoutError:
            raise UnavailableError(f"apprise was not done in {SENDING_S:g} s") from None
        if not sent:
            raise UnavailableError("apprise could not send it, and does not say why")
        return Sent()

    async def close(self) -> None:
        """Do nothing: a connection lives as long as one notice."""

    def _url(self, address: str) -> str:
        return self._template.replace("{address}", quote(address, safe="@"))
