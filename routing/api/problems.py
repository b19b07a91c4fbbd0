"""The planner's errors as problem details: which place of a file each names."""

from collections.abc import Sequence
from http import HTTPStatus

from fastapi import FastAPI

from coldport.errors import ColdportError, MalformedError
from coldport.web import problems
from coldport.web.problems import ErrorPlaceView
from routing.form import FormError
from routing.instance_check import Problem


class InstanceError(MalformedError):
    """An instance cannot be planned: something in it is named that is not there, or times are out of order."""

    code = "instance"

    def __init__(self, found: Sequence[Problem]) -> None:
        """Carry what is wrong, and say the first of it."""
        self.found = tuple(found)
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        super().__init__(f"{found[0]}{more}")


def install(app: FastAPI) -> None:
    """Let every error of the application leave as problem details; a table is understood, and cannot be used: 422."""
    problems.install(
        app, {FormError: HTTPStatus.UNPROCESSABLE_ENTITY, InstanceError: HTTPStatus.UNPROCESSABLE_ENTITY}, _places
    )


def _places(error: ColdportError) -> Sequence[ErrorPlaceView]:
    if isinstance(error, FormError):
        return [ErrorPlaceView(place=f"{one.row}:{one.column}", message=one.reason) for one in error.problems]
    if isinstance(error, InstanceError):
        return [ErrorPlaceView(place=one.path, message=one.message) for one in error.found]
    return ()
