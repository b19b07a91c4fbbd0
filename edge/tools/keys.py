"""`coldport edge zero` and `coldport edge tare`: a scale's key pressed from afar, and whether the scale showed it."""

import argparse
import asyncio
import sys

from coldport.errors import RefusedError, UnavailableError
from coldport.messages.observation import Observation, Quality, Weight
from edge.drivers.scales.keys import End, Outcome
from edge.drivers.scales.scale import Scale
from edge.lines.scale import Key
from edge.tools.visit import AWAY, Event, Grounds, Seen, Stands, visit

EXIT_CODES = {End.DONE: 0, End.REFUSED: 3, End.NOT_VERIFIED: 4}

WEIGHT_S = 5.0
"""How long a scale may take until it shows its first weight."""

KEY_S = 30.0
"""How long a key may take: a scale waits for rest up to 20 s (MT-SICS Z and T), and is then looked at."""


def press(grounds: Grounds, arguments: argparse.Namespace, key: Key) -> int:
    """Press a key and print how it ended; return 0 done, 3 refused, 4 not verified.

    Raises:
        NotFoundError: There is no such line.
        RefusedError: It is no scale, another program holds it, or nobody is named.
        UnavailableError: The scale shows nothing.
    """
    outcome = asyncio.run(_press(grounds, arguments.name, key, arguments.by))
    reason = f": {outcome.reason}" if outcome.reason else ""
    sys.stdout.write(f"{key} of {arguments.name} by {arguments.by}: {outcome.end}{reason}\n")
    return EXIT_CODES[outcome.end]


async def _press(grounds: Grounds, name: str, key: Key, by: str) -> Outcome:
    ready, ended = asyncio.Event(), asyncio.Event()
    down: str | None = None

    def tell(event: Event) -> None:
        nonlocal down
        if isinstance(event, Stands):
            down = event.reason
        if down == "occupied" or (isinstance(event, Seen) and _is_weight(event.observation)):
            ready.set()

    source = grounds.source(grounds.line(name), tell)
    if not isinstance(source, Scale):
        raise RefusedError(f"{name!r} is no scale")

    async def work() -> Outcome:
        try:
            async with asyncio.timeout(WEIGHT_S):
                await ready.wait()
            if down == "occupied":
                raise RefusedError(f"{name}: {AWAY}")
            return await (source.zero(by) if key is Key.ZERO else source.tare(by))
        finally:
            ended.set()

    working = asyncio.create_task(work())
    await visit(source, ended, grounds.clock, WEIGHT_S + KEY_S)
    try:
        return await working
    except TimeoutError as error:
        raise UnavailableError(f"{name} shows no weight ({down or 'silent'})") from error


def _is_weight(observation: Observation) -> bool:
    return isinstance(observation, Weight) and observation.quality is not Quality.BAD
