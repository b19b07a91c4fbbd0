"""Answers go out packed: a day of a probe's readings is forty kilobytes of much the same text."""

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

LEAST_BYTES = 1_000
"""What is smaller fits into one packet anyway."""

LEVEL = 5
"""Beyond it the processor works twice as long for the last few per cent."""


def compress(app: FastAPI) -> None:
    """Pack what is asked for by whoever takes gzip. Event streams go as they are: each event has to leave at once."""
    app.add_middleware(GZipMiddleware, minimum_size=LEAST_BYTES, compresslevel=LEVEL)
