"""Follows the journal into the store of EPCIS events, from the number that the store remembers.

Ids of events come from the journal's numbers, so what is told again after a fall changes nothing: each event is there
once. With the shelf `tracing` emptied everything is told anew, to the same effect; an event whose temperatures would
read differently now stays as it was first told.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from coldport.clock import Clock
from coldport.errors import RefusedError, UnavailableError
from coldport.site import Quantity, Site
from control.alarms.definition import AlarmFile, Kind
from control.ports import Journal
from control.traceability.event import Event, micros
from control.traceability.ports import Traces
from control.tracing.cold import Series, sensors
from control.tracing.told import Told, written
from control.tracing.tracer import Tracer, TracerState

ENTRY_LIMIT = 500
"""Entries read at a time: at most about a thousand events, a third of a second of work for the store."""
LINGER_S = 1.0
"""How long an event may be told after what it tells of."""
SAVE_S = 30.0
"""Seconds after which the mark is kept again; what came since is told twice after a fall, to no effect."""
SHELF = "tracing"
KEY = "mark"

log = logging.getLogger("control.traces")


def temperature_limits(alarms: AlarmFile) -> frozenset[str]:
    """Return the alarms that tell of a temperature beyond its limit."""
    kinds = (Kind.HI, Kind.HIHI, Kind.LO, Kind.LOLO)
    return frozenset(one.id for one in alarms.alarms if one.quantity is Quantity.TEMPERATURE and one.kind in kinds)


class Saved(Struct, frozen=True):
    """Up to which entry everything is told, and what the fold remembers then. `form` changes with its shape."""

    through: int
    state: TracerState
    form: int = 1


class Historical(NamedTuple):
    """The historian, and whether it has what the journal holds."""

    series: Series
    is_current: Callable[[], bool]


class TraceFollower:
    """Between journal, historian and traces; what has been done the traces remember."""

    def __init__(
        self,
        site: Site,
        breaches: Collection[str],
        journal: Journal,
        historian: Historical,
        traces: Traces,
        clock: Clock,
    ) -> None:
        """Follow `journal`; `breaches` are the alarms that tell of a temperature beyond its limit."""
        self._site = site
        self._breaches = breaches
        self._journal = journal
        self._historian = historian
        self._traces = traces
        self._clock = clock
        self._tracer: Tracer | None = None
        self._saved_s = clock.monotonic_s()
        self.through = 0
        """Up to which entry everything is told."""

    async def step(self) -> None:
        """Do one piece of work and wait: the loop body for `coldport.supervise.for_ever`.

        Raises:
            UnavailableError: Traces or historian are away; nothing is lost.
        """
        if not await self.catch_up():
            await self._clock.sleep(LINGER_S)

    async def catch_up(self) -> bool:
        """Tell of the next entries, at most `ENTRY_LIMIT`; return whether more follow at once. Raises as `step`."""
        try:
            return await self._catch_up()
        except BaseException:
            self._tracer = None  # the fold may be ahead of what was told: it begins again from the mark
            raise

    async def _catch_up(self) -> bool:
        tracer = self._tracer or await self._recall()
        self._tracer = tracer
        last = self._journal.last()
        entries = await asyncio.to_thread(self._journal.events, self.through, ENTRY_LIMIT)
        told = [one for entry in entries for one in tracer.take(entry)]
        if any(one.stay is not None for one in told) and not self._historian.is_current():
            raise UnavailableError("the historian has not caught up, and what a lot went through is told only once")
        if told:
            events = await asyncio.to_thread(self._written, told, tracer)
            done = await self._traces.capture(events, micros(self._clock.now()), whole=False)
            if done.taken:
                log.info("%d events stand as they were first told, the first is %s", len(done.taken), done.taken[0])
        more = len(entries) == ENTRY_LIMIT
        self.through = (
            entries[-1].number if more else max(last, self.through, *(entry.number for entry in entries[-1:]))
        )
        await self._keep(tracer)
        return more

    async def _recall(self) -> Tracer:
        body = (await self._traces.kept(SHELF)).get(KEY)
        saved = None
        if body is not None:
            try:
                saved = msgspec.msgpack.decode(body, type=Saved)
            except msgspec.DecodeError as error:
                log.warning("the mark is not used, everything is told again: %s", error)
        if saved is None or saved.form != Saved.__struct_defaults__[0]:
            saved = Saved(through=0, state=TracerState())
        if saved.through > self._journal.last():
            raise UnavailableError(
                f"events are told up to entry {saved.through}, the journal ends at {self._journal.last()}: "
                "another journal was told of; give the events an empty place"
            )
        self.through = saved.through
        return Tracer(self._site, self._breaches, saved.state)

    async def _keep(self, tracer: Tracer) -> None:
        now_s = self._clock.monotonic_s()
        if now_s - self._saved_s < SAVE_S:
            return
        body = msgspec.msgpack.encode(Saved(through=self.through, state=tracer.state))
        await self._traces.keep(SHELF, KEY, body, 1)
        self._saved_s = now_s

    def _written(self, told: Sequence[Told], tracer: Tracer) -> list[Event]:
        return [written(one, tracer.names, self._cold(one)) for one in told]

    def _cold(self, told: Told) -> Sequence[Mapping[str, Any]]:
        if told.stay is None:
            return ()
        try:
            return sensors(told.stay, self._site, self._historian.series)
        except RefusedError as error:
            log.info("the stay in %s is told without its temperatures: %s", told.stay.zone, error)
            return ()
