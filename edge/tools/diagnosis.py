"""What `coldport doctor` looks at for the edge: its serial ports, whether this user may open them, its certificate."""

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from coldport.clock import SystemClock
from coldport.doctor import Finding
from coldport.site import Tls, load_site
from edge.enroll.authority import expiry
from edge.lines.modbus import ModbusRtuLine
from edge.lines.scale import ScaleLine
from edge.settings import load_edge

NOTICE = timedelta(days=30)
"""A certificate that ends sooner is told: somebody has to bring a new one."""

RENEW = "coldport edge enroll SITE GATEWAY --out DIR --renew"


def diagnose(folder: Path, data: Path) -> Iterator[Finding]:
    """Yield a finding for each serial port of a site, and for its certificate if the bus wants one.

    A simulated port appears while the simulator runs.

    Raises:
        SiteFileError: A file of the site cannot be used.
    """
    site = load_site(folder)
    settings = load_edge(folder, site).settings
    tls = site.broker.seen_by(settings.gateway).tls
    if isinstance(tls, Tls):
        yield _certificate(Path(tls.certificate), SystemClock().now())
    for line in settings.lines:
        if isinstance(line, ModbusRtuLine | ScaleLine) and line.serial is not None:
            yield _port(f"line {line.id}", data / line.serial.path)


def _certificate(path: Path, now: datetime) -> Finding:
    try:
        expires = expiry(path.read_bytes())
    except (OSError, ValueError) as error:
        return Finding(subject="certificate", state="fault", said=f"{path}: {error}", todo="coldport edge enroll")
    said = f"{path} expires {expires:%Y-%m-%d}"
    if now >= expires:
        return Finding(subject="certificate", state="fault", said=said, todo=RENEW)
    if expires - now < NOTICE:
        return Finding(subject="certificate", state="warning", said=said, todo=RENEW)
    return Finding(subject="certificate", state="ok", said=said)


def _port(subject: str, path: Path) -> Finding:
    if not path.exists():
        todo = "plug the converter in, or start the simulator; `ls /dev/serial/by-id` shows what is plugged in"
        return Finding(subject=subject, state="warning", said=f"{path} is not there", todo=todo)
    if not os.access(path, os.R_OK | os.W_OK):
        todo = "add this user to the port's group (Debian: dialout), then log in again"
        return Finding(subject=subject, state="fault", said=f"{path} may not be opened", todo=todo)
    return Finding(subject=subject, state="ok", said=f"{path} is there")
