"""What a gateway saw: readings, weights, weighings, tag reads, passages, in numbered batches.

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

Epc = Annotated[str, Meta(pattern="^([0-9A-F]{4}){1,31}$", description="upper-case hex, whole 16-bit words")]

TALLY_LIMIT = 100
"""Tags named in one tally, missing and extra each: a screen shows no more, and a batch of tallies stays below 1 MiB."""

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
    epc: Epc
    antenna: Annotated[int, Meta(ge=1, le=65535)]
    rssi_dbm: int | None = None
    count: Annotated[int, Meta(ge=1)] = 1


class Weighing(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="kind", tag="weighing"
):
    """The one weight of one load: a scale captured it when the load stood still, and will not until it is taken off.

    `number` counts the loads of this scale from the start of its gateway. Each mass is as the device gave it. Bad: the
    load left, or never stood still, before a weight could be taken (`never-stable`, `overload`, `below-minimum` ..).
    """

    seq: Seq
    point: Id
    observed_at: Moment
    spooled_at: Moment
    number: Annotated[int, Meta(ge=1)]
    placed_at: Moment
    gross_kg: float | None = None
    tare_kg: float | None = None
    net_kg: float | None = None
    stable_by: Annotated[str, Meta(pattern="^(device|derived)$")] = "device"
    quality: Quality = Quality.GOOD
    reason: Reason | None = None


class Direction(StrEnum):
    """Which way something went through a gate. Undetermined is a value: nobody guesses."""

    IN = "in"
    OUT = "out"
    UNDETERMINED = "undetermined"


class Passage(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="kind", tag="passage"
):
    """One tagged thing went through the gate `point`.

    `epc` is absent when the light barriers saw something and no tag was read. `identity` is the EPC pure identity
    (`urn:epc:id:..`, EPC TDS 1.13) when it can be decoded. `observed_at` is the moment of crossing, `first_at` and
    `last_at` those of the first and the last read. `evidence` names what decided, strongest first.
    """

    seq: Seq
    point: Id
    observed_at: Moment
    spooled_at: Moment
    direction: Direction
    confidence: Annotated[float, Meta(ge=0, le=1)]
    first_at: Moment
    last_at: Moment
    reads: Annotated[int, Meta(ge=0)]
    epc: Epc | None = None
    identity: Annotated[str, Meta(max_length=100)] | None = None
    peak_rssi_dbm: int | None = None
    evidence: Annotated[tuple[Reason, ...], Meta(max_length=8)] = ()


class Tally(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="kind", tag="tally"
):
    """What went in through the gate `point` so far, held against the manifest expected there.

    `missing` and `extra` name at most the first `TALLY_LIMIT` tags each; the counts are always whole.
    """

    seq: Seq
    point: Id
    observed_at: Moment
    spooled_at: Moment
    manifest: Id
    expected: Annotated[int, Meta(ge=0)]
    seen: Annotated[int, Meta(ge=0)]
    missing_count: Annotated[int, Meta(ge=0)]
    extra_count: Annotated[int, Meta(ge=0)]
    missing: Annotated[tuple[Epc, ...], Meta(max_length=TALLY_LIMIT)] = ()
    extra: Annotated[tuple[Epc, ...], Meta(max_length=TALLY_LIMIT)] = ()


Observation = Reading | Weight | Weighing | TagRead | Passage | Tally


class Batch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Observations of one gateway in the order of their numbers.

    `(gateway, boot_id, seq)` names an observation for ever. `boot_id` is made when a spool is created and lives as long
    as its numbering does, so a restarted gateway keeps it; `seq` rises by one for each observation spooled. A repeat
    changes nothing; the same name with another content is a tamper alarm.

    Batches are judged in the order of their numbers, so one that leaves a gap waits for what is missing. After a long
    outage a gateway sends what is new first: `follows` is then the number that precedes the batch in that order (else
    the one before its first), and what waited comes beside it as `backlog`, which waits for nothing and is late.
    """

    gateway: Id
    boot_id: BootId
    observations: Annotated[tuple[Observation, ...], Meta(min_length=1, max_length=BATCH_LIMIT)]
    follows: Annotated[int, Meta(ge=0)] | None = None
    backlog: bool = False


class Receipt(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Control's journal holds every observation of the batch `first_seq..last_seq`; the gateway may forget them.

    `recorded_at` is control's clock: by it a gateway measures how far its own is off.
    """

    gateway: Id
    boot_id: BootId
    first_seq: Seq
    last_seq: Seq
    recorded_at: Moment
