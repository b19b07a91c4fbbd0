"""uPlot, the page's one third-party script, out of the locked `youplot` wheel. That package is never imported.

A wheel that is missing or holds other bytes costs the fast chart, not the page: it then draws an SVG of its own.
"""

import hashlib
import logging
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

log = logging.getLogger("control.api")

FILES = {
    "uplot.js": (
        "youplot/vendor/uplot.iife.min.js",
        "2d27e8ad3d228164525ce213f9dc716f39b4e3aee0cc773fb3491c96cf4921a2",
    ),
    "uplot.css": ("youplot/vendor/uplot.min.css", "df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04"),
}
"""Name it is served by; place in the wheel; SHA-256. The script is byte-identical to npm's uplot 1.6.31 (MIT)."""


def load(package: str = "youplot") -> dict[str, bytes]:
    """Return the files by the name they are served by; none at all when one is missing or is not the known one."""
    found: dict[str, bytes] = {}
    for name, (path, sha256) in FILES.items():
        try:
            found[name] = Path(str(distribution(package).locate_file(path))).read_bytes()
        except (PackageNotFoundError, OSError) as error:
            log.warning("the page draws its own charts: %s cannot be read: %s", path, error)
            return {}
        if hashlib.sha256(found[name]).hexdigest() != sha256:
            log.warning("the page draws its own charts: %s is not the file that was checked", path)
            return {}
    return found
