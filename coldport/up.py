"""`coldport up SITE`: broker, simulator, edge, control and planner of one site as child processes of one command."""

import argparse
import asyncio
import contextlib
import signal
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from coldport import broker
from coldport.check import refuse_broken
from coldport.children import Child, Program, other_owner
from coldport.clock import Clock, SystemClock
from coldport.errors import RefusedError
from coldport.site import Site, load_site

PORT = 8000
PLANNER_ABOVE = 10
"""The planner's pages are so many ports above the floor's, unless another is asked for."""
PAGE_POLL_S = 0.2


def register(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add `coldport up`."""
    command = commands.add_parser(
        "up",
        help="run a whole site: broker, simulator, edge, control, planner and their pages",
        description=__doc__,
        epilog="Ctrl-C ends all of it. The data stays: the next start goes on where this one ended.",
    )
    command.add_argument("site", type=Path, metavar="SITE", help="folder with site.toml and the other files")
    command.add_argument("--data", type=Path, metavar="DIR", help="where everything is kept (default: var/<site id>)")
    command.add_argument("--port", type=int, default=PORT, help=f"port of the page on 127.0.0.1 (default: {PORT})")
    command.add_argument(
        "--planner-port", type=int, help=f"port of the planner's pages (default: {PLANNER_ABOVE} above)"
    )
    command.add_argument("--headless", action="store_true", help="no page and no HTTP")
    command.add_argument("--no-sim", action="store_true", help="real devices: do not start the simulator")
    command.add_argument("--no-planner", action="store_true", help="do not start the planner")
    command.set_defaults(run=_run)


def programs(arguments: argparse.Namespace, site: Site, data: Path) -> list[Program]:
    """Return what has to run, in the order of starting; it ends in the opposite order.

    A site without `simulation.toml` has real devices, one without `edge.toml` none: its points are all recorded. One
    without `planner.toml` plans nothing.
    """
    folder = str(arguments.site)
    common = [folder, "--data", str(data)]
    ours = [sys.executable, "-m", "coldport"]
    wanted = []
    if site.broker.embedded:
        wanted.append(Program("broker", broker.command(site.broker, data / "broker")))
    if not arguments.no_sim and (arguments.site / "simulation.toml").exists():
        told = [] if arguments.headless else ["--control", f"http://127.0.0.1:{arguments.port}"]
        wanted.append(Program("simulator", [*ours, "sim", "run", *common, *told]))
    http = ["--headless"] if arguments.headless else ["--port", str(arguments.port)]
    wanted.append(Program("control", [*ours, "control", "run", *common, *http]))
    if (arguments.site / "edge.toml").exists():
        wanted.append(Program("edge", [*ours, "edge", "run", *common]))
    if planner_port(arguments) is not None:
        wanted.append(Program("planner", [*ours, "plan", "serve", *common, "--port", str(planner_port(arguments))]))
    return wanted


def planner_port(arguments: argparse.Namespace) -> int | None:
    """Return where the planner is to listen; None when there is none."""
    if arguments.headless or arguments.no_planner or not (arguments.site / "planner.toml").exists():
        return None
    return arguments.planner_port or int(arguments.port) + PLANNER_ABOVE


def refuse_used_port(host: str, port: int, purpose: str) -> None:
    """Raise RefusedError when somebody listens on a port that a child is about to want."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise RefusedError(f"port {port} for {purpose} is in use: {error.strerror}") from error


def _run(arguments: argparse.Namespace) -> int:
    refuse_broken(arguments.site)
    site = load_site(arguments.site)
    data = (arguments.data or Path("var") / site.id).absolute()
    owner = other_owner(data / "lock")
    if owner is not None:
        raise RefusedError(f"{data} is in use by process {owner}: one site runs once")
    if site.broker.embedded:
        refuse_used_port(site.broker.host, site.broker.port, "the broker")
    if not arguments.headless:
        refuse_used_port("127.0.0.1", arguments.port, "the page (choose another: PORT=8001 or --port 8001)")
    if (port := planner_port(arguments)) is not None:
        refuse_used_port("127.0.0.1", port, "the planner (choose another: --planner-port 8011, or --no-planner)")
    return asyncio.run(_supervise(arguments, site, data))


async def _supervise(arguments: argparse.Namespace, site: Site, data: Path) -> int:
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    clock = SystemClock()
    children = [Child(program, data / "logs", clock, console.print) for program in programs(arguments, site, data)]
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    console.print(f"{site.name.zh} · {site.name.en}: {', '.join(child.program.name for child in children)}")
    running = [asyncio.create_task(child.run()) for child in children]
    stopped = asyncio.create_task(stop.wait())
    page = asyncio.create_task(_announce(arguments, data, clock, console))
    try:
        await asyncio.wait([*running, stopped], return_when=asyncio.FIRST_COMPLETED)
    finally:
        page.cancel()
        await _stop_all(children, running)
    _raise_first(running)
    console.print("all ended, nothing is left running")
    return 0


async def _stop_all(children: Sequence[Child], running: Sequence["asyncio.Task[None]"]) -> None:
    for child in reversed(children):
        await child.stop()
    for task in running:
        task.cancel()
    await asyncio.wait(running)


def _raise_first(running: Sequence["asyncio.Task[None]"]) -> None:
    for task in running:
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error


async def _announce(arguments: argparse.Namespace, data: Path, clock: Clock, console: Console) -> None:
    """Print the address once the page answers."""
    if arguments.headless:
        console.print(f"running without a page; what each part says is in {data / 'logs'}")
        return
    address = f"http://127.0.0.1:{arguments.port}/"
    with console.status("starting"):
        while not await asyncio.to_thread(_answers, f"{address}healthz"):
            await clock.sleep(PAGE_POLL_S)
    console.print(f"page: [bold]{address}[/bold]   (Ctrl-C ends everything; logs: {data / 'logs'})")
    if (port := planner_port(arguments)) is None:
        return
    address = f"http://127.0.0.1:{port}/"
    while not await asyncio.to_thread(_answers, f"{address}healthz"):
        await clock.sleep(PAGE_POLL_S)
    console.print(f"planner: [bold]{address}[/bold]")


def _answers(address: str) -> bool:
    with contextlib.suppress(urllib.error.URLError, OSError):
        return bool(urllib.request.urlopen(address, timeout=1).status == 200)  # noqa: S310 - an address of our own
    return False
