"""Runs errands, one after the other, until each is answered: what is sent again after a lost answer changes nothing."""

import logging
from collections import deque
from collections.abc import Iterable
from http import HTTPStatus

from firmware_sim.lines.http_ask import Ask, Said
from firmware_sim.trade.errands import Errand
from firmware_sim.trade.keys import Keys

log = logging.getLogger("firmware_sim.trade")


class Sender:
    """Errands that wait, and what became of those that were run."""

    def __init__(self) -> None:
        """Have nothing to do."""
        self._waiting: deque[Errand] = deque()
        self._keys = Keys()
        self.done = 0
        self.refused = 0
        """Errands that the site would not take, or not all of; it said why."""

    @property
    def busy(self) -> bool:
        """Whether an errand waits."""
        return bool(self._waiting)

    def add(self, errands: Iterable[Errand]) -> None:
        """Take errands. Whoever adds some when none waits holds a truck's at most."""
        self._waiting += errands

    async def run_one(self, ask: Ask) -> None:
        """Run the next errand; raises UnavailableError when it has to be run again."""
        errand = self._waiting[0]
        token = await self._keys.token(ask, errand.party) if errand.party is not None else None
        said = await ask("POST", errand.path, errand.body, token)
        if errand.party is not None and said.status == HTTPStatus.UNAUTHORIZED:
            self._keys.forget(errand.party)
            return  # its key is over, or was revoked: with a new one, at once
        self._waiting.popleft()
        self.done += 1
        reason = refusal(said)
        if reason is not None:
            self.refused += 1
            if self.refused == 1:
                log.warning("the site does not take %s: %s", errand.what, reason)


def refusal(said: Said) -> str | None:
    """Return why the site would not take something; None when it took all of it."""
    body = said.body if isinstance(said.body, dict) else {}
    if said.status >= HTTPStatus.BAD_REQUEST:
        return str(body.get("detail", said.status))
    refused = body.get("refused") or ()
    return "; ".join(f"{one['what']}: {one['reason']}" for one in refused[:3]) or None
