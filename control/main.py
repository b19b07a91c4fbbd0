"""Composition root of control: the only place that knows which adapters stand behind the ports."""

import argparse
import asyncio
import contextlib
import json
import logging
import signal
import sys
import uuid
from collections.abc import Coroutine, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from coldport import log as logs
from coldport.bus_mqtt import MqttBus
from coldport.clock import Clock, SystemClock
from coldport.errors import UnavailableError
from coldport.ids import SiteId
from coldport.presence import Announcer
from coldport.settings import secret
from coldport.site import load_site
from coldport.supervise import for_ever
from control import draw_days, ticker
from control.access_log.sqlite import SqliteAccessLog
from control.alarm_history import occurrences_since
from control.api.app import create_app, platform_app
from control.draw_seeds import FileSeeds, seeds_folder
from control.exposure_archive import ExposureArchive
from control.followers import egress
from control.followers.customs.folder import FolderLetterbox
from control.followers.customs.line import CustomsLine
from control.followers.historian import HistorianFollower
from control.followers.lots import LotFollower
from control.followers.record import RecordFollower
from control.followers.traces import Historical, TraceFollower, temperature_limits
from control.historian.open import open_historian
from control.inspection_settings import load_inspection
from control.intake import Intake, filters
from control.journal.sqlite import SqliteJournal, check_chain, journal_path
from control.listen import open_doors, serve
from control.memory import Inspection
from control.notify.load import load_notify
from control.notify.settings import Signal
from control.notify.signals import by_alarms
from control.notify.start import Around, notices
from control.outputs import Commander, Say, wanted_by_lanes
from control.passport_settings import load_passports
from control.products import load_products
from control.records import retention
from control.records.sealer import open_sealer
from control.service import Service
from control.settings import Customs, load_alarms, load_control
from control.traceability.sqlite import SqliteTraces
from control.traceability.subscriptions import Deliverer
from control.traceability.webhook import HttpPoster
from dashboards import web_root

log = logging.getLogger("control")


def register(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add `coldport control run` and `coldport control verify`."""
    control = commands.add_parser(
        "control", help="journal, alarms and page of a site", description="Journal, alarms and page of a site."
    )
    actions = control.add_subparsers(title="actions", metavar="ACTION", required=True)
    run = actions.add_parser(
        "run",
        help="run control until Ctrl-C",
        description="Takes in what gateways send, keeps it in DATA/control, raises alarms and serves the page.",
    )
    _add_places(run)
    run.add_argument("--port", type=int, help="port of the page (default: control.toml)")
    run.add_argument("--headless", action="store_true", help="no page and no HTTP")
    run.set_defaults(run=_run)
    verify = actions.add_parser(
        "verify",
        help="recompute the journal's hash chain; exit code 2 names a bad entry",
        description="Recomputes the hash chain of DATA/control/journal.sqlite and names the first bad entry.",
    )
    _add_places(verify)
    verify.add_argument("--json", action="store_true", help="print the count as JSON")
    verify.set_defaults(run=_verify)


def _add_places(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("site", type=Path, metavar="SITE", help="folder with site.toml and the other files")
    parser.add_argument("--data", type=Path, metavar="DIR", required=True, help="data folder of the site")


def _verify(arguments: argparse.Namespace) -> int:
    load_site(arguments.site)
    entries = check_chain(journal_path(arguments.data))
    said = json.dumps({"entries": entries}) if arguments.json else f"{entries} entries, each as it was written"
    sys.stdout.write(f"{said}\n")
    return 0


def _run(arguments: argparse.Namespace) -> int:
    logs.set_up()
    asyncio.run(_serve(arguments))
    return 0


async def _serve(arguments: argparse.Namespace) -> None:
    """Open the stores, run every part until a signal, close the stores."""
    folder, data, clock = arguments.site, arguments.data, SystemClock()
    site, settings = load_site(folder), load_control(folder)
    alarms, notify = load_alarms(folder, site), load_notify(folder, site)
    with contextlib.ExitStack() as stack:
        doors = [] if arguments.headless else open_doors(settings, arguments.port)
        for door in doors:
            stack.enter_context(door.socket)
        journal = stack.enter_context(SqliteJournal(journal_path(data)))
        site_id, token = SiteId(site.id), secret("HISTORIAN_TOKEN")
        historian = open_historian(settings.historian, site=site_id, folder=data / "control", token=token, clock=clock)
        stack.callback(historian.close)
        seeds = FileSeeds(seeds_folder(data))
        inspection, passports = Inspection(load_inspection(folder, site), seeds.seed_of), load_passports(folder)
        service = Service(site, alarms, journal, clock, inspection, passports.copies)
        exposures = ExposureArchive(site, load_products(folder), historian, alarms.calibrations)
        follower = HistorianFollower(journal, historian, clock, exposures.changed)
        record = RecordFollower(
            site, alarms, journal, historian, service.review, clock, data / "control/record.msgpack"
        )
        parts = [
            for_ever("historian", follower.step, clock),
            for_ever("record", record.step, clock),
            for_ever("lots", LotFollower(service, exposures, follower, clock).step, clock),
            for_ever("ticker", lambda: ticker.tick(service, clock), clock),
            for_ever("draw", partial(draw_days.step, service, seeds, clock), clock),
            for_ever("sealer", open_sealer(data, journal, service, site.timezone, clock).step, clock),
        ]
        if isinstance(historian, retention.Series):
            forget = partial(retention.step, historian, service, settings.records.series_days, clock)
            parts.append(for_ever("retention", forget, clock))
        past = partial(occurrences_since, journal)
        traces = stack.enter_context(contextlib.closing(SqliteTraces(data / "control/epcis.sqlite")))
        parts.append(_webhooks(traces, clock))
        known = Historical(historian, lambda: follower.is_current)
        telling = TraceFollower(site, temperature_limits(alarms), journal, known, traces, clock)
        parts.append(for_ever("traces", telling.step, clock))
        parts += _customs(settings.customs, data, service, journal, clock)
        if doors:
            visits = SqliteAccessLog(data / "control/access.sqlite", settings.records.access_days)
            app = create_app(
                service,
                historian,
                web_root(),
                definitions=alarms.alarms,
                exposures=exposures,
                past=past,
                traces=traces,
                access_log=stack.enter_context(contextlib.closing(visits)),
                looked_up=passports,
                clock=clock,
            )
            parts += [serve(platform_app(app) if door.platform else app, door) for door in doors]
        around = Around(site=site, definitions=alarms.alarms, alarms=service, data=data, clock=clock)
        async with notices(notify, around) as loops:
            await _run_with_bus([*parts, *loops], service, notify.signals if notify else (), clock)
        record.save()
        service.save()  # only after an orderly end: what a bug left in memory must not outlive it


async def _webhooks(traces: SqliteTraces, clock: Clock) -> None:
    """Tell subscribers of new EPCIS events, until cancelled."""
    poster = HttpPoster()
    try:
        await for_ever("epcis webhooks", Deliverer(traces, poster, clock).step, clock)
    finally:
        await poster.close()


def _customs(
    settings: Customs | None, data: Path, service: Service, journal: SqliteJournal, clock: Clock
) -> "list[Coroutine[Any, Any, None]]":
    """Return both ways of the line to customs, if the site declares by itself."""
    if settings is None:
        return []
    line = CustomsLine(service, journal, FolderLetterbox(data / settings.folder), settings, clock)
    return [for_ever("declarations", line.send, clock), for_ever("answers of customs", line.receive, clock)]


async def _run_with_bus(
    parts: "Sequence[Coroutine[Any, Any, None]]", service: Service, signals: Sequence[Signal], clock: Clock
) -> None:
    """Run `parts` and those that need the bus until a signal; when one falls all fall, and the launcher starts anew."""
    site = SiteId(service.site.id)
    announcer = Announcer(site, "control", clock)
    bus = MqttBus(
        client_id=f"{site}-control",
        broker=service.site.broker.seen_by("control"),
        password=secret("BROKER_PASSWORD"),
        filters=filters(site),
        will=announcer.will,
    )
    intake = Intake(site, bus, service, clock)
    says = [Say("alarms", by_alarms(signals, service.alarms)), Say("lanes", partial(wanted_by_lanes, service))]
    commander = Commander(site, says, service.latest, clock, lambda: str(uuid.uuid4()))
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with bus:
        async with asyncio.TaskGroup() as tasks:
            running = [
                tasks.create_task(part)
                for part in (
                    *parts,
                    for_ever("intake", intake.work, clock),
                    for_ever("egress", lambda: egress.follow(site, service, bus), clock),
                    for_ever("outputs", lambda: commander.step(bus), clock),
                    for_ever("presence", lambda: announcer.say_birth(bus), clock),
                )
            ]
            log.info("control of %s is running", site)
            await stop.wait()
            for task in running:
                task.cancel()
        with contextlib.suppress(UnavailableError):
            await bus.publish(announcer.will)
