"""Control of a site in a rehearsal: all that judges readings, with journal and historian in memory and no pages."""

import asyncio

import msgspec

from coldport.errors import ColdportError
from coldport.ids import AlarmId, SiteId
from coldport.presence import Announcer
from coldport.rehearsal import Acknowledge, Stage
from coldport.site import load_site
from coldport.supervise import for_ever
from control import ticker
from control.entries import Commanded, Content, Observed, Replied, Transitioned
from control.followers import egress
from control.followers.historian import HistorianFollower
from control.followers.record import RecordFollower
from control.historian.memory import MemoryHistorian
from control.inspection_settings import load_inspection
from control.intake import Intake, filters
from control.journal.memory import MemoryJournal
from control.memory import READ_LIMIT, Inspection
from control.service import Service
from control.settings import load_alarms


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """An operator's wish that came to nothing, and why."""

    wish: Acknowledge
    reason: str


async def rehearse(stage: Stage) -> None:
    """Run control of `stage.folder` until cancelled.

    Raises:
        SiteFileError: A file of the site is wrong.
    """
    clock, site = stage.clock, load_site(stage.folder)
    site_id = SiteId(site.id)
    journal, historian, alarms = MemoryJournal(), MemoryHistorian(), load_alarms(stage.folder, site)
    service = Service(site, alarms, journal, clock, Inspection(load_inspection(stage.folder, site)))
    series = HistorianFollower(journal, historian, clock)
    record = RecordFollower(site, alarms, journal, historian, service.review, clock)
    bus = stage.broker.client(f"{site_id}-control", filters(site_id))
    intake, announcer = Intake(site_id, bus, service, clock), Announcer(site_id, "control", clock)
    async with asyncio.TaskGroup() as tasks:
        for work in (
            for_ever("ticker", lambda: ticker.tick(service, clock), clock),
            for_ever("intake", intake.work, clock),
            for_ever("historian", series.step, clock),
            for_ever("record", record.step, clock),
            for_ever("egress", lambda: egress.follow(site_id, service, bus), clock),
            for_ever("presence", lambda: announcer.say_birth(bus), clock),
            _tell(stage, journal, service),
            _obey(stage, service),
        ):
            tasks.create_task(work)


async def _tell(stage: Stage, journal: MemoryJournal, service: Service) -> None:
    """Follow the journal, and tell the stage what is in it."""
    number = 0
    while True:
        await service.wait_beyond(number)
        for entry in journal.read(number, READ_LIMIT):
            _tell_content(stage, entry.content)
            number = entry.number


def _tell_content(stage: Stage, content: Content) -> None:
    match content:
        case Observed():
            for observation in content.observations:
                stage.tell("observation", observation)
        case Transitioned():
            stage.tell("alarm", content.alarm)
        case Commanded():
            stage.tell("command", content.command)
        case Replied():
            stage.tell("reply", content.reply)
        case _:
            pass


async def _obey(stage: Stage, service: Service) -> None:
    """Do what operators wish."""
    while True:
        wish = await stage.wishes.get()
        named = [one.id for one in service.alarms() if (one.definition, one.point) == (wish.definition, wish.point)]
        if not named:
            stage.tell("refused", Refused(wish=wish, reason="there is no such alarm"))
            continue
        try:
            service.acknowledge(AlarmId(named[-1]), wish.by, None)
        except ColdportError as error:
            stage.tell("refused", Refused(wish=wish, reason=str(error)))
