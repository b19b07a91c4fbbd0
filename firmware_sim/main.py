"""`coldport sim run`: the composition root of the simulator."""

import argparse
import asyncio
import contextlib
import signal
from pathlib import Path

import msgspec

from coldport import log
from coldport.bus_mqtt import MqttBus
from coldport.clock import Clock, SystemClock
from coldport.errors import UnavailableError
from coldport.ids import SiteId
from coldport.messages.status import SIMULATOR
from coldport.presence import Announcer
from coldport.settings import secret
from coldport.site import Site, load_site
from coldport.supervise import for_ever
from firmware_sim.api import command as faults
from firmware_sim.api.desk import Desk
from firmware_sim.api.server import listening
from firmware_sim.corpus import command as corpus
from firmware_sim.lines.http_ask import HttpSite
from firmware_sim.recording import command as recording
from firmware_sim.rehearsal import command as rehearsal
from firmware_sim.rehearsal import history
from firmware_sim.scenario import Api, Scenario, load_scenario
from firmware_sim.site import SimulatedSite, running


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
    run_parser.add_argument(
        "--control", metavar="URL", help="declare parcels there, as http://127.0.0.1:8000 (nowhere)"
    )
    run_parser.add_argument("--seed", type=int, help="another history than the file's own seed gives")
    run_parser.add_argument("--speed", type=_speed, default=1.0, help="simulated seconds per real second (1)")
    run_parser.set_defaults(run=run)
    corpus.register(commands)
    faults.register(commands)
    recording.register(commands)
    rehearsal.register(commands)
    history.register(commands)


def run(arguments: argparse.Namespace) -> int:
    """Run until a signal; return the exit code."""
    log.set_up()
    site, scenario = load_site(arguments.site), load_scenario(arguments.site)
    if arguments.seed is not None:
        scenario = msgspec.structs.replace(scenario, seed=arguments.seed)
    asyncio.run(_until_signal(site, scenario, arguments))
    return 0


async def _until_signal(site: Site, scenario: Scenario, arguments: argparse.Namespace) -> None:
    """Run the devices, and say on the bus that they are simulated: the screens show it for as long as this runs."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked.set)
    clock = SystemClock()
    announcer = Announcer(SiteId(site.id), SIMULATOR, clock)
    bus = MqttBus(
        client_id=f"{site.id}-{SIMULATOR}",
        broker=site.broker.seen_by(SIMULATOR),
        password=secret("BROKER_PASSWORD"),
        will=announcer.will,
    )
    control = HttpSite(arguments.control) if arguments.control else None
    devices = running(scenario, arguments.data, clock, bus=bus, control=control, speed=arguments.speed)
    async with bus, devices as floor, _api(floor, scenario.api, clock):
        announcing = asyncio.create_task(for_ever("presence", lambda: announcer.say_birth(bus), clock))
        asking = asyncio.create_task(asked.wait())
        done, _ = await asyncio.wait([asking, announcing, *floor.work], return_when=asyncio.FIRST_COMPLETED)
        announcing.cancel()
        with contextlib.suppress(UnavailableError):
            await bus.publish(announcer.will)
        for task in done:
            task.result()


def _api(site: SimulatedSite, api: Api | None, clock: Clock) -> contextlib.AbstractAsyncContextManager[int | None]:
    """Return where faults and doors can be worked from outside, if the scenario wants it."""
    return contextlib.nullcontext() if api is None else listening(Desk(site.floor, clock), api.port)


def _speed(text: str) -> float:
    speed = float(text)
    if not 0.1 <= speed <= 1000:
        raise argparse.ArgumentTypeError("a speed is from 0.1 to 1000")
    return speed
