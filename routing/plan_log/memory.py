"""The plan log's twin without a disk."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from coldport.errors import NotFoundError
from routing.plan_log.acts import Act, Checkpoint, Ended, Entry
from routing.plan_log.documents import Document


class MemoryPlanLog:
    """A `PlanLog` in lists; see `routing.plan_log.ports.PlanLog` for what it promises."""

    def __init__(self) -> None:
        """Start empty."""
        self._entries: list[Entry] = []
        self._documents: dict[str, bytes] = {}
        self._checkpoints: dict[str, Checkpoint] = {}

    def append(self, at: datetime, acts: Sequence[Act], documents: Sequence[Document] = ()) -> Sequence[Entry]:
        """Keep acts and documents."""
        first = len(self._entries) + 1
        added = [Entry(first + number, at, act) for number, act in enumerate(acts)]
        self._entries += added
        self._documents.update({one.digest: one.packed for one in documents})
        for act in acts:
            if isinstance(act, Ended):
                self._checkpoints.pop(act.job, None)
        return added

    def read(self, after: int, limit: int) -> Sequence[Entry]:
        """Return entries above `after`."""
        return self._entries[after : after + limit]

    def document(self, digest: str) -> bytes:
        """Return a packed document; raises NotFoundError."""
        if digest not in self._documents:
            raise NotFoundError(f"no document {digest} is kept")
        return self._documents[digest]

    def keep(self, checkpoint: Checkpoint, document: Document | None = None) -> None:
        """Keep how far a job is."""
        self._checkpoints[checkpoint.job] = checkpoint
        if document is not None:
            self._documents[document.digest] = document.packed

    def checkpoints(self) -> Mapping[str, Checkpoint]:
        """Return how far each job is."""
        return dict(self._checkpoints)

    def forget_but(self, digests: Collection[str]) -> None:
        """Forget every document that is not among these."""
        self._documents = {name: packed for name, packed in self._documents.items() if name in digests}

    def close(self) -> None:
        """Do nothing."""
