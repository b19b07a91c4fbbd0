"""Which parcels are on which bill, and which lists of it have come whole: arrival (507), departure (509)."""

from firmware_sim.customs.papers import Paper


class Bills:
    """All bills of the office. A list without a bill's number is one of its own, known by the number of its sender."""

    def __init__(self) -> None:
        """Know none."""
        self._parcels: dict[str, set[str]] = {}
        self._bills: dict[str, set[str]] = {}
        self._segments: dict[tuple[str, str], set[str]] = {}
        self._whole: set[tuple[str, str]] = set()

    def bind(self, parcel: str, bill: str) -> None:
        """Say that a parcel is on a bill."""
        self._parcels.setdefault(bill, set()).add(parcel)
        self._bills.setdefault(parcel, set()).add(bill)

    def take(self, paper: Paper) -> list[str]:
        """Take in a segment of a list; return the parcels of its bill."""
        fields = paper.fields
        bill = fields.get("billNo") or fields.get("copNo", "")
        for parcel in paper.parcels:
            self.bind(parcel, bill)
        segments = self._segments.setdefault((paper.type, bill), set())
        segments.add(fields.get("msgSeqNo", "1"))
        if len(segments) >= int(fields.get("msgCount", "1")):
            self._whole.add((paper.type, bill))
        return sorted(self._parcels.get(bill, ()))

    def has_whole(self, kind: str, parcel: str) -> bool:
        """Whether a list of this kind has come whole for a bill that the parcel is on."""
        return any((kind, bill) in self._whole for bill in self._bills.get(parcel, ()))
