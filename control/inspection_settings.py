"""Reads `inspection.toml`: lanes, gate, quotas, goods. What its keys mean is in `control.inspection.settings`."""

from pathlib import Path

from coldport.settings import Problem, SiteFileError, read
from coldport.site import Site, load_site
from control.inspection.settings import InspectionFile, faults

INSPECTION_FILE = "inspection.toml"


def load_inspection(folder: Path, site: Site) -> InspectionFile | None:
    """Read what a site sets of its inspection, or return None when it says nothing.

    Raises:
        SiteFileError: The file cannot be read, or does not fit the site; every problem is named.
    """
    path = folder / INSPECTION_FILE
    if not path.exists():
        return None
    file = read(path)
    settings = file.convert(InspectionFile)
    problems = [file.problem(f"$.{place}", message) for place, message in faults(settings, site)]
    if problems:
        raise SiteFileError(*problems)
    return settings


def check(folder: Path) -> list[Problem]:
    """Return what is wrong with `inspection.toml`; registered under `coldport.checks`."""
    try:
        site = load_site(folder)
    except SiteFileError:
        return []  # said by the site's own check; without it nothing here can be judged
    try:
        load_inspection(folder, site)
    except SiteFileError as error:
        return list(error.problems)
    return []
