"""What happens at the gate, as the journal keeps it."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from coldport.ids import Id
from coldport.messages.observation import Moment
from control.inspection.gate.weighbridge import Comparison, Kilograms, Masses

Name = Annotated[str, Meta(min_length=1, max_length=60)]
PassNumber = Annotated[str, Meta(pattern="^[A-Za-z0-9-]{1,40}$")]
Plate = Annotated[str, Meta(min_length=5, max_length=20)]
Container = Annotated[str, Meta(pattern="^[A-Z]{4}[0-9]{7}$")]
Seals = Annotated[tuple[Annotated[str, Meta(pattern="^[A-Za-z0-9-]{1,30}$")], ...], Meta(max_length=20)]


class PassKind(StrEnum):
    """`passportTypecd` of a vehicle pass (核放单)."""

    ENTER_FIRST = "1"  # 先入区后报关
    FIRST_LINE = "2"  # 一线一体化进出区
    SECOND_LINE = "3"  # 二线进出区
    UNDECLARED = "4"  # 非报关进出区
    REGISTERED = "5"  # 卡口登记货物
    EMPTY = "6"  # 空车进出区

    @property
    def has_documents(self) -> bool:
        """Whether documents hang on it: the two kinds without any must leave binding and numbers empty."""
        return self not in (PassKind.REGISTERED, PassKind.EMPTY)


class Binding(StrEnum):
    """`bindTypecd`: how vehicles and documents go together."""

    ONE_VEHICLE_MANY_DOCUMENTS = "1"  # 一车多票
    ONE_DOCUMENT_ONE_VEHICLE = "2"  # 一票一车
    ONE_DOCUMENT_MANY_VEHICLES = "3"  # 一票多车


class PassDrawn(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="entry", tag="pass-drawn"):
    """A vehicle pass was drawn up; `documents` are the numbers of what the vehicle carries, `seals` those it closes."""

    number: PassNumber
    kind: PassKind
    inbound: bool
    plate: Plate
    masses: Masses
    at: Moment
    by: Name
    binding: Binding | None = None
    documents: Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=60)], ...], Meta(max_length=500)] = ()
    container: Container | None = None
    seals: Seals = ()


class Answer(StrEnum):
    """What customs said of a pass (SAS221)."""

    APPROVED = "approved"
    WITH_OFFICER = "with-officer"
    REJECTED = "rejected"


class PassAnswered(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="entry", tag="pass-answered"):
    """Customs answered a pass. The same answer again changes nothing, an older one neither."""

    number: PassNumber
    answer: Answer
    at: Moment
    info: str = ""


class PassCancelled(Struct, frozen=True, kw_only=True, tag_field="entry", tag="pass-cancelled"):
    """A pass was given up before its vehicle went through (作废)."""

    number: PassNumber
    reason: Name
    at: Moment
    by: Name


class VehicleWeighed(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="entry", tag="vehicle-weighed"):
    """A vehicle stood on the weighbridge. `collected_kg` of 0, or none, is no reading. `seals` were read off it."""

    number: PassNumber
    plate: Plate
    at: Moment
    collected_kg: Kilograms | None = None
    seals: Seals = ()


class GateVerdict(StrEnum):
    """What the barrier does: open, weigh again or look, stay shut."""

    OPEN = "open"
    LOOK = "look"
    SHUT = "shut"


class GateJudged(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="entry", tag="gate-judged"):
    """What follows from a weighing: the verdict and every reason for it, the gravest first."""

    number: PassNumber
    verdict: GateVerdict
    reasons: tuple[str, ...]
    comparison: Comparison
    at: Moment


class GateOverridden(Struct, frozen=True, kw_only=True, tag_field="entry", tag="gate-overridden"):
    """Two people let a vehicle through that only wanted a look."""

    number: PassNumber
    reason: Name
    at: Moment
    by: Name
    approved_by: Name


class GatePassed(Struct, frozen=True, kw_only=True, tag_field="entry", tag="gate-passed"):
    """The vehicle went through the gate (SAS223)."""

    number: PassNumber
    at: Moment


GateAct = PassDrawn | PassAnswered | PassCancelled | VehicleWeighed | GateOverridden | GatePassed
"""What people and devices tell of the gate. `GateJudged` follows from a weighing."""


class LegStep(StrEnum):
    """What can happen to a transit leg."""

    LOAD = "load"
    SEAL = "seal"
    LEAVE = "leave"
    ALERT = "alert"
    CALM = "calm"
    ARRIVE = "arrive"
    CHECK = "check"
    SETTLE = "settle"
    WRITE_OFF = "write-off"
    CANCEL = "cancel"


class LegPlanned(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="entry", tag="leg-planned"):
    """A vehicle is to bring goods under customs' eyes from here to a port (转关, 直通车)."""

    leg: Id
    mode: Annotated[str, Meta(pattern="^[0-9]{4}$")]
    from_customs: Annotated[str, Meta(pattern="^[0-9]{4}$")]
    to_port: Annotated[str, Meta(pattern="^[0-9]{4}$")]
    plate: Plate
    leaves_at: Moment
    arrives_at: Moment
    at: Moment
    by: Name
    driver: Name | None = None
    lock: Annotated[str, Meta(max_length=40)] | None = None


class LegMoved(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="entry", tag="leg-moved"):
    """Something happened to a leg.

    `seals` are those that were put on, or that were read at the port. `text` is what the alert is of (a detour, a long
    halt, a lock that opened, a temperature), or why a mismatch was settled, which takes a second person.
    """

    leg: Id
    step: LegStep
    at: Moment
    by: Name
    seals: Seals = ()
    text: Annotated[str, Meta(max_length=200)] | None = None
    approved_by: Name | None = None


LegAct = LegPlanned | LegMoved
