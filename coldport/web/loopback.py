"""Where HTTP may be served that asks nobody who he is."""

import ipaddress

from coldport.errors import RefusedError


def refuse_foreign(host: str) -> None:
    """Raise RefusedError unless `host` is this machine only: without a login nobody else may act."""
    if not is_loopback(host):
        raise RefusedError(f"HTTP is served on loopback only until there is a login; {host!r} is not (try 127.0.0.1)")


def is_loopback(host: str) -> bool:
    """Whether an address, or `localhost`, is this machine only."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
