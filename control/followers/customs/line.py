"""The line to customs: puts out what was declared here, and takes in what customs answers.

Out: from a remembered number of the journal, one message for each declaration, whose guid is made of the site and the
number of its entry. After a crash the same message gets the same name, and the letterbox puts out none twice.
In: an answer is put away only when the journal has what it says. One that counts already is not recorded again; one
that came late, and was being put away when control died, may be on record twice and changes nothing.

Customs is a device of the site (ADR 15): how it is heard is shown where the other devices are (`health`).
"""

import logging
import uuid
from collections.abc import Callable, Sequence

from coldport.clock import Clock
from coldport.errors import MalformedError, RefusedError, UnavailableError
from coldport.messages.status import LinkState
from control.entries import Entry
from control.followers.customs.health import Way
from control.followers.customs.ports import Letterbox
from control.inspection.ceb.reader import Transfer, read
from control.inspection.ceb.tree import BODY_LIMIT
from control.inspection.ceb.writer import write
from control.inspection.documents.acts import Declared, Receipted, Source
from control.inspection.documents.receipts import CustomsReceipt
from control.ports import Journal
from control.service import Service

ENTRY_LIMIT = 100
"""Entries looked at in one step."""
ANSWER_LIMIT = 50
"""Answers taken in one step: some 50 writes of the journal, a tenth of a second."""
POLL_S = 0.5
"""How often is looked for answers: a receipt has its effect at the line within two seconds."""
BY = "customs"

_NAMESPACE = uuid.UUID("6f0f6f0e-3c53-5c0e-9a6f-0c6f6c64706f")

log = logging.getLogger("control.customs")


class CustomsLine:
    """Between the journal and a letterbox."""

    def __init__(
        self, service: Service, journal: Journal, letterbox: Letterbox, transfer: Transfer, clock: Clock
    ) -> None:
        """Declare as `transfer` says. Nothing is signed: a signer takes messages between here and customs."""
        self._service, self._journal, self._letterbox = service, journal, letterbox
        self._transfer, self._clock = transfer, clock
        self._sent = letterbox.sent()
        self.declarations = Way("declarations", "unwritten")
        self.answers = Way("answers", "refused")

    async def send(self) -> None:
        """Put out what is new: the loop body for `coldport.supervise.for_ever`; raises UnavailableError."""
        if not self._reached(self.declarations, self.send_some):
            await self._service.wait_beyond(self._sent)

    async def receive(self) -> None:
        """Take in what waits: the loop body for `coldport.supervise.for_ever`; raises UnavailableError."""
        if not self._reached(self.answers, self.receive_some):
            await self._clock.sleep(POLL_S)

    def send_some(self) -> bool:
        """Put out some of what is new; return whether there was anything to look at."""
        last = self._journal.last()
        if last <= self._sent:
            return False
        entries = self._journal.events(self._sent, ENTRY_LIMIT)
        for entry in entries:
            self._put(entry)
        # Behind the last event there were only observations when `last` was asked for.
        self._sent = entries[-1].number if len(entries) == ENTRY_LIMIT else last
        self._letterbox.remember(self._sent)
        return True

    def receive_some(self) -> bool:
        """Take in some of the answers that wait; return whether there were any."""
        names = self._letterbox.waiting(ANSWER_LIMIT)
        for name in names:
            self._take(name)
        return bool(names)

    def _reached(self, way: Way, work: Callable[[], bool]) -> bool:
        """Do a piece of work, and show whether it could be done."""
        try:
            worked = work()
        except UnavailableError:
            self._show(way, LinkState.DOWN)
            raise
        self._show(way, LinkState.UP)
        return worked

    def _show(self, way: Way, state: LinkState) -> None:
        status = way.turn(state, self._service.now())
        if status is not None:
            self._service.link(status)

    def _count(self, way: Way, *, good: bool) -> None:
        self._service.health(way.count(self._service.now(), good=good))

    def _put(self, entry: Entry) -> None:
        act = entry.content
        if not isinstance(act, Declared) or act.source is Source.XML or not act.document.is_declared:
            return
        guid = str(uuid.uuid5(_NAMESPACE, f"{self._service.site.id}/{entry.number}")).upper()
        try:
            body = write([act.document], self._transfer, guid)
        except RefusedError as error:
            self._count(self.declarations, good=False)
            log.warning("entry %d was not declared to customs: %s", entry.number, error)
            return
        self._letterbox.put(f"CEB{act.document.type}_{guid}.xml", body)
        self._count(self.declarations, good=True)

    def _take(self, name: str) -> None:
        try:
            receipts = read(self._letterbox.read(name, BODY_LIMIT + 1)).receipts
        except MalformedError as error:
            self._refuse(name, str(error))
            return
        reasons = self._record(receipts) if receipts else ["it is no answer of customs"]
        if reasons:
            self._refuse(name, "; ".join(reasons[:3]))
        else:
            self._letterbox.done(name)
            self._count(self.answers, good=True)

    def _refuse(self, name: str, reason: str) -> None:
        if not self.answers.errors:
            log.warning("an answer of customs was not taken: %s", reason)
        self._letterbox.refuse(name, reason)
        self._count(self.answers, good=False)

    def _record(self, receipts: Sequence[CustomsReceipt]) -> list[str]:
        """Put on record what is not; return why some were refused."""
        reasons: list[str] = []
        for receipt in receipts:
            act = Receipted(receipt=receipt, at=self._service.now(), by=BY)
            try:
                if not self._service.floor.documents.is_known(act):
                    self._service.record(act)
            except RefusedError as error:
                reasons.append(str(error))
        return reasons
