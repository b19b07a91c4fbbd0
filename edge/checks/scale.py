"""Scale lines."""

from collections.abc import Iterator

from coldport.settings import Problem
from coldport.site import Quantity
from edge.checks.checker import Checker
from edge.lines.scale import Dialect, Key, ScaleLine, ScaleProfile


def scale_problems(checker: Checker, at: str, line: ScaleLine) -> Iterator[Problem]:
    """Yield what is wrong with a scale's line whose key is `at`."""
    yield from checker.one_way(at, line.id, line.serial, line.tcp)
    profile = checker.profile(f"{at}.profile", line.profile, ScaleProfile)
    if isinstance(profile, Problem):
        yield profile
    else:
        yield from _profile_problems(checker, at, line, profile)
    if line.load is not None:
        empty_kg, minimum_kg = line.load.empty(line.division_kg), line.load.minimum(line.division_kg)
        if empty_kg >= minimum_kg:
            yield checker.problem(f"{at}.load", f"empty_kg ({empty_kg:g}) must be below minimum_kg ({minimum_kg:g})")
    yield from checker.feed(f"{at}.point", line.point, Quantity.MASS)


def _profile_problems(checker: Checker, at: str, line: ScaleLine, profile: ScaleProfile) -> Iterator[Problem]:
    if line.serial_number is not None and profile.dialect is not Dialect.SICS:
        yield checker.problem(f"{at}.serial_number", f"a {profile.dialect} scale cannot be asked for its number")
    if Key.PRESET_TARE in profile.keys:
        yield checker.problem(f"{at}.profile", f"{line.profile!r}: only MT-SICS scales take a preset tare")
    if profile.dialect is Dialect.YAOHUA_COMMANDS and any(len(command) != 1 for command in profile.keys.values()):
        yield checker.problem(f"{at}.profile", f"{line.profile!r}: a key of tF=1 is one character")
