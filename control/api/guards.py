"""How long a body may be: documents of events and of customs are what is long."""

from control.api.epcis.schemas import EPCIS_BODY_LIMIT
from control.api.schemas import BODY_LIMIT
from control.inspection.ceb.tree import BODY_LIMIT as MESSAGE_BODY_LIMIT


def body_limit(path: str) -> int:
    """Return how many bytes a body may have."""
    if path.startswith("/epcis/v2/"):
        return EPCIS_BODY_LIMIT
    return MESSAGE_BODY_LIMIT if path.startswith("/api/v1/floor/") else BODY_LIMIT
