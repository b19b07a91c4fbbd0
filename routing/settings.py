"""`planner.toml`: what the planner's service of a site may use, and where it listens."""

import os
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from coldport.errors import RefusedError
from coldport.settings import Problem, SiteFileError, read
from coldport.web.loopback import refuse_foreign
from routing import network_folder

PLANNER_FILE = "planner.toml"


class Http(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the service listens. Only a loopback address: there is no login yet."""

    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65_535)] = 8_010


class PlannerFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the planner may use. A site without the file has no planner's service.

    `networks` are folders, below that of the site unless absolute, onto which tables of consignments are put. `workers`
    plan at once, each in a process of its own with `memory_mb` of data; without it, one less than there are cores. A
    job may take `seconds_most`.
    """

    networks: tuple[str, ...] = ()
    workers: Annotated[int, Meta(ge=1, le=64)] | None = None
    memory_mb: Annotated[int, Meta(ge=256, le=1_000_000)] = 2_048
    seconds_most: Annotated[float, Meta(gt=0, le=86_400)] = 3_600
    http: Http = Http()

    def workers_or_usual(self) -> int:
        """Return how many plan at once."""
        return self.workers or max(1, (os.cpu_count() or 1) - 1)


def load_planner(folder: Path) -> PlannerFile:
    """Read `planner.toml` of a site folder, the networks with their paths.

    Raises:
        SiteFileError: It cannot be read, or a value is not what it should be.
    """
    settings = read(folder / PLANNER_FILE).convert(PlannerFile)
    networks = tuple(str((folder / name).resolve()) for name in settings.networks)
    return msgspec.structs.replace(settings, networks=networks)


def check(folder: Path) -> list[Problem]:
    """Return what is wrong with the planner's files; registered under `coldport.checks`."""
    if not (folder / PLANNER_FILE).exists():
        return []
    try:
        settings = load_planner(folder)
    except SiteFileError as error:
        return list(error.problems)
    problems = [problem for name in settings.networks for problem in network_folder.check(Path(name))]
    try:
        refuse_foreign(settings.http.host)
    except RefusedError as error:
        problems.append(read(folder / PLANNER_FILE).problem("$.http.host", str(error)))
    return problems
