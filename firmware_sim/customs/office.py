"""The office: declarations in, answers out. No files, no clock; dice are asked for by name, so order changes nothing.

An inventory goes on as soon as what it waits for is there: order and waybill (120, 399), for an export the arrival of
its whole bill (800 or 500), the departure (899). This chain is the one that implementations of customs' side have.
That an import is closed when it was delivered (513), and that an inventory can be withdrawn until its goods are opened,
handed over or gone, is assumed.
"""

import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from coldport.errors import NotFoundError, RefusedError
from firmware_sim.customs.bills import Bills
from firmware_sim.customs.forms import CANCELLATIONS, DELIVERED, FORMS, LISTS, ORDERS, TAKEN_IN, WAYBILLS
from firmware_sim.customs.manner import Manner
from firmware_sim.customs.papers import Answer, Letter, Paper
from firmware_sim.devices.device import Dice

CASE_LIMIT = 200_000
"""Declarations that the office keeps; more are not looked at."""
BEIJING = timezone(timedelta(hours=8))

_Key = tuple[str, ...]

_OFFICERS = frozenset({"300", "500"})
"""Where an inventory waits for a person."""
_WITHDRAWABLE = frozenset({"120", "300", "399", "800"})
DECISIONS = frozenset({"100", "399", "500", "501", "502", "503", "599", "600", "700", "800"})
"""What an officer can say of one."""


@dataclass(slots=True)
class Case:
    """A declaration at the office: where it stands, and where it goes next if that is decided. Withdrawn, nowhere."""

    paper: Paper
    key: _Key
    dice: Dice
    status: str = ""
    coming: str = ""
    withdrawn: bool = False
    numbers: dict[str, str] = field(default_factory=dict)


class Outcome(NamedTuple):
    """Answers that are delivered now, and when the office wants to be woken next; None: on a letter only."""

    answers: tuple[Answer, ...]
    call_at_s: float | None


class Office:
    """One office. `epoch` is when its second 0 is."""

    def __init__(self, manner: Manner, dice: Callable[[str], Dice], epoch: datetime) -> None:
        """Know nothing yet."""
        self.manner = manner
        """May be changed at any time; what is under way goes on as it began."""
        self._dice, self._epoch = dice, epoch
        self._cases: dict[_Key, Case] = {}
        self._by_parcel: dict[str, Case] = {}
        self._by_order: dict[_Key, Case] = {}
        self._by_number: dict[str, Case] = {}
        self._delivered: set[str] = set()
        self._bills = Bills()
        self._letters: set[str] = set()
        self._coming: list[tuple[float, int, Case, str]] = []
        self._post: list[tuple[float, int, Answer]] = []
        self._count = 0
        # Ten numbers for each second of the year, so that an office that starts anew gives other ones.
        self._first = 10 * int((epoch - epoch.replace(month=1, day=1, hour=0, minute=0, second=0)).total_seconds())

    def update(self, now_s: float, letters: Iterable[Letter] = ()) -> Outcome:
        """Take letters in and move on to `now_s`, which never goes back."""
        for letter in letters:
            if letter.guid not in self._letters and max(len(self._cases), len(self._letters)) < CASE_LIMIT:
                self._letters.add(letter.guid)
                for paper in letter.papers:
                    self._take(paper, now_s)
        while self._coming and self._coming[0][0] <= now_s:
            at_s, _, case, status = heapq.heappop(self._coming)
            self._settle(case, status, at_s)
        answers: list[Answer] = []
        while self._post and self._post[0][0] <= now_s:
            answers.append(heapq.heappop(self._post)[2])
        calls = [queue[0][0] for queue in (self._coming, self._post) if queue]
        return Outcome(tuple(answers), min(calls, default=None))

    def decide(self, logistics_no: str, status: str, now_s: float) -> None:
        """Let an officer decide on a parcel's inventory, whatever he was waiting for.

        Raises:
            NotFoundError: There is no inventory of such a parcel.
            RefusedError: The case is closed, or nobody can decide so.
        """
        if status not in DECISIONS:
            raise RefusedError(f"an officer says one of {', '.join(sorted(DECISIONS))}, not {status}")
        case = self._by_parcel.get(logistics_no)
        if case is None:
            raise NotFoundError(f"no inventory of {logistics_no!r} is at the office")
        if case.status == "899" or case.withdrawn:
            raise RefusedError(f"the case of {logistics_no!r} is closed")
        self._schedule(case, status, now_s, 0.0)

    def waiting(self) -> list[str]:
        """Return the parcels whose inventory waits for an officer, those declared first in front."""
        return [name for name, case in self._by_parcel.items() if case.status in _OFFICERS and not case.coming]

    def standing(self) -> dict[str, str]:
        """Return where each inventory stands, by its parcel."""
        return {name: case.status for name, case in self._by_parcel.items()}

    def _take(self, paper: Paper, now_s: float) -> None:
        form = FORMS[paper.type]
        key = (paper.type, *(paper.fields.get(name, "") for name in form.known_by))
        known = self._cases.get(key)
        if known is not None and not (known.withdrawn or known.status == "100" or known.status.startswith("-")):
            self._answer(known, "-304001" if paper.type in {"303", "311"} else "100", now_s, "declared already")
            return
        case = self._cases[key] = Case(paper, key, self._dice("/".join(key)))
        if paper.type in ORDERS:
            parcel = paper.fields.get("logisticsNo", "")
            self._by_parcel[parcel] = case
            self._bills.bind(parcel, paper.fields.get("billNo", ""))
            self._by_order[key[1:]] = case
        self._schedule(case, "2", now_s)

    def _schedule(self, case: Case, status: str, now_s: float, about_s: float | None = None) -> None:
        wait_s = self.manner.step_s if about_s is None else about_s
        case.coming = status
        self._count += 1
        heapq.heappush(self._coming, (now_s + wait_s * case.dice.uniform(0.5, 2.0), self._count, case, status))

    def _settle(self, case: Case, status: str, at_s: float) -> None:
        if case.coming != status:
            return  # an officer has decided otherwise meanwhile
        case.status, case.coming = status, ""
        if case.paper.type in ORDERS and status == "120":
            self._number(case, at_s)
        if case.paper.type == DELIVERED:
            self._delivered.add(case.paper.fields.get("logisticsNo", ""))
        self._answer(case, status, at_s)
        self._pull_along(case, at_s)
        for concerned in self._concerned(case, status):
            self._advance(concerned, at_s)

    def _concerned(self, case: Case, status: str) -> list[Case]:
        """Return the inventories that may go on, now that something has settled."""
        fields, kind = case.paper.fields, case.paper.type
        if kind in ORDERS:
            return [case]
        if kind in LISTS and status == "2":
            parcels = self._bills.take(case.paper)
            return [found for parcel in parcels if (found := self._by_parcel.get(parcel)) is not None]
        known = self._by_parcel.get(fields.get("logisticsNo", "")) or self._by_order.get(case.key[1:])
        return [known] if known is not None and status == "2" else []

    def _pull_along(self, case: Case, now_s: float) -> None:
        """Schedule what a settled declaration brings with it: order and waybill are taken in, a list examined."""
        kind = case.paper.type
        if kind in TAKEN_IN and case.status == "2":
            self._schedule(case, TAKEN_IN[kind], now_s)
        if kind in CANCELLATIONS:
            self._withdraw(case, now_s)
        if kind not in ORDERS or case.status not in {"120", "399"}:
            return
        partners = self._partners(case) if case.status == "120" else [self._cases.get(("403", *case.key[1:]))]
        for partner in partners:
            if partner is not None and partner.status == "2" and not partner.coming:
                self._schedule(partner, "120", now_s)

    def _withdraw(self, application: Case, now_s: float) -> None:
        """Grant an application or reject it; an inventory that is to be withdrawn goes no further from now on."""
        if application.status != "2":
            return
        inventory = self._by_number.get(application.paper.fields.get("invtNo", ""))
        if inventory is None or inventory.withdrawn or inventory.status not in _WITHDRAWABLE:
            self._schedule(application, "100", now_s)
            return
        inventory.withdrawn, inventory.coming = True, ""
        self._schedule(application, "399", now_s)

    def _partners(self, case: Case) -> list[Case | None]:
        """Return the order and the waybill of an inventory."""
        fields, kind = case.paper.fields, case.paper.type
        waybill = (WAYBILLS[kind], fields.get("logisticsCode", ""), fields.get("logisticsNo", ""))
        return [self._cases.get((ORDERS[kind], *case.key[1:])), self._cases.get(waybill)]

    def _advance(self, case: Case, now_s: float) -> None:
        """Schedule what comes next for an inventory, if it is there what it waits for."""
        if case.coming or case.withdrawn:
            return
        following = self._following(case)
        if following is not None:
            by_officer = case.status in _OFFICERS
            self._schedule(case, following, now_s, self._officer_s() if by_officer else None)

    def _officer_s(self) -> float | None:
        """Return how long an officer takes; None: nobody decides by himself."""
        return None if self.manner.officer_s == "never" else self.manner.officer_s

    def _following(self, case: Case) -> str | None:
        manner, fields = self.manner, case.paper.fields
        drawn = self._dice(f"{'/'.join(case.key)}/{fields.get('appTime', '')}/{case.status}").random()
        parcel = fields.get("logisticsNo", "")
        match case.status:
            case "2" if all(partner is not None and partner.status for partner in self._partners(case)):
                return "100" if drawn < manner.rejected else "120"
            case "120":
                return "300" if drawn < manner.by_hand else "399"
            case "300" | "500" if manner.officer_s != "never":
                return "399" if case.status == "300" else "800"
            case "399" if case.paper.type == "621" or self._bills.has_whole("507", parcel):
                return "500" if drawn < manner.inspected else "800"
            case "800" if parcel in self._delivered or self._bills.has_whole("509", parcel):
                return "899"
        return None

    def _number(self, case: Case, at_s: float) -> None:
        self._count += 1
        day = self._now(at_s)
        place, way = case.paper.fields.get("customsCode", "4900"), case.paper.fields.get("ieFlag", "E")
        number = (self._first + self._count) % 10**9
        case.numbers["preNo"] = f"B{day:%Y%m%d}{number:09}"
        case.numbers["invtNo"] = f"{place}{day:%Y}{way}{number:09}"
        self._by_number[case.numbers["invtNo"]] = case

    def _answer(self, case: Case, status: str, at_s: float, info: str = "") -> None:
        form = FORMS[case.paper.type]
        said = {name: case.numbers.get(name) or case.paper.fields.get(name, "") for name in form.repeated}
        moment = self._now(at_s)
        time = f"{moment:%Y%m%d%H%M%S}{moment.microsecond // 1000:03}"
        last = {"returnStatus": status, "returnTime": time, "returnInfo": info or "simulated"}
        answer = Answer(form.receipt, f"{form.body}Return", {"guid": case.paper.fields.get("guid", "")} | said | last)
        for _ in range(2 if case.dice.random() < self.manner.repeats else 1):
            self._count += 1
            late_s = case.dice.uniform(0.0, self.manner.disorder_s)
            heapq.heappush(self._post, (at_s + late_s, self._count, answer))

    def _now(self, at_s: float) -> datetime:
        return (self._epoch + timedelta(seconds=at_s)).astimezone(BEIJING)
