"""A channel that only writes into control's log: for trying out who would be told what."""

import logging

from control.notify.notice import Notice, Outcome, Sent

log = logging.getLogger("control.notify.told")


class LogChannel:
    """A `Channel` that always works."""

    async def send(self, notice: Notice) -> Outcome:
        """Write one notice as one line."""
        log.warning("to %s: %s | %s", notice.recipient, notice.title, notice.text.replace("\n", " | "))
        return Sent()

    async def close(self) -> None:
        """Do nothing."""
