"""Composition root of the planner's service: the only place that knows what stands behind its ports."""

import asyncio
import contextlib
import logging
import signal
from pathlib import Path

from coldport import log as logs
from coldport.clock import SystemClock
from coldport.web.listen import bound, serve
from coldport.web.loopback import refuse_foreign
from dashboards import web_root
from routing.api.app import create_app
from routing.api.pages import add_pages
from routing.jobs.ledger import Ledger
from routing.jobs.office import Budget, Office
from routing.jobs.processes import ProcessWorkers
from routing.network_folder import load_network
from routing.plan_log.sqlite import SqlitePlanLog
from routing.settings import PlannerFile, load_planner

log = logging.getLogger("routing")


def plan_log_path(data: Path) -> Path:
    """Return where the plan log lies in a data folder."""
    return data / "planner" / "plans.sqlite"


def run(site: Path, data: Path, port: int | None = None) -> None:
    """Serve until a signal; `port` in place of that of `planner.toml`.

    Raises:
        SiteFileError: `planner.toml` or a network is not what it should be.
        RefusedError: The address may not be served, the port is in use, or another service has the plan log.
        UnavailableError: The disk cannot be written.
    """
    logs.set_up()
    settings = load_planner(site)
    refuse_foreign(settings.http.host)
    asyncio.run(_serve(settings, data, port or settings.http.port))


async def _serve(settings: PlannerFile, data: Path, port: int) -> None:
    """Open the log, serve until a signal, close the log."""
    clock = SystemClock()
    networks = {network.frame.id: network for network in map(load_network, map(Path, settings.networks))}
    budget = Budget(
        workers=settings.workers_or_usual(), memory_mb=settings.memory_mb, seconds_most=settings.seconds_most
    )
    with contextlib.ExitStack() as stack:
        door = stack.enter_context(bound(settings.http.host, port))
        plan_log = stack.enter_context(contextlib.closing(SqlitePlanLog(plan_log_path(data))))
        office = Office(Ledger(plan_log, clock), ProcessWorkers(), clock, budget)
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        async with asyncio.TaskGroup() as tasks:
            app = create_app(office, networks, clock)
            add_pages(app, web_root())
            running = [tasks.create_task(part) for part in (office.run(), serve(app, door))]
            log.info("the planner is at http://%s:%d/", settings.http.host, door.getsockname()[1])
            await stop.wait()
            for task in running:
                task.cancel()
