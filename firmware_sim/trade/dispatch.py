"""Sends away what was released: loads a vehicle, seals it, lets it out, declares its departure (509).

What is to be done next is read off the site's own floor each time, so nothing is remembered here and a simulation that
starts anew goes on with the vehicles that it finds.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any, NamedTuple

from coldport.errors import UnavailableError
from firmware_sim.lines.http_ask import Ask
from firmware_sim.trade import papers
from firmware_sim.trade.errands import ACTS, BY, MESSAGES, NUMBERS, Errand, Party
from firmware_sim.trade.firms import Trade

FLOOR = "/api/v1/floor"
LOOK_LIMIT = 1_000
"""Released parcels looked at; they leave long before there are as many."""


class Dispatch(NamedTuple):
    """Whoever loads for a shipper. A vehicle leaves with `size` parcels; its name is `name` and the first number."""

    trade: Trade
    carrier: Party
    name: str
    size: int
    now: Callable[[], datetime]

    async def due(self, ask: Ask) -> Sequence[Errand]:
        """Return what is to be done next; nothing while too few parcels are released. Raises UnavailableError."""
        vehicles = [one for one in await _asked(ask, "vehicles") if one["vehicle"]["id"].startswith(f"{self.name}-")]
        for one in vehicles:
            errands = self._further(one["vehicle"], one["blocked"])
            if errands:
                return errands
        released = await _asked(ask, f"parcels?state=released&limit={LOOK_LIMIT}")
        names = [one["logistics_no"] for one in released if one["logistics_no"].startswith(NUMBERS)]
        loading = next((one["vehicle"] for one in vehicles if one["vehicle"]["state"] == "loaded"), None)
        wanted = self.size - (len(loading["parcels"]) if loading is not None else 0)
        if len(names) < wanted:
            return ()
        oldest_first = names[::-1][:wanted]
        vehicle = loading["id"] if loading is not None else f"{self.name}-{oldest_first[0].removeprefix(NUMBERS)}"
        return [_moved(name, {"step": "load", "into": vehicle}) for name in oldest_first]

    def _further(self, vehicle: Mapping[str, Any], blocked: Sequence[str]) -> Sequence[Errand]:
        """Return what a vehicle's next step is; what customs stopped is taken off it, or keeps it where it is."""
        name, parcels = vehicle["id"], vehicle["parcels"]
        match vehicle["state"]:
            case "loaded" if blocked:
                return [_moved(one, {"step": "unload", "reason": "customs stopped it"}) for one in blocked]
            case "loaded" if len(parcels) >= self.size:
                return [_drove(name, {"step": "seal", "seals": [f"S{name}"]})]
            case "sealed" if not blocked:
                return [_drove(name, {"step": "gate-out"})]
            case "gated-out":
                paper = papers.departure(self.trade, parcels, name, self.now())
                return [Errand(f"departure of {name}", MESSAGES, paper, self.carrier), _drove(name, {"step": "depart"})]
        return ()


def _moved(logistics_no: str, step: Mapping[str, Any]) -> Errand:
    return _act("parcel-moved", {"logistics_no": logistics_no, **step})


def _drove(vehicle: str, step: Mapping[str, Any]) -> Errand:
    return _act("vehicle-moved", {"vehicle": vehicle, **step})


def _act(entry: str, fields: Mapping[str, Any]) -> Errand:
    return Errand(f"{entry} {fields}", ACTS, json.dumps({"entry": entry, "by": BY, **fields}).encode())


async def _asked(ask: Ask, what: str) -> list[dict[str, Any]]:
    said = await ask("GET", f"{FLOOR}/{what}")
    if said.status >= HTTPStatus.BAD_REQUEST:
        raise UnavailableError(f"the site does not say its {what}: {said.status}")
    found: list[dict[str, Any]] = said.body
    return found
