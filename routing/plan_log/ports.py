"""The plan log's port."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from routing.plan_log.acts import Act, Checkpoint, Entry
from routing.plan_log.documents import Document


class PlanLog(Protocol):
    """Append-only: acts are never changed or forgotten (some 500 bytes a job), documents nobody needs any more are.

    Every method may raise UnavailableError: the disk is full or away, and nothing of the call has happened. Methods
    that read may be called from any thread.
    """

    def append(self, at: datetime, acts: Sequence[Act], documents: Sequence[Document] = ()) -> Sequence[Entry]:
        """Keep acts, with documents they name, in one transaction; durable when it returns."""
        ...

    def read(self, after: int, limit: int) -> Sequence[Entry]:
        """Return entries above `after`, at most `limit`, in order."""
        ...

    def document(self, digest: str) -> bytes:
        """Return a packed document.

        Raises:
            NotFoundError: There is none of this name, or it was forgotten.
        """
        ...

    def keep(self, checkpoint: Checkpoint, document: Document | None = None) -> None:
        """Keep how far a job is in place of what was kept of it before, with its best plan when that is new."""
        ...

    def checkpoints(self) -> Mapping[str, Checkpoint]:
        """Return how far each job is that has not ended; `append` forgets that of a job with its `Ended`."""
        ...

    def forget_but(self, digests: Collection[str]) -> None:
        """Forget every document that is not among these."""
        ...

    def close(self) -> None:
        """Release the store."""
        ...
