"""Keys of the firms. The site's clerk gives them when they are needed; they are in memory alone and live for a day.

What the clerk does here is what `coldport access` does: party, key. A key of the same party that an earlier start was
given is revoked first, for nobody has it any more.
"""

import json
from http import HTTPStatus
from typing import Any

from coldport.errors import UnavailableError
from firmware_sim.lines.http_ask import Ask
from firmware_sim.trade.errands import BY, Party

ACCESS = "/api/v1/access"
SCOPES = ("consignments:write",)
DAYS = 1


class Keys:
    """The tokens of parties, by their ids."""

    def __init__(self) -> None:
        """Have none."""
        self._tokens: dict[str, str] = {}

    async def token(self, ask: Ask, party: Party) -> str:
        """Return the token of a party, of a new key if there is none.

        Raises:
            UnavailableError: The site does not answer, or gives none; ask again later.
        """
        if party.id not in self._tokens:
            self._tokens[party.id] = await _issued(ask, party)
        return self._tokens[party.id]

    def forget(self, party: Party) -> None:
        """Drop a token that is worth nothing any more."""
        self._tokens.pop(party.id, None)


async def _issued(ask: Ask, party: Party) -> str:
    name = {"zh": party.firm.zh, "en": party.firm.en}
    await _told(ask, "parties", {"id": party.id, "name": name, "kind": party.kind, "codes": [party.firm.code]})
    for key in await _asked(ask, "GET", "keys"):
        if key["party"] == party.id:
            await _told(ask, f"keys/{key['id']}/revoke", {"reason": "the simulation starts anew"})
    made = await _told(ask, "keys", {"party": party.id, "scopes": SCOPES, "days": DAYS})
    token: str = made["token"]
    return token


async def _told(ask: Ask, what: str, body: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    return await _asked(ask, "POST", what, json.dumps(body | {"by": BY}).encode())


async def _asked(ask: Ask, method: str, what: str, body: bytes = b"") -> Any:  # noqa: ANN401 - JSON
    said = await ask(method, f"{ACCESS}/{what}", body)
    if said.status >= HTTPStatus.BAD_REQUEST:
        raise UnavailableError(f"the site gives no key: {said.body['detail'] if said.body else said.status}")
    return said.body
