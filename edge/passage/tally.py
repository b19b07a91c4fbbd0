"""What went in through a gate so far, held against the manifest expected there."""

from itertools import islice

from coldport.messages.manifest import Manifest
from coldport.messages.observation import Direction
from edge.passage.verdict import Verdict

EXTRA_LIMIT = 10_000
"""Tags counted that are not on the manifest: five loads of the largest. Further ones are not counted."""


class Count:
    """The tags of one manifest, ticked off as they go in, and back on as they go out again."""

    def __init__(self, manifest: Manifest) -> None:
        """Begin with nothing gone in."""
        self.manifest = manifest
        self._missing = dict.fromkeys(manifest.epcs)
        self._expected = frozenset(manifest.epcs)
        self._extra: dict[str, None] = {}

    def passed(self, verdict: Verdict) -> bool:
        """Count a passage; true when that changed anything. One from before the manifest, or undetermined, does not."""
        if verdict.epc is None or verdict.at < self.manifest.since:
            return False
        if verdict.direction is Direction.IN:
            return self._went_in(verdict.epc)
        return verdict.direction is Direction.OUT and self._went_out(verdict.epc)

    @property
    def expected(self) -> int:
        """Tags of the manifest."""
        return len(self._expected)

    @property
    def missing_count(self) -> int:
        """Tags of the manifest that are not in."""
        return len(self._missing)

    @property
    def extra_count(self) -> int:
        """Tags that are in and not on the manifest."""
        return len(self._extra)

    @property
    def seen(self) -> int:
        """Everything that is in, expected or not."""
        return self.expected - self.missing_count + self.extra_count

    def first_missing(self, limit: int) -> tuple[str, ...]:
        """Return the first tags that are missing, in the order of the manifest."""
        return tuple([epc for epc in self.manifest.epcs if epc in self._missing][:limit])

    def first_extra(self, limit: int) -> tuple[str, ...]:
        """Return the first tags that are extra, in the order of their passages."""
        return tuple(islice(self._extra, limit))

    def _went_in(self, epc: str) -> bool:
        if epc in self._expected:
            before = len(self._missing)
            self._missing.pop(epc, None)
            return len(self._missing) < before
        if epc in self._extra or len(self._extra) >= EXTRA_LIMIT:
            return False
        self._extra[epc] = None
        return True

    def _went_out(self, epc: str) -> bool:
        if epc in self._expected and epc not in self._missing:
            self._missing[epc] = None
            return True
        return self._extra.pop(epc, epc) is None
