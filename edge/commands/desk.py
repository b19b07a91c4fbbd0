"""`coldport edge command`: put an output to a value from a technician's desk, and see how it went."""

import argparse
import asyncio
import sys
import uuid
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any

from coldport import topics
from coldport.bus import Bus, Outgoing
from coldport.clock import SystemClock
from coldport.codec import decode, encode
from coldport.ids import GatewayId, SiteId
from coldport.messages.command import LONGEST_LIFE_S, Command, CommandReply, Stage
from coldport.site import Site, load_site
from edge.settings import load_edge

EXIT_CODES = {Stage.DONE: 0, Stage.REJECTED: 3, Stage.FAILED: 4, Stage.EXPIRED: 5}
NO_ANSWER = 6

ANSWER_S = 5.0
"""How long after a command has expired its end is waited for: a device that is silent is given up before."""

Connect = Callable[[Site, Sequence[str]], AbstractAsyncContextManager[Bus]]
"""Makes a bus that listens to some topics and is connected when entered."""


def register_desk(verbs: "argparse._SubParsersAction[Any]", connect: Connect) -> None:
    """Add `command` to `coldport edge`."""
    parser = verbs.add_parser(
        "command",
        help="put an output to a value and see how it went",
        description="Puts an output (lamp, siren, diverter, setpoint) to a value, and prints each stage until it has "
        "ended. Exit code: 0 done, 3 rejected, 4 failed, 5 expired, 6 no answer.",
    )
    parser.add_argument("site", type=Path, metavar="SITE", help="site folder, such as config/sites/xiangtan")
    parser.add_argument("point", metavar="POINT", help="the output, such as lane-1-red")
    parser.add_argument("value", type=float, metavar="VALUE", help="absolute, in the unit of the point: 1 is a lamp on")
    parser.add_argument("--by", required=True, metavar="NAME", help="who commands it; stays on record")
    parser.add_argument(
        "--expires",
        type=_life,
        default=10.0,
        metavar="S",
        help="seconds after which it is not done any more; default 10",
    )
    parser.set_defaults(run=lambda arguments: _run(arguments, connect))


def _life(text: str) -> float:
    try:
        life_s = float(text)
    except ValueError:
        life_s = 0.0
    if not 0 < life_s <= LONGEST_LIFE_S:
        raise argparse.ArgumentTypeError(f"{text!r} is not between 0 and {LONGEST_LIFE_S} seconds")
    return life_s


def _run(arguments: argparse.Namespace, connect: Connect) -> int:
    site = load_site(arguments.site)
    gateway = GatewayId(load_edge(arguments.site, site).settings.gateway)
    clock = SystemClock()
    now = clock.now()
    command = Command(
        id=str(uuid.uuid4()),
        point=arguments.point,
        value=arguments.value,
        issued_at=now,
        expires_at=now + timedelta(seconds=arguments.expires),
        issued_by=arguments.by,
    )
    replies = topics.replies(SiteId(site.id), gateway)
    wait_s = arguments.expires + ANSWER_S
    return asyncio.run(_command(connect(site, [replies]), topics.commands(SiteId(site.id), gateway), command, wait_s))


async def _command(connection: AbstractAsyncContextManager[Bus], topic: str, command: Command, wait_s: float) -> int:
    async with connection as bus:
        await bus.publish(Outgoing(topic, encode(command)))
        try:
            async with asyncio.timeout(wait_s):
                return await _follow(bus, command)
        except TimeoutError:
            sys.stderr.write("no answer: the gateway is away, and will not do it when it is back\n")
            return NO_ANSWER


async def _follow(bus: Bus, command: Command) -> int:
    """Print the stages of a command as they come, and return the exit code of its end."""
    while True:
        for received in await bus.receive(100):
            reply = decode(CommandReply, received.payload)
            received.ack()
            if reply.id == command.id:
                sys.stdout.write(_text(reply) + "\n")
                sys.stdout.flush()
                if reply.stage in EXIT_CODES:
                    return EXIT_CODES[reply.stage]


def _text(reply: CommandReply) -> str:
    observed = "" if reply.observed is None else f", read back {reply.observed:g}"
    return f"{reply.at:%H:%M:%S}  {reply.stage}{f': {reply.reason}' if reply.reason else ''}{observed}"
