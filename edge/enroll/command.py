"""`coldport edge enroll`: keys and certificates for a gateway and its site, and what the brokers must know of them."""

import argparse
import re
import sys
from pathlib import Path
from typing import Any

from coldport.clock import SystemClock
from coldport.ids import ID_PATTERN
from coldport.site import load_site
from edge.enroll.folder import Folder, enroll
from edge.settings import EDGE_FILE, load_edge


def register_enroll(verbs: "argparse._SubParsersAction[Any]") -> None:
    """Add `enroll` to `coldport edge`."""
    parser = verbs.add_parser(
        "enroll",
        help="make certificates for a gateway, and permissions for the brokers",
        description="Makes a certificate authority of the site and certificates for broker, control, simulator and "
        "technician, if they are not there yet, and a key and certificate for a gateway; then writes what nats-server "
        "and mosquitto must know to let each do its own part and nothing else. Nothing is overwritten without --renew.",
    )
    parser.add_argument("site", type=Path, metavar="SITE", help="site folder, such as config/sites/xiangtan")
    parser.add_argument("name", type=_name, metavar="GATEWAY", help="a gateway; with --renew also control, broker ..")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where keys and certificates are kept")
    parser.add_argument("--renew", action="store_true", help="make a new key and certificate in place of an old one")
    parser.set_defaults(run=_run)


def _name(text: str) -> str:
    if re.fullmatch(ID_PATTERN, text) is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not made of lower-case letters, digits and '-'")
    return text


def _run(arguments: argparse.Namespace) -> int:
    site = load_site(arguments.site)
    edge = load_edge(arguments.site, site).settings if (arguments.site / EDGE_FILE).exists() else None
    made = enroll(Folder(arguments.out), site, edge, arguments.name, SystemClock().now(), renew=arguments.renew)
    for name, expires in made.items():
        sys.stdout.write(f"{name:<24} {arguments.out / f'{name}.crt'}, expires {expires:%Y-%m-%d}\n")
    return 0
