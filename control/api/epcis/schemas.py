"""The shapes of the EPCIS border's own answers and bodies.

Documents and events pass as they are: EPCIS describes them.
"""

# ruff: noqa: N815 - the names of the fields are those of EPCIS

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

from fastapi import Header
from pydantic import StringConstraints

EPCIS_BODY_LIMIT = 4 * 1024 * 1024
"""Bytes of a body under `/epcis/v2`: 2,000 events of 2 kB."""

JOBS_LIMIT = 1_000
"""Capture jobs that can be looked up."""

Name = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._-]+$")]

VERSIONS = {
    "GS1-EPCIS-Version": "2.0.0",
    "GS1-CBV-Version": "2.0.0",
    "GS1-EPCIS-Min": "2.0.0",
    "GS1-EPCIS-Max": "2.0.0",
}

EVENT_EXAMPLE = {
    "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],
    "type": "ObjectEvent",
    "eventTime": "2026-03-01T08:00:00+08:00",
    "eventTimeZoneOffset": "+08:00",
    "epcList": ["https://id.gs1.org/00/106141412345678908"],
    "action": "OBSERVE",
    "bizStep": "receiving",
    "readPoint": {"id": "https://id.gs1.org/414/4012345000054"},
}
DOCUMENT_EXAMPLE = {
    "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],
    "type": "EPCISDocument",
    "schemaVersion": "2.0",
    "creationDate": "2026-03-01T08:00:05+08:00",
    "epcisBody": {"eventList": [{key: value for key, value in EVENT_EXAMPLE.items() if key != "@context"}]},
}

ErrorBehaviour = Annotated[str, Header(alias="GS1-Capture-Error-Behaviour", pattern="^(rollback|proceed)$")]
EpcFormat = Annotated[str, Header(alias="GS1-EPC-Format", pattern="^(No_Preference|Never_Translates)$")]


def body_of(example: dict[str, Any]) -> dict[str, Any]:
    """Return what OpenAPI says of a body that is read as bytes."""
    content = {"schema": {"type": "object"}, "example": example}
    return {"requestBody": {"required": True, "content": {"application/json": content, "application/ld+json": content}}}


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultView:
    """An event that was left out, and why; `pointer` is empty when the event as a whole is meant."""

    pointer: str
    reason: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobView:
    """What became of a document. It is done when it can be read: `running` is always false.

    `captured` counts new events; those that were known already are none.
    """

    captureID: str
    createdAt: datetime
    finishedAt: datetime
    running: bool
    success: bool
    captureErrorBehaviour: str
    captured: int
    errors: tuple[FaultView, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryBody:
    """A query to be kept under a name: parameters as those of `GET /events`, lists as JSON lists."""

    name: Name
    query: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionBody:
    """Where a webhook wants to be told of new events, at once (`stream`); schedules are not offered.

    `signatureToken` signs each message (header `GS1-Signature`, HMAC-SHA-256). Without `initialRecordTime` only what
    is recorded from now on is told.
    """

    dest: Annotated[str, StringConstraints(max_length=500, pattern=r"^https?://[^\s]+$")]
    stream: bool = True
    signatureToken: Annotated[str, StringConstraints(min_length=16, max_length=200)] | None = None
    initialRecordTime: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionView:
    """A subscription. `toldRecord` is the number of the last record that it knows; its token is never shown."""

    subscriptionID: str
    queryName: str
    dest: str | None
    toldRecord: int
