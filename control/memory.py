"""What control remembers between two readings: a fold of the journal, with a snapshot as its short cut."""

import logging
from datetime import datetime
from functools import partial
from typing import Literal, NamedTuple

import msgspec
from msgspec import Struct, field

from coldport.site import Site
from control.access.register import AccessState
from control.alarms.definition import AlarmFile
from control.alarms.engine import Engine, EngineState
from control.entries import Entry, Observed, Started
from control.exposure.lots import Lot
from control.inspection.floor import Consequence, Floor, FloorAct, FloorState
from control.inspection.lane.acts import Judged
from control.inspection.lane.draw import SeedOf
from control.inspection.settings import InspectionFile
from control.passport.passports import CopyLimits, Passports, PassportState
from control.picture import Picture, Seen
from control.ports import Journal

ABOUT_LIMIT = 50
"""Entries about a parcel that are looked through for its last verdict; it has ten in a life without trouble."""

READ_LIMIT = 500
"""Entries read at once: at most 250,000 observations in memory."""

log = logging.getLogger("control.memory")


class Memory(Struct):
    """What a snapshot holds. `form` changes with its shape; a snapshot of another form is not used."""

    form: Literal[6] = 6
    engine: EngineState = field(default_factory=EngineState)
    seen: dict[str, Seen] = field(default_factory=dict)
    lots: dict[str, Lot] = field(default_factory=dict)
    access: AccessState = field(default_factory=AccessState)
    floor: FloorState = field(default_factory=FloorState)
    passports: PassportState = field(default_factory=PassportState)


class Inspection(NamedTuple):
    """What the lanes of a site are judged by; without a file it has none."""

    file: InspectionFile | None = None
    seed_of: SeedOf = lambda _: None


def recall(
    site: Site, alarms: AlarmFile, journal: Journal, inspection: Inspection, copies: CopyLimits
) -> tuple[Engine, Floor, Picture]:
    """Return alarms, floor and picture as the journal's newest entry left them; raises UnavailableError."""
    number, memory = _load(journal)
    floor = Floor(site, inspection.file, inspection.seed_of, partial(_seen_at, journal), memory.floor)
    engine = Engine(site, alarms, memory.engine)
    picture = Picture(site, memory.seen, memory.lots, memory.access, Passports(copies, memory.passports))
    while entries := journal.read(number, READ_LIMIT):
        for entry in entries:
            engine.recall(entry.content, entry.recorded_at)
            _recall_floor(floor, entry)
            picture.see(entry)
        number = entries[-1].number
    return engine, floor, picture


def keep(engine: Engine, floor: Floor, picture: Picture, journal: Journal) -> None:
    """Save what is remembered as of the journal's newest entry; raises UnavailableError."""
    memory = Memory(
        engine=engine.state,
        seen=picture.seen,
        lots=picture.lots.by_id,
        access=picture.access.state,
        floor=floor.state(),
        passports=picture.passports.state,
    )
    journal.save_snapshot(journal.last(), msgspec.msgpack.encode(memory))


def _recall_floor(floor: Floor, entry: Entry) -> None:
    if isinstance(entry.content, Observed):
        floor.see(entry.content.observations, entry.recorded_at)
    elif isinstance(entry.content, Started):
        floor.wake(entry.content.at)
    elif isinstance(entry.content, FloorAct | Consequence):
        floor.recall(entry.content, entry.recorded_at)


def _seen_at(journal: Journal, logistics_no: str) -> datetime | None:
    """Return when a lane judged a parcel the last time, of all that is on record."""
    for entry in journal.about(f"parcel:{logistics_no}", ABOUT_LIMIT):
        if isinstance(entry.content, Judged):
            return entry.content.at
    return None


def _load(journal: Journal) -> tuple[int, Memory]:
    snapshot = journal.load_snapshot()
    if snapshot is None:
        return 0, Memory()
    try:
        return snapshot[0], msgspec.msgpack.decode(snapshot[1], type=Memory)
    except msgspec.DecodeError as error:
        log.warning("the snapshot is not used, the whole journal is folded: %s", error)
        return 0, Memory()
