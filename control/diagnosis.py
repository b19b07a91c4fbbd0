"""What `coldport doctor` looks at for control: its journal and its historian."""

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from coldport.doctor import Finding
from coldport.errors import ColdportError, RefusedError
from control.historian.settings import HistorianSettings
from control.journal.sqlite import SqliteJournal, journal_path
from control.settings import load_control

TIMEOUT_S = 2.0


def diagnose(folder: Path, data: Path) -> Iterator[Finding]:
    """Yield a finding for the journal and one for the historian.

    Raises:
        SiteFileError: control.toml cannot be used.
    """
    yield _journal(journal_path(data))
    yield _historian(load_control(folder).historian)


def _journal(path: Path) -> Finding:
    if not path.exists():
        return Finding(subject="journal", state="ok", said=f"{path} will be made at the first start")
    size_mb = path.stat().st_size / 1e6
    try:
        with SqliteJournal(path) as journal:
            return Finding(subject="journal", state="ok", said=f"{journal.last()} entries, {size_mb:.1f} MB at {path}")
    except RefusedError:
        return Finding(subject="journal", state="ok", said=f"in use by a running control, {size_mb:.1f} MB at {path}")
    except ColdportError as error:
        todo = "restore it from a backup; `coldport control verify` names the first bad entry"
        return Finding(subject="journal", state="fault", said=str(error), todo=todo)


def _historian(settings: HistorianSettings) -> Finding:
    if settings.kind == "duckdb":
        return Finding(subject="historian", state="ok", said="DuckDB, embedded")
    url = urlsplit(settings.url)
    address = (url.hostname or "", url.port or {"https": 443}.get(url.scheme, 80))
    with socket.socket() as probe:
        probe.settimeout(TIMEOUT_S)
        if probe.connect_ex(address) == 0:
            return Finding(subject="historian", state="ok", said=f"{settings.url} answers")
    todo = "start it, or correct [historian] in control.toml; control runs on and catches up when it is back"
    return Finding(subject="historian", state="warning", said=f"{settings.url} does not answer", todo=todo)
