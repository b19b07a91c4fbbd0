"""The limit profiles a site can use: those shipped in `control/standards`, and its own in `limits/`, which win."""

from collections.abc import Iterator
from pathlib import Path

from coldport.settings import Problem, SiteFile, SiteFileError, read
from control.alarms.profile import TAKEN, Profile, Profiles, find, taken

SHIPPED = Path(__file__).parent / "standards"
FOLDER = "limits"
PROFILE_LIMIT = 500
"""Files of one site: standards and kinds of goods with their older versions."""


def load_profiles(folder: Path) -> Profiles:
    """Read the limit profiles shipped and those of a site.

    Raises:
        SiteFileError: A file cannot be read or used, or two say the same version of a profile; every problem is named.
    """
    return _folder(SHIPPED) | _folder(folder / FOLDER)


def resolve(file: SiteFile, profiles: Profiles) -> SiteFile:
    """Return alarm definitions with what they take from profiles written into them.

    Raises:
        SiteFileError: A reference leads nowhere, or a definition says what its profile says.
    """
    written = file.tree.get("alarms")
    if not isinstance(written, list):
        return file
    problems: list[Problem] = []
    alarms = [_resolved(index, one, file, profiles, problems) for index, one in enumerate(written)]
    if problems:
        raise SiteFileError(*problems)
    return SiteFile(file.path, file.text, file.tree | {"alarms": alarms})


def _resolved(index: int, written: object, file: SiteFile, profiles: Profiles, problems: list[Problem]) -> object:
    if not isinstance(written, dict) or not isinstance(written.get("profile"), str):
        return written  # a wrong type is said when the file is converted
    reference = written["profile"]
    limit = find(reference, profiles)
    if isinstance(limit, str):
        problems.append(file.problem(f"$.alarms[{index}].profile", limit))
        return written
    said = [key for key in TAKEN if key in written]
    problems += (file.problem(f"$.alarms[{index}].{key}", f"comes from the profile {reference}") for key in said)
    return taken(written, limit)


def _folder(folder: Path) -> dict[tuple[str, int], Profile]:
    files = sorted(folder.glob("*.toml"))
    if len(files) > PROFILE_LIMIT:
        raise SiteFileError(Problem(str(folder), 0, "", f"more than {PROFILE_LIMIT} limit profiles"))
    profiles: dict[tuple[str, int], Profile] = {}
    problems: list[Problem] = []
    for path in files:
        try:
            file = read(path)
            profile = file.convert(Profile)
        except SiteFileError as error:
            problems += error.problems
            continue
        problems += _problems(file, profile, profiles)
        profiles[profile.id, profile.version] = profile
    if problems:
        raise SiteFileError(*problems)
    return profiles


def _problems(file: SiteFile, profile: Profile, known: Profiles) -> Iterator[Problem]:
    if (profile.id, profile.version) in known:
        yield file.problem("$.id", f"version {profile.version} of {profile.id!r} is in another file too")
    names = [limit.id for limit in profile.limits]
    for index, name in enumerate(names):
        if name in names[:index]:
            yield file.problem(f"$.limits[{index}].id", f"{name!r} is named twice")
