"""Control's site files: `alarms.toml` (when is it an alarm) and `control.toml` (HTTP, historian, records)."""

from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct

from coldport.errors import RefusedError
from coldport.settings import Problem, SiteFile, SiteFileError, read
from coldport.site import Site, load_site
from coldport.web.loopback import is_loopback, refuse_foreign
from control.alarms.checks import faults, file_faults
from control.alarms.definition import AlarmFile
from control.historian.settings import HistorianSettings
from control.inspection.ceb.reader import Transfer
from control.limits import load_profiles, resolve
from control.products import load_products

ALARM_FILE = "alarms.toml"
CONTROL_FILE = "control.toml"


class Http(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the page is served. Only a loopback address: there is no login yet."""

    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65_535)] = 8_000


class Records(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For how long the historian keeps samples (`series_days`), by default five years. The journal keeps them for ever.

    Only the embedded historian deletes by this rule; a server has one of its own. `access_days` is how long it is known
    who asked for what by a key.
    """

    series_days: Annotated[int, Meta(ge=1, le=36_600)] = 1_826
    access_days: Annotated[int, Meta(ge=1, le=36_600)] = 400


class Platform(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where partners are served: the routes that are for them, and nobody without a key.

    A foreign address needs `certificate` and `private_key`, files in PEM; on loopback a proxy may stand before it.
    """

    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65_535)] = 8_443
    certificate: str | None = None
    private_key: str | None = None


class Customs(Transfer, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the site declares to customs: who sends, by which way (`BaseTransfer`), and in which folder messages lie.

    `folder` is below the data folder unless it is absolute: `out/` is fetched from there, answers are put into `in/`.
    What was declared here before the site had this goes out at its first start with it.
    """

    folder: Annotated[str, Meta(min_length=1)] = "customs"


class ControlFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole of `control.toml`. A site without one gets the defaults."""

    http: Http = Http()
    historian: HistorianSettings = HistorianSettings()
    records: Records = Records()
    platform: Platform | None = None
    customs: Customs | None = None


def load_alarms(folder: Path, site: Site) -> AlarmFile:
    """Read the alarm definitions of a site.

    Raises:
        SiteFileError: The file cannot be read, or a definition does not fit the site; every problem is named.
    """
    file = resolve(read(folder / ALARM_FILE), load_profiles(folder))
    alarms = file.convert(AlarmFile)
    problems = [*_repeats(file, alarms), *_faults(file, alarms, site)]
    if problems:
        raise SiteFileError(*problems)
    return alarms


def load_control(folder: Path) -> ControlFile:
    """Read `control.toml`, or return the defaults when the site has none.

    Raises:
        SiteFileError: The file cannot be read.
    """
    path = folder / CONTROL_FILE
    return read(path).convert(ControlFile) if path.exists() else ControlFile()


def refuse_bare(platform: Platform) -> None:
    """Raise RefusedError when keys would cross a network unencrypted, or half of what encrypts them is missing."""
    if (platform.certificate is None) != (platform.private_key is None):
        raise RefusedError("certificate and private_key come together")
    if platform.certificate is None and not is_loopback(platform.host):
        raise RefusedError(
            f"keys are not sent in the clear: {platform.host!r} needs a certificate (or 127.0.0.1 and a proxy)"
        )


def check(folder: Path) -> list[Problem]:
    """Return what is wrong with control's files; registered under `coldport.checks`."""
    problems: list[Problem] = []
    try:
        site = load_site(folder)
    except SiteFileError:
        return []  # said by the site's own check; without it nothing here can be judged
    try:
        load_alarms(folder, site)
    except SiteFileError as error:
        problems += error.problems
    try:
        load_products(folder)
    except SiteFileError as error:
        problems += error.problems
    return [*problems, *_check_control(folder)]


def _check_control(folder: Path) -> list[Problem]:
    try:
        settings = load_control(folder)
    except SiteFileError as error:
        return list(error.problems)
    problems: list[Problem] = []
    try:
        refuse_foreign(settings.http.host)
    except RefusedError as error:
        problems.append(read(folder / CONTROL_FILE).problem("$.http.host", str(error)))
    try:
        refuse_bare(settings.platform or Platform())
    except RefusedError as error:
        problems.append(read(folder / CONTROL_FILE).problem("$.platform", str(error)))
    return problems


def _repeats(file: SiteFile, alarms: AlarmFile) -> list[Problem]:
    names = [definition.id for definition in alarms.alarms]
    return [
        file.problem(f"$.alarms[{index}].id", f"{name!r} is named twice")
        for index, name in enumerate(names)
        if name in names[:index]
    ]


def _faults(file: SiteFile, alarms: AlarmFile, site: Site) -> list[Problem]:
    problems = [file.problem(f"$.{path}", message) for path, message in file_faults(alarms, site)]
    problems += [
        file.problem(f"$.alarms[{index}].{key}", message)
        for index, definition in enumerate(alarms.alarms)
        for key, message in faults(definition, site, alarms)
    ]
    return problems
