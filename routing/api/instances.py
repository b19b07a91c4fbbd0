"""Instances come in, as JSON or as a table of consignments for a network that the service knows."""

import asyncio
import tempfile
from http import HTTPStatus
from pathlib import Path
from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Request, Response
from starlette.exceptions import HTTPException

from coldport.errors import NotFoundError
from routing.api.context import Context, InContext
from routing.api.problems import InstanceError
from routing.api.schemas import InstanceView, instance_view
from routing.consignment_form import import_consignments
from routing.generate import generate
from routing.instance_check import problems
from routing.model import Instance
from routing.network_settings import Network
from routing.plan_log.acts import Loaded
from routing.plan_log.documents import Document, inflate, pack, read
from routing.workbook import WorkbookError, read_table

router = APIRouter(prefix="/api/v1/plan", tags=["instances"])

By = Annotated[str, Query(min_length=1, max_length=60, description="who brings it; nothing proves it")]

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SUFFIXES = {"text/csv": ".csv", XLSX: ".xlsx"}

BINARY = {"schema": {"type": "string", "format": "binary"}}
_INSTANCE_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"type": "object"}}, "application/gzip": BINARY},
    }
}
_TABLE_BODY = {"requestBody": {"required": True, "content": {"text/csv": BINARY, XLSX: BINARY}}}


@router.post("/instances", status_code=HTTPStatus.CREATED, openapi_extra=_INSTANCE_BODY)
async def load(context: InContext, request: Request, response: Response, by: By) -> InstanceView:
    """Keep an instance; one that is known is answered as it is (200). Its shape: docs/reference/instance.schema.json.

    400: it cannot be read, and where. 422: it cannot be planned; `errors` name the places.
    """
    kind = _kind(request, {"application/json", "application/gzip"})
    body = await request.body()
    instance, document = await asyncio.to_thread(_read, body, is_packed=kind == "application/gzip")
    return _keep(context, instance, document, by, response)


@router.post("/networks/{network}/consignments", status_code=HTTPStatus.CREATED, openapi_extra=_TABLE_BODY)
async def load_table(context: InContext, request: Request, response: Response, network: str, by: By) -> InstanceView:
    """Make an instance of a network and a table of consignments (CSV or Excel), which is taken whole or not at all.

    400: it is no table. 422: `errors` name row, column and reason. The columns: docs/how-to/plan-consignments.md.
    """
    if network not in context.networks:
        raise NotFoundError(f"there is no network {network!r}; there are: {', '.join(context.networks) or 'none'}")
    suffix = SUFFIXES[_kind(request, SUFFIXES)]
    body = await request.body()
    made = await asyncio.to_thread(_on_network, context.networks[network], body, suffix)
    return _keep(context, *made, by, response)


@router.get("/instances")
async def get_instances(context: InContext) -> list[InstanceView]:
    """List the instances that are kept, the newest last."""
    entries = context.office.ledger.board.instances.values()
    return [instance_view(entry, entry.act) for entry in entries if isinstance(entry.act, Loaded)]


@router.get("/instances/{instance}")
async def get_instance(context: InContext, instance: str) -> InstanceView:
    """Say what is known of an instance."""
    board = context.office.ledger.board
    loaded = board.loaded(instance)
    return instance_view(board.instances[instance], loaded)


@router.get("/instances/{instance}/document", response_class=Response)
async def get_document(context: InContext, instance: str) -> Response:
    """Return the whole instance."""
    context.office.ledger.board.loaded(instance)
    packed = await asyncio.to_thread(context.office.ledger.log.document, instance)
    return Response(await asyncio.to_thread(inflate, packed), media_type="application/json")


def _kind(request: Request, taken: "set[str] | dict[str, str]") -> str:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in taken:
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"taken are {', '.join(sorted(taken))}, not {kind!r}")
    return kind


def _read(body: bytes, *, is_packed: bool) -> tuple[Instance, Document]:
    instance = read(inflate(body) if is_packed else body, Instance)
    found = problems(instance)
    if found:
        raise InstanceError(found)
    return instance, pack(instance)


def _on_network(network: Network, body: bytes, suffix: str) -> tuple[Instance, Document]:
    bare = generate(network, 0, 0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"table{suffix}"
        path.write_bytes(body)
        try:
            rows = read_table(path)
        except WorkbookError as error:
            raise WorkbookError(str(error).replace(str(path), "the table")) from error
    consignments = import_consignments(bare, rows)
    instance = msgspec.structs.replace(bare, consignments=consignments)
    name = f"{network.frame.id}-{pack(instance).digest[:8]}"[-48:]
    instance = msgspec.structs.replace(instance, id=name)
    return instance, pack(instance)


def _keep(context: Context, instance: Instance, document: Document, by: str, response: Response) -> InstanceView:
    counts = {"consignments": len(instance.consignments), "services": len(instance.services)}
    loaded = Loaded(instance=document.digest, name=instance.id, by=by, **counts)
    if not context.office.load(loaded, document):
        response.status_code = HTTPStatus.OK
    board = context.office.ledger.board
    return instance_view(board.instances[document.digest], board.loaded(document.digest))
