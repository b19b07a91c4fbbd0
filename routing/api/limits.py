"""What may come in over HTTP."""

BODY_LIMIT = 64 * 1024
"""Bytes of a request that is no file. The largest, a job, has some 400."""

FILE_LIMIT = 32 * 1024 * 1024
"""Bytes of an instance or a table, as they are sent: a hundred thousand consignments, packed."""

STREAMS_LIMIT = 50
"""Progress streams at once: each job on every planner's screen, and some."""

WAYS_LIMIT = 20
"""Ways of one consignment that are told at once."""

BESIDES_LIMIT = 4
"""Plans kept ready for questions: one of ten thousand consignments has some 100 MB with its instance."""


def body_limit(path: str) -> int:
    """Return how many bytes a body may have."""
    takes_files = path == "/api/v1/plan/instances" or path.startswith("/api/v1/plan/networks/")
    return FILE_LIMIT if takes_files else BODY_LIMIT
