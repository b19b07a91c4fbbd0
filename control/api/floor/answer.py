"""How acts are read and floor things written: as the journal writes them, with the same names."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import msgspec
from starlette.responses import Response

from coldport.errors import MalformedError
from coldport.web.problems import ErrorPlaceView
from control.inspection.floor import Consequence, FloorAct

REF = "#/components/schemas/{name}"


class ActRefusedError(MalformedError):
    """A body is not an act. The detail names the place, as `$.quantity`."""

    code = "not-an-act"


class SheetRefusedError(MalformedError):
    """Nothing of a sheet was taken. `places` say where it is wrong, row by row."""

    code = "sheet-refused"

    def __init__(self, places: Sequence[ErrorPlaceView]) -> None:
        """Say the first place; `places` has them all."""
        more = f" (and {len(places) - 1} more)" if places[1:] else ""
        super().__init__(f"{places[0].place}: {places[0].message}{more}")
        self.places = tuple(places)


def json_response(content: Any, status: HTTPStatus = HTTPStatus.OK) -> Response:  # noqa: ANN401 - any floor Struct
    """Answer with a Struct, or what is made of them."""
    return Response(msgspec.json.encode(content), status_code=status, media_type="application/json")


def read_act(body: bytes, now_text: str) -> FloorAct:
    """Read an act; one without `at` happened now.

    Raises:
        ActRefusedError: It is not one, and where.
    """
    try:
        raw = msgspec.json.decode(body, type=dict[str, Any])
        act: FloorAct = msgspec.convert({"at": now_text} | raw, FloorAct)
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError) as error:
        raise ActRefusedError(str(error)) from error
    return act


def schemas() -> dict[str, Any]:
    """Return the JSON schemas of acts and of what follows from them, by name, for the description of the API."""
    (act, consequence), components = msgspec.json.schema_components([FloorAct, Consequence], ref_template=REF)
    return {**components, "FloorAct": act, "Consequence": consequence}


def body_of(example: dict[str, Any]) -> dict[str, Any]:
    """Describe a request body that is an act."""
    content = {"application/json": {"schema": {"$ref": REF.format(name="FloorAct")}, "example": example}}
    return {"requestBody": {"required": True, "content": content}}


def follows(contents: Sequence[Any]) -> Response:
    """Answer with what followed from an act."""
    return json_response({"follows": contents}, HTTPStatus.CREATED)
