"""The site's signing key: Ed25519 (RFC 8032), made at the first start, readable by nobody but its owner.

There is no default key and no key in a file of settings: without the data folder there is no key.
"""

import os
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from coldport.errors import RefusedError, UnavailableError


def key_path(data: Path) -> Path:
    """Return where the key lies in a data folder."""
    return data / "control" / "records.key"


def site_key(path: Path) -> Ed25519PrivateKey:
    """Return the key at `path`; make one when there is none.

    Raises:
        RefusedError: Others may read the file, or it is no Ed25519 key.
        UnavailableError: It can be neither read nor made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _write(path, Ed25519PrivateKey.generate())
        if path.stat().st_mode & 0o077:
            raise RefusedError(f"{path} may be read by others than its owner: chmod 600 it, and ask who has read it")
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise UnavailableError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise RefusedError(f"{path} is not a key: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise RefusedError(f"{path} is not an Ed25519 key")
    return key


def public_hex(key: Ed25519PrivateKey) -> str:
    """Return the public half as 64 hex digits."""
    return key.public_key().public_bytes_raw().hex()


def _write(path: Path, key: Ed25519PrivateKey) -> None:
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    # Whole or not at all, and never readable by others for a moment: half a key would stop every later start.
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
