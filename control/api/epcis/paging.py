"""From the parameters of a request to a page of events, and to the token of the next one."""

import base64
import binascii
import hashlib
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import msgspec
from starlette.exceptions import HTTPException
from starlette.responses import Response

from control.api.context import Context
from control.api.epcis.schemas import VERSIONS
from control.traceability.document import write_result
from control.traceability.ports import Mark
from control.traceability.query import PER_PAGE_LIMIT, QueryError, parse

TOKEN = "nextPageToken"  # noqa: S105 - the name of a parameter


class _Next(msgspec.Struct, frozen=True, array_like=True):
    asked: str
    given: int
    mark: Mark


def parameters(items: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return parameters by name; one that is repeated is a list, as one with commas is."""
    found: dict[str, Any] = {}
    for name, value in items:
        found[name] = f"{found[name]},{value}" if name in found else value
    return found


async def answer(
    context: Context, given: Mapping[str, Any], path: str, own: Mapping[str, str], name: str | None = None
) -> Response:
    """Return a page of what parameters ask for, as an EPCISQueryDocument.

    Args:
        context: Where the events are.
        given: All parameters, those that a path or a named query adds among them.
        path: Where the next page is asked for.
        own: The parameters the caller gave, which the next page's address repeats.
        name: The query's name, if it has one.

    Raises:
        QueryError: A parameter or the token is not understood.
    """
    given = dict(given)
    token = given.pop(TOKEN, None)
    query = parse(given)
    asked = hashlib.sha256(
        msgspec.json.encode({k: v for k, v in given.items() if k != "perPage"}, order="sorted")
    ).hexdigest()[:12]
    state = _read(str(token), asked) if token else _Next(asked, 0, Mark(0, 0, 0))
    left = (query.at_most or PER_PAGE_LIMIT) - state.given
    limit = min(query.per_page, max(0, left)) if query.at_most else query.per_page
    if query.refuse_above is not None and not token:
        await _refuse_too_many(context, given, query.refuse_above)
    page = await context.traces.page(query, state.mark if token else None, limit)
    headers = {**VERSIONS, "GS1-EPC-Format": "Never_Translates"}
    if page.more and page.found and (query.at_most is None or left > len(page.found)):
        last = page.found[-1]
        following = _Next(asked, state.given + len(page.found), Mark(last.at, last.record, page.ceiling))
        address = urlencode({**{k: v for k, v in own.items() if k != TOKEN}, TOKEN: _write(following)})
        headers["Link"] = f'<{path}?{address}>; rel="next"'
    body = write_result(page.found, query=name, at=context.desk.now())
    return Response(body, media_type="application/ld+json", headers=headers)


async def _refuse_too_many(context: Context, given: Mapping[str, Any], most: int) -> None:
    seen, mark = 0, None
    query = parse({key: value for key, value in given.items() if key != "perPage"})
    while seen <= most:
        page = await context.traces.page(query, mark, min(PER_PAGE_LIMIT, most + 1 - seen))
        seen += len(page.found)
        if not page.more or not page.found:
            break
        mark = Mark(page.found[-1].at, page.found[-1].record, page.ceiling)
    if seen > most:
        raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"more than maxEventCount={most} events match")


def _write(state: _Next) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(state)).decode().rstrip("=")


def _read(token: str, asked: str) -> _Next:
    try:
        state = msgspec.json.decode(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)), type=_Next)
    except (binascii.Error, ValueError, msgspec.DecodeError) as error:
        raise QueryError(f"{TOKEN}: it is none of ours") from error
    if state.asked != asked:
        raise QueryError(f"{TOKEN}: it belongs to another query")
    return state
