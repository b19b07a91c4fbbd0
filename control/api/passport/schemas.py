"""The shapes of what is said and asked about passports."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar

from pydantic import AwareDatetime, ConfigDict, Field, StringConstraints

from control.api.lot_schemas import Name, Person
from control.passport.passports import Suspicion

Said = Annotated[
    str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]*$"), Field(min_length=1, max_length=120)
]
Part = Annotated[str, StringConstraints(pattern=r"""^[A-Za-z0-9!"%&'()*+,\-.:;<=>?_]{1,20}$""")]
Degrees = Annotated[float, Field(allow_inf_nan=False)]

_ITEM: dict[str, Any] = {"gtin": "06901234567892", "lot": "L2603", "serial": "000017"}
_SAID: dict[str, Any] = {
    "product": "湘莲 Xiang lotus seed",
    "grower": "湘潭县花石湘莲合作社 Huashi Lotus Cooperative",
    "plot": "湖南省湘潭县花石镇 Huashi, Xiangtan County",
    "certificates": ["农残 36 项未检出 No residue of 36 pesticides: CTI A2260301"],
}


def _strict(example: dict[str, Any]) -> ConfigDict:
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [example]})


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemBody:
    """One thing by GTIN (14 digits), lot and serial. A `/` in lot or serial no address carries."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    gtin: Annotated[str, StringConstraints(pattern="^[0-9]{14}$")]
    lot: Part
    serial: Part


@dataclass(frozen=True, slots=True, kw_only=True)
class GrowerBody:
    """Of what a grower's code is made: USCC, product class (NY/T 3177), the day as yyMMdd, serial."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    uscc: Annotated[str, StringConstraints(pattern="^[0-9A-HJ-NPQRTUWXY]{18}$")]
    product: Annotated[str, StringConstraints(pattern="^[0-9]{6}$")]
    day: Annotated[str, StringConstraints(pattern="^[0-9]{6}$")]
    serial: Annotated[int, Field(ge=0, le=999_999)]


@dataclass(frozen=True, slots=True, kw_only=True)
class PassportBody:
    """A passport to be issued, named by one of `item`, `code` (a grower's, as printed) and `numbered` (made to one).

    `lot` is the lot on this floor whose temperatures it shows. `owner` is who issues it: by default who asks.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _strict({**_SAID, "item": _ITEM, "lot": "lotus-2603", "by": "Li Lei"})

    product: Said
    grower: Said
    by: Person
    item: ItemBody | None = None
    code: Annotated[str, StringConstraints(pattern="^[0-9A-Z]{39}$")] | None = None
    numbered: GrowerBody | None = None
    lot: Name | None = None
    plot: Said | None = None
    certificates: Annotated[tuple[Said, ...], Field(max_length=8)] = ()
    owner: Name | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanBody:
    """A passport was scanned by a reader that says where: latitude and longitude in degrees (WGS 84).

    `passport` is its name, as a passport's answer has it. `at` is when, by default now.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _strict(
        {"passport": "https://id.gs1.org/01/06901234567892/10/L2603/21/000017", "where": [27.83, 112.94]}
    )

    passport: Annotated[str, Field(min_length=1, max_length=200)]
    where: tuple[Annotated[Degrees, Field(ge=-90, le=90)], Annotated[Degrees, Field(ge=-180, le=180)]]
    at: AwareDatetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PassportView:
    """A passport. `name` is what it is known by, `address` what its printed code leads to.

    `suspicions`: why it was probably copied. That is no proof.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "https://id.gs1.org/01/06901234567892/10/L2603/21/000017",
                    "address": "https://pass.example/01/06901234567892/10/L2603/21/000017",
                    "path": "01/06901234567892/10/L2603/21/000017",
                    **_SAID,
                    "lot": "lotus-2603",
                    "owner": "xianglian",
                    "issued_at": "2026-03-01T08:00:00Z",
                    "issued_by": "Li Lei",
                    "scans": 3,
                    "first_scan": "2026-03-09T10:11:12Z",
                    "suspicions": [],
                }
            ]
        }
    )

    name: str
    address: str
    path: str
    product: str
    grower: str
    plot: str | None
    certificates: tuple[str, ...]
    lot: str | None
    owner: str
    issued_at: datetime
    issued_by: str
    scans: int
    first_scan: datetime | None
    suspicions: tuple[Suspicion, ...]
