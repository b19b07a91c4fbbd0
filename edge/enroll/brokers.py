"""What the permissions are to nats-server and to mosquitto: texts for their configuration. Pure.

Both take the name in a client's certificate for the user, so there is no password and no default one. A message that
somebody may not publish is dropped by both after its PUBACK (MQTT 3.1.1, 3.3.5, lets them), and logged by the broker.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from edge.enroll.permissions import BROKER, Permissions

MOSQUITTO_ACL = "mosquitto.acl"
MOSQUITTO = "mosquitto.conf"


def nats_authorization(permissions: Mapping[str, Permissions]) -> str:
    """Return the users of a nats-server, whose MQTT listener maps certificates to them (`verify_and_map`)."""
    users = [
        f"  {{ user: {json.dumps(f'CN={name}')}, permissions: {{\n"
        f"    publish: {{ allow: {_subjects(one.publish)} }}\n"
        f"    subscribe: {{ allow: {_subjects(one.subscribe)} }} }} }}\n"
        for name, one in sorted(permissions.items())
    ]
    return (
        "# Written by `coldport edge enroll`. For a nats-server of your own: include this file, and in `mqtt` say\n"
        f'# tls {{ ca_file: "ca.crt", cert_file: "{BROKER}.crt", key_file: "{BROKER}.key", verify_and_map: true }}\n'
        f"authorization {{ users = [\n{''.join(users)}] }}\n"
    )


def _subjects(filters: Sequence[str]) -> str:
    """Return NATS subjects for MQTT topic filters; one that nobody uses instead of none: `[]` may be everything."""
    subjects = [one for topic in filters for one in _subject(topic)]
    return json.dumps(subjects or ["coldport.nothing"])


def _subject(topic: str) -> Sequence[str]:
    """Return the subjects of a topic filter: `a/#` is everything below `a`, and `a` (MQTT 3.1.1, 4.7.1.2)."""
    parts = ["*" if part == "+" else part.replace(".", "//") for part in topic.split("/")]
    if parts[-1] == "#":
        return (".".join([*parts[:-1], ">"]), ".".join(parts[:-1]))
    return (".".join(parts),)


def mosquitto_acl(permissions: Mapping[str, Permissions]) -> str:
    """Return the access control list of a mosquitto. Who is not named may do nothing."""
    parts = ["# Written by `coldport edge enroll`.\n"]
    for name, one in sorted(permissions.items()):
        rules = [f"topic write {topic}\n" for topic in one.publish] + [
            f"topic read {topic}\n" for topic in one.subscribe
        ]
        parts.append(f"\nuser {name}\n{''.join(rules)}")
    return "".join(parts)


def mosquitto_conf(folder: Path, host: str, port: int) -> str:
    """Return the configuration of a mosquitto that takes nobody without a certificate of the site's authority."""
    return (
        "# Written by `coldport edge enroll`, for Debian's /etc/mosquitto/conf.d.\n"
        f"listener {port} {host}\n"
        f"cafile {folder / 'ca.crt'}\n"
        f"certfile {folder / f'{BROKER}.crt'}\n"
        f"keyfile {folder / f'{BROKER}.key'}\n"
        "require_certificate true\n"
        "use_identity_as_username true\n"
        "allow_anonymous false\n"
        f"acl_file {folder / MOSQUITTO_ACL}\n"
        "max_queued_messages 0\n"
    )
