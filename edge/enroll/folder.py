"""The folder of `coldport edge enroll`: the authority, a key and certificate for each process, files for the brokers.

`NAME.crt` and `NAME.key` for the authority (`ca`), the broker, each role and each gateway; `permissions/NAME.json` says
what each may do, and what the brokers read is written anew out of all of them. Everything is for its owner alone.
"""

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec

from coldport.broker import AUTHORIZATION
from coldport.errors import RefusedError
from coldport.ids import SiteId
from coldport.site import Site
from edge.enroll.authority import Pair, issue, new_authority, read_pair
from edge.enroll.brokers import (
    MOSQUITTO,
    MOSQUITTO_ACL,
    mosquitto_acl,
    mosquitto_conf,
    nats_authorization,
)
from edge.enroll.permissions import BROKER, ROLES, Permissions, permissions_of
from edge.lines.gateway import EdgeSettings

FILE_MODE, FOLDER_MODE = 0o600, 0o700
AUTHORITY = "ca"
LOCAL = ("localhost", "127.0.0.1")
"""Names by which a broker is reached on its own machine, beside the one in `site.toml`."""


class Folder:
    """The files. A key is written before its certificate: what broke off has no certificate, and is made again."""

    def __init__(self, path: Path) -> None:
        """Keep everything in `path`, which is made if it is not there."""
        self.path = path.absolute()
        (self.path / "permissions").mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        self.path.chmod(FOLDER_MODE)

    def has(self, name: str) -> bool:
        """Return whether there is a certificate of that name."""
        return self._file(name, "crt").exists()

    def pair(self, name: str) -> Pair:
        """Read a key and its certificate.

        Raises:
            RefusedError: One of the files is missing or cannot be read.
        """
        try:
            return read_pair(self._file(name, "crt").read_bytes(), self._file(name, "key").read_bytes())
        except (OSError, ValueError) as error:
            raise RefusedError(f"{self._file(name, 'key')}: {error}") from error

    def keep(self, name: str, pair: Pair) -> None:
        """Write a key and its certificate."""
        self.write(f"{name}.key", pair.key_pem)
        self.write(f"{name}.crt", pair.certificate_pem)

    def write(self, name: str, content: bytes) -> None:
        """Write a file for its owner alone, whole or not at all."""
        part = self.path / f"{name}.part"
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE), "wb") as file:
            file.write(content)
        part.replace(self.path / name)

    def permissions(self) -> dict[str, Permissions]:
        """Return what each process may do that has been enrolled here."""
        files = sorted((self.path / "permissions").glob("*.json"))
        return {file.stem: msgspec.json.decode(file.read_bytes(), type=Permissions) for file in files}

    def _file(self, name: str, kind: str) -> Path:
        return self.path / f"{name}.{kind}"


def enroll(
    folder: Folder, site: Site, edge: EdgeSettings | None, name: str, now: datetime, *, renew: bool
) -> dict[str, datetime]:
    """Enroll the gateway called `name`, and whatever of its site is missing; return what was made and when it expires.

    Raises:
        RefusedError: It is enrolled already and is not to be renewed, or the authority's files are damaged or expired.
    """
    if name == AUTHORITY:
        raise RefusedError("the authority is not renewed: enroll into a new folder, and give out what is in it")
    if folder.has(name) and not renew:
        expires = folder.pair(name).expires
        raise RefusedError(f"{name} is enrolled in {folder.path} until {expires:%Y-%m-%d}; --renew makes it anew")
    made: dict[str, datetime] = {}
    authority = _kept_or_made(folder, AUTHORITY, lambda: new_authority(site.id, now), made)
    for one in (BROKER, *ROLES, name):
        hosts = tuple(dict.fromkeys((*LOCAL, site.broker.host))) if one == BROKER else ()
        if not folder.has(one) or one == name:
            pair = issue(authority, one, now, hosts)
            folder.keep(one, pair)
            made[one] = pair.expires
    _write_permissions(folder, site, edge, name)
    return made


def _kept_or_made(folder: Folder, name: str, make: Callable[[], Pair], made: dict[str, datetime]) -> Pair:
    if folder.has(name):
        return folder.pair(name)
    pair = make()
    folder.keep(name, pair)
    made[name] = pair.expires
    return pair


def _write_permissions(folder: Folder, site: Site, edge: EdgeSettings | None, name: str) -> None:
    for one in {*ROLES, name} - {BROKER}:
        text = msgspec.json.format(msgspec.json.encode(permissions_of(one, SiteId(site.id), edge)), indent=2)
        folder.write(f"permissions/{one}.json", text)
    everybody = folder.permissions()
    folder.write(AUTHORIZATION, nats_authorization(everybody).encode())
    folder.write(MOSQUITTO_ACL, mosquitto_acl(everybody).encode())
    folder.write(MOSQUITTO, mosquitto_conf(folder.path, site.broker.host, site.broker.port).encode())
