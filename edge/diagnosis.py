"""What `coldport doctor` looks at for the edge: are the serial ports there, and may this user open them?"""

import os
from collections.abc import Iterator
from pathlib import Path

from coldport.doctor import Finding
from coldport.site import load_site
from edge.lines.modbus import ModbusRtuLine
from edge.lines.scale import ScaleLine
from edge.settings import load_edge


def diagnose(folder: Path, data: Path) -> Iterator[Finding]:
    """Yield a finding for each serial port of a site; a simulated one appears while the simulator runs.

    Raises:
        SiteFileError: A file of the site cannot be used.
    """
    for line in load_edge(folder, load_site(folder)).settings.lines:
        if isinstance(line, ModbusRtuLine | ScaleLine) and line.serial is not None:
            yield _port(f"line {line.id}", data / line.serial.path)


def _port(subject: str, path: Path) -> Finding:
    if not path.exists():
        todo = "plug the converter in, or start the simulator; `ls /dev/serial/by-id` shows what is plugged in"
        return Finding(subject=subject, state="warning", said=f"{path} is not there", todo=todo)
    if not os.access(path, os.R_OK | os.W_OK):
        todo = "add this user to the port's group (Debian: dialout), then log in again"
        return Finding(subject=subject, state="fault", said=f"{path} may not be opened", todo=todo)
    return Finding(subject=subject, state="ok", said=f"{path} is there")
