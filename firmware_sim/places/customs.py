"""A customs office, played: it fetches declarations from a letterbox and brings its answers there."""

import logging
import uuid
from collections import deque
from collections.abc import Iterator
from functools import partial
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from coldport.errors import MalformedError
from coldport.ids import Id
from coldport.supervise import for_ever
from firmware_sim.customs.manner import Manner
from firmware_sim.customs.office import CASE_LIMIT, Office
from firmware_sim.customs.papers import PAPER_LIMIT, Answer, Letter, read, write
from firmware_sim.faults import Breakable, FaultKind, Faults
from firmware_sim.lines.letters import Letters
from firmware_sim.places.ground import Ground
from firmware_sim.places.place import Around, FaultMenu, Misfit, Named
from firmware_sim.places.street import Street

LOOK_S = 0.2
"""Real seconds between two looks at the letterbox."""
ANSWER_LIMIT = 5 * CASE_LIMIT
"""Answers that wait while the office is silent: all that can be said of all declarations; then the oldest are lost."""

_NAMESPACE = uuid.UUID("0d0b4a52-6d0f-5b1e-8f0a-2f6c1c9b7e11")
_FAULTS = frozenset(
    {
        FaultKind.SILENCE,
        FaultKind.UNPLUGGED,
        FaultKind.SLOW,
        FaultKind.DUPLICATE,
        FaultKind.DISORDER,
        FaultKind.REJECT,
    }
)

log = logging.getLogger("firmware_sim.customs")


class CustomsPlace(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A played customs office, and the folder (below the data folder) in which the site exchanges files with it."""

    id: Id = "customs"
    folder: Annotated[str, Meta(min_length=1)] = "customs"
    manner: Manner = Manner()

    def names(self) -> Iterator[Named]:
        """Yield the office."""
        yield Named(".id", self.id)

    def signals(self) -> Iterator[str]:
        """Yield nothing: nobody is wired to customs."""
        return iter(())

    def faults(self) -> FaultMenu:
        """Return what an office, and the way to it, can have."""
        return {self.id: Breakable(_FAULTS)}

    def misfits(self, around: Around) -> Iterator[Misfit]:
        """Find nothing: an office needs nobody on the floor."""
        del around
        return iter(())

    def build(self, ground: Ground) -> None:
        """Build nothing: an office is no thing in the world."""

    def serve(self, street: Street) -> None:
        """Open the office; who decides by hand finds it on the street."""
        office = Office(self.manner, lambda name: street.dice(f"{self.id}/{name}"), street.epoch)
        street.offices[self.id] = office
        counter = Counter(self, office, street, street.ends.letters(self.folder))
        street.work.append(lambda: for_ever(self.id, counter.step, street.clock))


class Counter:
    """Where letters are handed in and answers given out, as the office's faults let it."""

    def __init__(self, place: CustomsPlace, office: Office, street: Street, letters: Letters) -> None:
        """Open; nothing has been handed in yet."""
        self._place, self._office, self._street, self._letters = place, office, street, letters
        self._answers: deque[Answer] = deque(maxlen=ANSWER_LIMIT)
        self._given = 0
        self.unread = 0
        """Letters that nobody could read, since the start."""

    async def step(self) -> None:
        """Look once: the loop body for `coldport.supervise.for_ever`; raises UnavailableError."""
        self.look()
        await self._street.clock.sleep(LOOK_S)

    def look(self) -> None:
        """Take what was put out, let the office go on, and bring what it says; raises UnavailableError."""
        is_broken = partial(self._street.faults.find, target=self._place.id)
        self._office.manner = broken_manner(self._place.manner, self._street.faults, self._place.id)
        reachable = is_broken(FaultKind.UNPLUGGED) is None
        letters = self._fetched() if reachable else []
        self._answers += self._office.update(self._street.world.now_s, letters).answers
        while reachable and self._answers and is_broken(FaultKind.SILENCE) is None:
            answer = self._answers[0]
            guid = str(uuid.uuid5(_NAMESPACE, f"{self._street.epoch.isoformat()}/{self._given}")).upper()
            self._letters.bring(f"CEB{answer.type}_{guid}.xml", write(answer, guid))
            self._answers.popleft()
            self._given += 1

    def _fetched(self) -> list[Letter]:
        letters: list[Letter] = []
        for body in self._letters.fetch(PAPER_LIMIT + 1):
            try:
                letters.append(read(body))
            except MalformedError as error:
                self.unread += 1
                if self.unread == 1:
                    log.warning("a letter to %s cannot be read: %s", self._place.id, error)
        return letters


def broken_manner(manner: Manner, faults: Faults, office: str) -> Manner:
    """Return how an office is while it is broken in these ways: slow, rejecting, saying things twice or in disorder."""
    changes: dict[str, float] = {}
    slow, disorder = faults.find(FaultKind.SLOW, office), faults.find(FaultKind.DISORDER, office)
    if slow is not None:
        changes["step_s"] = manner.step_s * slow.parameter("factor") + slow.parameter("delay_s")
    if disorder is not None:
        changes["disorder_s"] = disorder.parameter("delay_s")
    if faults.find(FaultKind.DUPLICATE, office) is not None:
        changes["repeats"] = 1.0
    if faults.find(FaultKind.REJECT, office) is not None:
        changes["rejected"] = 1.0
    return msgspec.structs.replace(manner, **changes)
