"""Errors to problem details (RFC 9457). Every answer that is not a success leaves through here."""

import dataclasses
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter
from starlette.exceptions import HTTPException
from starlette.responses import Response

from coldport.errors import ColdportError, MalformedError, NotFoundError, RefusedError, UnavailableError

log = logging.getLogger("coldport.web")

RETRY_AFTER_S = 5

_STATUS_OF: tuple[tuple[type[ColdportError], HTTPStatus], ...] = (
    (NotFoundError, HTTPStatus.NOT_FOUND),
    (RefusedError, HTTPStatus.CONFLICT),
    (MalformedError, HTTPStatus.BAD_REQUEST),
    (UnavailableError, HTTPStatus.SERVICE_UNAVAILABLE),
)

_HEADERS_OF = {
    HTTPStatus.SERVICE_UNAVAILABLE: {"Retry-After": str(RETRY_AFTER_S)},
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": "Bearer"},
    HTTPStatus.TOO_MANY_REQUESTS: {"Retry-After": "1"},
}

_CODE_OF = {
    HTTPStatus.NOT_FOUND: "not-found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method-not-allowed",
    HTTPStatus.BAD_REQUEST: "malformed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorPlaceView:
    """Where in a request something is wrong: `body.by`, `query.buckets`, `path.point`.

    In a JSON document the place is a JSON pointer (RFC 6901) or a path, in a sheet a row and a column (`3:unitPrice`),
    and `reason` is a stable id of what is wrong there.
    """

    place: str
    message: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemView:
    """Problem details.

    `code` is stable and is what a program should look at; `errors` names the places.

    Source: RFC 9457 section 3; `code` and `errors` are extension members (3.2).
    """

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    errors: tuple[ErrorPlaceView, ...] = ()


def problem(
    status: HTTPStatus, code: str, detail: str, instance: str, errors: Sequence[ErrorPlaceView] = ()
) -> tuple[bytes, dict[str, str]]:
    """Return the body and the headers of a problem, for whoever answers: a route or a guard before the routes."""
    view = ProblemView(
        type="about:blank",
        title=status.phrase,
        status=status.value,
        detail=detail,
        instance=instance,
        code=code,
        errors=tuple(errors),
    )
    headers = {"Content-Type": "application/problem+json", "Cache-Control": "no-store"}
    headers |= _HEADERS_OF.get(status, {})
    # A key of a refused body may hold half a surrogate pair; the answer names it all the same.
    return json.dumps(dataclasses.asdict(view), ensure_ascii=False).encode(errors="backslashreplace"), headers


PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "Problem details (RFC 9457)",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemView"}}},
    }
}
"""What every route may answer besides its success; for OpenAPI."""


def schemas() -> dict[str, Any]:
    """Return the schemas of problem details by name, for the components of OpenAPI."""
    schema = TypeAdapter(ProblemView).json_schema(ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs"), "ProblemView": schema}


Places = Callable[[ColdportError], Sequence[ErrorPlaceView]]


def install(
    app: FastAPI,
    statuses: Mapping[type[ColdportError], HTTPStatus] | None = None,
    places_of: Places = lambda _: (),
) -> None:
    """Let every error of the application leave as problem details.

    Args:
        app: The application.
        statuses: Families of errors that have a status of their own here; they are looked at first.
        places_of: Names the places that an error knows.
    """
    families = (*(statuses or {}).items(), *_STATUS_OF)

    def on_coldport_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, ColdportError)  # noqa: S101 - registered for this class alone; for the type checker
        for family, status in families:
            if isinstance(error, family):
                return _answer(request, status, error.code, str(error), places_of(error))
        raise error

    app.add_exception_handler(ColdportError, on_coldport_error)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(Exception, _on_bug)


def _answer(
    request: Request, status: HTTPStatus, code: str, detail: str, errors: Sequence[ErrorPlaceView] = ()
) -> Response:
    body, headers = problem(status, code, detail, request.url.path, errors)
    return Response(body, status_code=status.value, headers=headers)


def _on_validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class alone; for the type checker
    places = [ErrorPlaceView(place=_place(one["loc"]), message=str(one["msg"])) for one in error.errors()]
    detail = "; ".join(f"{one.place}: {one.message}" for one in places)
    return _answer(request, HTTPStatus.UNPROCESSABLE_ENTITY, "malformed", detail, places)


def _place(location: Sequence[int | str]) -> str:
    """Return `body.by` for `("body", "by")`; of broken JSON only its offset is known: `body.17`."""
    return ".".join(str(part) for part in location)


def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class alone; for the type checker
    status = HTTPStatus(error.status_code)
    # FastAPI raises 400 for one thing only: a body that is not UTF-8, or nested too deep to be read.
    places = [ErrorPlaceView(place="body", message=str(error.detail))] if status is HTTPStatus.BAD_REQUEST else []
    response = _answer(request, status, _CODE_OF.get(status, "refused"), str(error.detail), places)
    response.headers.update(error.headers or {})
    return response


def _on_bug(request: Request, error: Exception) -> Response:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return _answer(request, HTTPStatus.INTERNAL_SERVER_ERROR, "internal", "a bug; the log says more")
