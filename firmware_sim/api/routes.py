"""What each path below `/sim/v1` means. Bytes in, bytes out; no HTTP library in here.

Nobody is asked who he is: the server listens on this machine alone, and takes no name but this machine's, so that a
page of somebody else in a browser here can work nothing.
"""

from http import HTTPStatus
from typing import Annotated, Any, NamedTuple, TypeVar
from urllib.parse import unquote

import msgspec

from coldport.errors import ColdportError, MalformedError, NotFoundError, RefusedError
from firmware_sim.api.desk import Desk, ForS
from firmware_sim.faults import Fault

ROOT = "/sim/v1"
BODY_LIMIT = 4096
"""Bytes of a body; the longest fault has 200."""

OWN_NAMES = ("127.0.0.1", "localhost")

Wanted = TypeVar("Wanted")


class Call(NamedTuple):
    """A request: its method, its path without the query, the machine it was meant for, its body."""

    method: str
    path: str
    host: str
    body: bytes


class Answer(NamedTuple):
    """An answer in JSON; without a body it is empty."""

    status: int
    body: bytes = b""
    is_problem: bool = False


class _Lasting(msgspec.Struct, frozen=True, kw_only=True):
    """How long a fault is to last; the rest of the body is the fault's."""

    for_s: ForS | None = None


class _Door(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    open: bool


class _Decision(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    status: Annotated[str, msgspec.Meta(pattern="^[0-9]{3}$")]


def answer(desk: Desk, call: Call) -> Answer:
    """Do what a request asks for. Every error leaves as problem details (RFC 9457)."""
    try:
        return _answer(desk, call)
    except NotFoundError as error:
        return problem(HTTPStatus.NOT_FOUND, error, call.path)
    except RefusedError as error:
        return problem(HTTPStatus.CONFLICT, error, call.path)
    except MalformedError as error:
        return problem(HTTPStatus.BAD_REQUEST, error, call.path)


def problem(status: HTTPStatus, error: ColdportError, path: str) -> Answer:
    """Return an error as problem details."""
    details = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": str(error),
        "instance": path,
        "code": error.code,
    }
    return Answer(status.value, msgspec.json.encode(details), is_problem=True)


def _answer(desk: Desk, call: Call) -> Answer:
    if call.host.rpartition(":")[0] not in OWN_NAMES and call.host not in OWN_NAMES:
        raise RefusedError(f"this is not {call.host}")
    if not call.path.startswith(f"{ROOT}/"):
        raise NotFoundError(f"everything here is below {ROOT}")
    parts = tuple(unquote(part) for part in call.path.removeprefix(f"{ROOT}/").split("/"))
    if call.method == "GET":
        return Answer(HTTPStatus.OK, msgspec.json.encode(_told(desk, parts)))
    match call.method, *parts:
        case method, "targets", name, "faults", kind:
            return _turn(desk, method, {"kind": kind, "target": name}, call.body)
        case method, "targets", name, "units", unit, "faults", kind:
            return _turn(desk, method, {"kind": kind, "target": name, "unit": unit}, call.body)
        case "PUT", "doors", name:
            desk.move_door(name, wanted=_decoded(call.body, _Door).open)
            return Answer(HTTPStatus.NO_CONTENT)
        case "PUT", "offices", office, "cases", logistics_no:
            desk.decide(office, logistics_no, _decoded(call.body, _Decision).status)
            return Answer(HTTPStatus.NO_CONTENT)
    raise NotFoundError(f"there is nothing to {call.method} at {call.path}")


def _told(desk: Desk, parts: tuple[str, ...]) -> object:
    match parts:
        case ("targets",):
            return {"targets": desk.targets()}
        case ("targets", name):
            return desk.target(name)
        case ("doors",):
            return desk.doors()
        case ("offices", office, "cases", *names) if len(names) <= 1:
            return desk.case(office, names[0]) if names else desk.cases(office)
        case ("values", *names) if len(names) <= 1:
            return desk.values(*names)
    raise NotFoundError(f"there is nothing to GET at {'/'.join(parts)}")


def _turn(desk: Desk, method: str, named: dict[str, Any], body: bytes) -> Answer:
    """Break what a path names, or repair it."""
    if method == "DELETE":
        fault = _converted(named, Fault)
        desk.end(fault.kind, fault.target, fault.unit)
        return Answer(HTTPStatus.NO_CONTENT)
    if method != "PUT":
        raise NotFoundError(f"a fault is PUT and DELETEd; {method} means nothing here")
    wanted = _decoded(body or b"{}", dict[str, Any])
    lasting = _converted({"for_s": wanted.pop("for_s", None)}, _Lasting)
    if not named.keys().isdisjoint(wanted):
        raise MalformedError(f"the path says {', '.join(named)}, the body does not")
    fault = _converted({**wanted, **named}, Fault)
    desk.begin(fault, lasting.for_s)
    return Answer(HTTPStatus.OK, msgspec.json.encode(fault))


def _decoded(body: bytes, kind: type[Wanted]) -> Wanted:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedError(str(error)) from error


def _converted(value: object, kind: type[Wanted]) -> Wanted:
    """Return a value as a kind; the texts of a path stand for numbers where numbers are wanted."""
    try:
        return msgspec.convert(value, kind, strict=False)
    except msgspec.ValidationError as error:
        raise MalformedError(str(error)) from error
