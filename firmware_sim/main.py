"""`coldport sim run`: the composition root of the simulator."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from coldport import log
from coldport.clock import SystemClock
from coldport.errors import ColdportError
from firmware_sim.scenario import Scenario, load_scenario
from firmware_sim.site import running

REFUSED = 2
"""Exit code when it cannot start as it was told to."""


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `sim` to the command line."""
    sim = subparsers.add_parser("sim", help="simulated devices", description="Simulated devices of a site.")
    commands = sim.add_subparsers(required=True, metavar="COMMAND")
    run_parser = commands.add_parser(
        "run",
        help="run the simulated devices of a site",
        description="Runs every device in SITE/simulation.toml until Ctrl-C or SIGTERM: serial lines appear in "
        "DATA/lines, LLRP readers and Modbus TCP modules listen on the ports of the file.",
    )
    run_parser.add_argument("site", metavar="SITE", type=Path, help="site folder, as config/sites/xiangtan")
    run_parser.add_argument("--data", type=Path, required=True, help="data folder; serial lines go to DATA/lines")
    run_parser.add_argument("--seed", type=int, help="another history than the file's own seed gives")
    run_parser.add_argument("--speed", type=_speed, default=1.0, help="simulated seconds per real second (1)")
    run_parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run until a signal; return the exit code."""
    log.set_up()
    try:
        scenario = load_scenario(arguments.site)
        asyncio.run(_until_signal(scenario, arguments.data, arguments.seed, arguments.speed))
    except ColdportError as error:
        sys.stderr.write(f"coldport sim: {error}\n")
        return REFUSED
    return 0


async def _until_signal(scenario: Scenario, data: Path, seed: int | None, speed: float) -> None:
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked.set)
    async with running(scenario, data, SystemClock(), seed=seed, speed=speed) as site:
        asking = asyncio.create_task(asked.wait())
        done, _ = await asyncio.wait([asking, *site.work], return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()


def _speed(text: str) -> float:
    speed = float(text)
    if not 0.1 <= speed <= 1000:
        raise argparse.ArgumentTypeError("a speed is from 0.1 to 1000")
    return speed
