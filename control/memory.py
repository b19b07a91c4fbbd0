"""What control remembers between two readings: a fold of the journal, with a snapshot as its short cut."""

import logging
from typing import Literal

import msgspec
from msgspec import Struct, field

from coldport.site import Site
from control.access.register import AccessState
from control.alarms.definition import AlarmFile
from control.alarms.engine import Engine, EngineState
from control.exposure.lots import Lot
from control.picture import Picture, Seen
from control.ports import Journal

READ_LIMIT = 500
"""Entries read at once: at most 250,000 observations in memory."""

log = logging.getLogger("control.memory")


class Memory(Struct):
    """What a snapshot holds. `form` changes with its shape; a snapshot of another form is not used."""

    form: Literal[4] = 4
    engine: EngineState = field(default_factory=EngineState)
    seen: dict[str, Seen] = field(default_factory=dict)
    lots: dict[str, Lot] = field(default_factory=dict)
    access: AccessState = field(default_factory=AccessState)


def recall(site: Site, alarms: AlarmFile, journal: Journal) -> tuple[Engine, Picture]:
    """Return the alarms and the picture as the journal's newest entry left them; raises UnavailableError."""
    number, memory = _load(journal)
    engine = Engine(site, alarms, memory.engine)
    picture = Picture(site, memory.seen, memory.lots, memory.access)
    while entries := journal.read(number, READ_LIMIT):
        for entry in entries:
            engine.recall(entry.content, entry.recorded_at)
            picture.see(entry)
        number = entries[-1].number
    return engine, picture


def keep(engine: Engine, picture: Picture, journal: Journal) -> None:
    """Save what is remembered as of the journal's newest entry; raises UnavailableError."""
    memory = Memory(engine=engine.state, seen=picture.seen, lots=picture.lots.by_id, access=picture.access.state)
    journal.save_snapshot(journal.last(), msgspec.msgpack.encode(memory))


def _load(journal: Journal) -> tuple[int, Memory]:
    snapshot = journal.load_snapshot()
    if snapshot is None:
        return 0, Memory()
    try:
        return snapshot[0], msgspec.msgpack.decode(snapshot[1], type=Memory)
    except msgspec.DecodeError as error:
        log.warning("the snapshot is not used, the whole journal is folded: %s", error)
        return 0, Memory()
