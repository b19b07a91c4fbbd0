"""Keys: a public id, and a secret of which only the SHA-256 is kept.

A secret is 32 random bytes, so its plain hash is as good as a slow one: there is nothing to guess.
"""

import base64
import binascii
import hashlib
import hmac
from typing import Annotated

from msgspec import Meta, Struct

from coldport.ids import Id
from coldport.messages.observation import Moment
from control.access.party import Scope

SECRET_BYTES = 32
TOKEN_LIMIT = 120
"""Characters of a token: an id of 48, a dot, a secret of 43; more is none of ours and not looked at."""

Digest = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class Key(Struct, frozen=True, kw_only=True):
    """One key of a party; it is worth nothing from `not_after` on."""

    id: Id
    party: Id
    digest: Digest
    scopes: tuple[Scope, ...]
    not_after: Moment


def digest_of(secret: bytes) -> str:
    """Return what is kept of a secret."""
    return hashlib.sha256(secret).hexdigest()


def token_of(key: str, secret: bytes) -> str:
    """Return what the party sends: `id.secret`, the secret as base64url without padding.

    >>> token_of("k1", bytes(32))
    'k1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
    """
    return f"{key}.{base64.urlsafe_b64encode(secret).rstrip(b'=').decode()}"


def read_token(token: str) -> tuple[str, bytes] | None:
    """Return id and secret, or None when this is no token.

    >>> read_token("k1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA") == ("k1", bytes(32))
    True
    """
    key, dot, said = token.partition(".")
    if not dot or len(token) > TOKEN_LIMIT or not token.isascii():
        return None
    try:
        secret = base64.b64decode(said + "=", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return (key, secret) if len(secret) == SECRET_BYTES else None


def proves(key: Key, secret: bytes) -> bool:
    """Whether this is the key's secret; it takes as long whatever is wrong with it."""
    return hmac.compare_digest(key.digest, digest_of(secret))
