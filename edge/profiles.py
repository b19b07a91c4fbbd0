"""Device profiles: what a type of device says where, one TOML file a type.

`SITE/profiles/NAME.toml` is the site's own and wins; `edge/catalogue/NAME.toml` is shipped.
"""

from pathlib import Path

from coldport.settings import SiteFileError, read
from edge.lines.gateway import Profile
from edge.lines.modbus import ModbusProfile
from edge.lines.reader import ReaderProfile
from edge.lines.scale import ScaleProfile
from edge.lines.vendor import UplinkProfile

CATALOGUE = Path(__file__).parent / "catalogue"
KINDS: dict[str, type[Profile]] = {
    "modbus": ModbusProfile,
    "scale": ScaleProfile,
    "reader": ReaderProfile,
    "uplink": UplinkProfile,
}


def profile_path(folder: Path, name: str) -> Path | None:
    """Return the file of a profile, the site's own before the shipped one; None when there is neither."""
    for path in (folder / "profiles" / f"{name}.toml", CATALOGUE / f"{name}.toml"):
        if path.exists():
            return path
    return None


def load_profile(path: Path) -> Profile:
    """Read a profile.

    Raises:
        SiteFileError: It cannot be read, or is not what its `kind` wants.
    """
    file = read(path)
    kind = KINDS.get(str(file.tree.get("kind")))
    if kind is None:
        raise SiteFileError(file.problem("$.kind", f"a profile is of one of the kinds {', '.join(KINDS)}"))
    return file.convert(kind)
