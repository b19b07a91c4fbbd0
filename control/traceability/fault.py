"""What is wrong with a document: where, by which rule, in words."""

from collections.abc import Sequence

import msgspec

from coldport.errors import MalformedError

FAULTS_LIMIT = 100
"""Faults told of one document. Whoever has more reads these first and sends it again."""


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One place that is not as it must be.

    `pointer` (RFC 6901) names a place that is there: of a missing field, the object that lacks it. `reason` is a stable
    id for programs, `detail` a sentence for people.
    """

    pointer: str
    reason: str
    detail: str


class InvalidError(MalformedError):
    """A document or event that EPCIS does not allow, with its faults in the order in which they stand in it."""

    code = "invalid-epcis"

    def __init__(self, faults: Sequence[Fault]) -> None:
        """Say the first fault; `faults` has them all."""
        first = faults[0]
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        super().__init__(f"{first.pointer or 'the document'}: {first.detail}{more}")
        self.faults = tuple(faults)


class Report:
    """Collects the faults of one check, up to the limit."""

    def __init__(self) -> None:
        """Begin with none."""
        self.faults: list[Fault] = []

    def add(self, pointer: str, reason: str, detail: str) -> None:
        """Note one."""
        if len(self.faults) < FAULTS_LIMIT:
            self.faults.append(Fault(pointer=pointer, reason=reason, detail=detail))


def below(pointer: str, step: str | int) -> str:
    """Return the pointer one step further down.

    >>> below("/a", "b/c~d")
    '/a/b~1c~0d'
    """
    return f"{pointer}/{str(step).replace('~', '~0').replace('/', '~1')}"
