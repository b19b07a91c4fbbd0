"""`coldport edge listen`: the frames of a line or device as they cross, both ways, with what they mean."""

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Callable

from coldport.errors import RefusedError
from edge.tools.meaning import Meaning, meaning_of
from edge.tools.visit import AWAY, Crossed, Event, Grounds, Stands, fields, visit


def listen(grounds: Grounds, arguments: argparse.Namespace) -> int:
    """Print what crosses for so many seconds, or until Ctrl-C; return 0.

    Raises:
        NotFoundError: There is no such line or device.
        RefusedError: Another program holds the line.
    """
    line = grounds.line(arguments.name)
    write = _json if arguments.json else _text
    meaning = meaning_of(line, grounds.profile_of(line))
    occupied = asyncio.run(_listen(grounds, arguments, lambda event: write(event, meaning)))
    if occupied:
        raise RefusedError(f"{line.id}: {AWAY}")
    return 0


async def _listen(grounds: Grounds, arguments: argparse.Namespace, show: Callable[[Event], str]) -> bool:
    end = asyncio.Event()
    occupied = False

    def tell(event: Event) -> None:
        nonlocal occupied
        if isinstance(event, Stands) and event.reason == "occupied":
            occupied = True
            end.set()
        sys.stdout.write(show(event) + "\n")
        sys.stdout.flush()

    source = grounds.source(grounds.line(arguments.name), tell)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, end.set)
    await visit(source, end, grounds.clock, arguments.seconds)
    return occupied


def _text(event: Event, meaning: Meaning) -> str:
    if isinstance(event, Crossed):
        arrow = {"sent": "->", "received": "<-"}[event.way]
        return f"{event.at:%H:%M:%S.%f} {arrow} {event.data.hex(' ')}   {meaning.of(event.way, event.data)}".rstrip()
    if isinstance(event, Stands):
        return f"{event.at:%H:%M:%S.%f} == {event.name} is {'up' if event.reason is None else f'down: {event.reason}'}"
    said = ", ".join(f"{key} {value}" for key, value in fields(event.observation))
    return f"{event.observation.observed_at:%H:%M:%S.%f} =  {event.observation.point}: {said}"


def _json(event: Event, meaning: Meaning) -> str:
    said: dict[str, object]
    if isinstance(event, Crossed):
        said = {
            "at": event.at.isoformat(),
            "way": event.way,
            "hex": event.data.hex(),
            "meaning": meaning.of(event.way, event.data),
        }
    elif isinstance(event, Stands):
        said = {"at": event.at.isoformat(), "stands": event.name, "down": event.reason}
    else:
        seen = event.observation
        said = {
            "at": seen.observed_at.isoformat(),
            "point": seen.point,
            **{
                key: value if isinstance(value, int | float | str | bool) else str(value) for key, value in fields(seen)
            },
        }
    return json.dumps(said, ensure_ascii=False)
