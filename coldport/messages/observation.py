"""What a gateway saw: readings, weights, tag reads, in numbered batches.

Three moments are kept apart: `observed_at` (the device's, or the gateway's at the moment of reading), `spooled_at`
(the gateway's, when it became durable there) and `recorded_at` (control's, in the journal and in no message here).
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from coldport.ids import Id

Seq = Annotated[int, Meta(ge=1)]
BootId = Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
Moment = Annotated[datetime, Meta(tz=True)]
Reason = Annotated[str, Meta(pattern="^[a-z0-9-]{1,40}$")]

BATCH_LIMIT = 500
"""Observations in one batch. 500 readings are about 75 kB of JSON: far below the broker's 1 MiB payload limit."""


class Quality(StrEnum):
    """How far a value may be trusted.

    Good and uncertain observations carry a value. A bad one carries none, and its `reason` says why: a failed read is
    never 0 and never the old value.
    """

    GOOD = "good"
    UNCERTAIN = "uncertain"
    BAD = "bad"


class Reading(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="kind", tag="reading"
):
    """One value of one point at one time, in the unit of the point's quantity (`coldport.site.Quantity`)."""

    seq: Seq
    point: Id
    observed_at: Moment
    spooled_at: Moment
    value: float | None = None
    quality: Quality = Quality.GOOD
    reason: Reason | None = None


class Weight(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="kind", tag="weight"
):
    """What a scale showed. Each mass is as the device gave it; one it did not give is absent, never computed."""

    seq: Seq
    point: Id
    observed_at: Moment
    spooled_at: Moment
    gross_kg: float | None = None
    tare_kg: float | None = None
    net_kg: float | None = None
    stable: bool = False
    stable_by: Annotated[str, Meta(pattern="^(device|derived)$")] = "device"
    quality: Quality = Quality.GOOD
    reason: Reason | None = None


class TagRead(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="kind", tag="tag-read"
):
    """One RFID report of one tag by one antenna of the gate `point`."""

    seq: Seq
    point: Id
    observed_at: Moment
    spooled_at: Moment
    epc: Annotated[str, Meta(pattern="^([0-9A-F]{4}){1,31}$", description="upper-case hex, whole 16-bit words")]
    antenna: Annotated[int, Meta(ge=1, le=65535)]
    rssi_dbm: int | None = None
    count: Annotated[int, Meta(ge=1)] = 1


Observation = Reading | Weight | TagRead


class Batch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Observations of one gateway in the order of their numbers.

    `(gateway, boot_id, seq)` names an observation for ever. `boot_id` is made when a spool is created and lives as long
    as its numbering does, so a restarted gateway keeps it; `seq` rises by one for each observation spooled. A repeat
    changes nothing; the same name with another content is a tamper alarm.
    """

    gateway: Id
    boot_id: BootId
    observations: Annotated[tuple[Observation, ...], Meta(min_length=1, max_length=BATCH_LIMIT)]


class Receipt(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Control's journal holds every observation of the batch `first_seq..last_seq`; the gateway may forget them."""

    gateway: Id
    boot_id: BootId
    first_seq: Seq
    last_seq: Seq
