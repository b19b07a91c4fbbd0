"""The HTTP interface as OpenAPI; `docs/reference/planner-openapi.json` is this, and a test holds them together."""

import json

from routing.api.app import bare_app


def document() -> str:
    """Return the interface as JSON text, keys in the order in which the routes are written."""
    return json.dumps(bare_app().openapi(), ensure_ascii=False, indent=2) + "\n"
