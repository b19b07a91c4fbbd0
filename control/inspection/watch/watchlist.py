"""Which entries stand, and whether what is declared of a parcel meets one."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct, field

from coldport.errors import NotFoundError, RefusedError
from control.inspection.watch.acts import WatchAct, Watched, WatchPut

ENTRY_LIMIT = 10_000
"""Entries that stand at once: more would open more than people can look into."""
GOODS_DIGITS = (4, 10)
"""How much of a code an entry of goods may give; two digits are a whole chapter."""

_FIELDS: Mapping[Watched, tuple[str, ...]] = {
    Watched.PARCEL: ("logistics_no",),
    Watched.ENTERPRISE: ("ebc_code",),
    Watched.PLATFORM: ("ebp_code",),
    Watched.CARRIER: ("logistics_code",),
    Watched.AGENT: ("agent_code",),
    Watched.PERSON: ("buyer_id_number", "payer_id_number"),
    Watched.PHONE: ("buyer_telephone", "consignee_telephone", "telephone"),
    Watched.COUNTRY: ("country",),
    Watched.GOODS: ("gcode",),
}
_DIGESTED = frozenset({Watched.PERSON, Watched.PHONE})
_DIGEST = re.compile("[0-9a-f]{64}")
_CODE = re.compile(f"[0-9]{{{GOODS_DIGITS[0]},{GOODS_DIGITS[1]}}}")


class WatchState(Struct):
    """What a snapshot holds: the entries that stand, by their names, the oldest first."""

    entries: dict[str, WatchPut] = field(default_factory=dict)


class WatchList:
    """The list of one site."""

    def __init__(self, state: WatchState | None = None) -> None:
        """Go on from `state`, which becomes the list's own."""
        self.state = state if state is not None else WatchState()
        self._names: dict[tuple[Watched, str], str] = {}
        for entry in self.state.entries.values():
            self._names.setdefault((entry.watched, entry.value), entry.name)

    def check(self, act: WatchAct) -> None:
        """Raise when `act` cannot have happened; raises NotFoundError or RefusedError."""
        if act.by.strip().casefold() == act.approved_by.strip().casefold():
            raise RefusedError("two different people put on the watch list and take off it")
        known = self.state.entries.get(act.name)
        if not isinstance(act, WatchPut):
            if known is None:
                raise NotFoundError(f"no entry {act.name!r} on the watch list")
            return
        if known is not None:
            raise RefusedError(f"entry {act.name!r} is on the watch list already")
        if (act.watched, act.value) in self._names:
            raise RefusedError(f"entry {self._names[act.watched, act.value]!r} watches that already")
        if len(self.state.entries) >= ENTRY_LIMIT:
            raise RefusedError(f"{ENTRY_LIMIT:,} entries are on the watch list already")
        if act.watched in _DIGESTED and not _DIGEST.fullmatch(act.value):
            raise RefusedError(f"a {act.watched} is named by a SHA-256 in lower-case hex, never by the number itself")
        if act.watched is Watched.GOODS and not _CODE.fullmatch(act.value):
            raise RefusedError("goods are named by four to ten digits of their code")

    def take(self, act: WatchAct) -> None:
        """Take in what happened, as the journal has it."""
        if isinstance(act, WatchPut):
            self.state.entries[act.name] = act
            self._names[act.watched, act.value] = act.name
        elif (gone := self.state.entries.pop(act.name, None)) is not None:
            self._names.pop((gone.watched, gone.value), None)

    def met(self, declared: Iterable[Mapping[str, str]]) -> str | None:
        """Return the first entry that what is declared meets, by heads and lines of documents; None: none of them."""
        if not self._names:
            return None
        names = (self._names.get(one) for fields in declared for one in _said(fields))
        return next((name for name in names if name is not None), None)


def _said(fields: Mapping[str, str]) -> Iterator[tuple[Watched, str]]:
    """Yield all that an entry could be of in the fields of a head or a line."""
    for watched, names in _FIELDS.items():
        for value in (fields[name] for name in names if name in fields):
            if watched in _DIGESTED:
                yield watched, hashlib.sha256(value.encode()).hexdigest()
            elif watched is Watched.GOODS:
                yield from ((watched, value[:digits]) for digits in range(GOODS_DIGITS[0], len(value) + 1))
            else:
                yield watched, value
