"""Reads `passport.toml`: where passports are looked up, and what is still believed of their scans."""

from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct

from coldport.settings import Problem, SiteFileError, read
from control.passport.code import path_of
from control.passport.passports import CopyLimits
from control.traceability.identifiers import HOST

PASSPORT_FILE = "passport.toml"


class PassportFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole of `passport.toml`. A site without one gets the defaults.

    `address` is what stands before the path in a printed code: the address under which this site answers phones,
    without a `/` at its end. With the default a phone asks GS1, which knows the site only once it is registered there.
    """

    address: Annotated[str, Meta(pattern=r"^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?$")] = HOST
    copies: CopyLimits = CopyLimits()

    def address_of(self, name: str) -> str:
        """Return what a printed code leads to, from the name of a passport."""
        return f"{self.address}/{path_of(name)}"


def load_passports(folder: Path) -> PassportFile:
    """Read `passport.toml`, or return the defaults when the site has none; raises SiteFileError."""
    path = folder / PASSPORT_FILE
    return read(path).convert(PassportFile) if path.exists() else PassportFile()


def check(folder: Path) -> list[Problem]:
    """Return what is wrong with `passport.toml`; registered under `coldport.checks`."""
    try:
        load_passports(folder)
    except SiteFileError as error:
        return list(error.problems)
    return []
