"""Control's errors as problem details: which status, and which places they name."""

from collections.abc import Sequence
from http import HTTPStatus

from fastapi import FastAPI

from coldport.errors import ColdportError
from coldport.web import problems
from coldport.web.problems import ErrorPlaceView
from control.api.access.errors import ForbiddenError, KeyNeededError
from control.api.floor.answer import SheetRefusedError
from control.traceability.fault import InvalidError

STATUSES: dict[type[ColdportError], HTTPStatus] = {
    KeyNeededError: HTTPStatus.UNAUTHORIZED,
    ForbiddenError: HTTPStatus.FORBIDDEN,
}


def install(app: FastAPI) -> None:
    """Let every error of the application leave as problem details."""
    problems.install(app, STATUSES, _places)


def _places(error: ColdportError) -> Sequence[ErrorPlaceView]:
    if isinstance(error, SheetRefusedError):
        return error.places
    faults = error.faults if isinstance(error, InvalidError) else ()
    return [ErrorPlaceView(place=one.pointer, message=one.detail, reason=one.reason) for one in faults]
