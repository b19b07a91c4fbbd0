"""What is expected at a gate: the tags of one load, so that a gateway can say what is missing and what is extra."""

from typing import Annotated

from msgspec import Meta, Struct

from coldport.ids import Id
from coldport.messages.observation import Epc, Moment

MANIFEST_LIMIT = 2_000
"""Tags of one load: forty pallets of fifty boxes."""


class Manifest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The load `id` (装箱清单) is expected to come in through the gate `point` from `since` on.

    It replaces the one before. No tags: nothing is expected any more.
    """

    id: Id
    point: Id
    since: Moment
    epcs: Annotated[tuple[Epc, ...], Meta(max_length=MANIFEST_LIMIT)]
