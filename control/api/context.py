"""What a route needs, made once by `create_app` and found by a FastAPI dependency: the application has no globals."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, cast

from fastapi import Depends
from starlette.requests import HTTPConnection

from coldport.clock import Clock
from coldport.ids import PointId
from coldport.messages.alarm import Alarm
from coldport.site import Point, Zone
from control.access_log.ports import AccessLog
from control.alarms.definition import Definition
from control.api.archive import Archive
from control.api.hub import Hub
from control.api.press import Press
from control.exposure_archive import ExposureArchive
from control.passport_settings import PassportFile
from control.ports import Desk
from control.traceability.ports import Traces

Past = Callable[[datetime, Sequence[Alarm]], Sequence[Alarm]]
"""From a moment and the occurrences that stand: those that stood then or came later. It blocks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The parts behind the routes."""

    desk: Desk
    archive: Archive
    hub: Hub
    definitions: tuple[Definition, ...]
    exposures: ExposureArchive
    points: Mapping[PointId, tuple[Zone, Point]]
    past: Past
    traces: Traces
    access_log: AccessLog
    passports: PassportFile
    press: Press
    clock: Clock


def _context(connection: HTTPConnection) -> Context:
    return cast(Context, connection.app.state.context)


InContext = Annotated[Context, Depends(_context)]
