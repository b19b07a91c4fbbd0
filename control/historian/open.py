"""Which historian stands behind the settings. For control's composition root."""

from pathlib import Path

from coldport.clock import Clock
from coldport.ids import SiteId
from control.historian.settings import HistorianSettings
from control.ports import Historian


def open_historian(
    settings: HistorianSettings, *, site: SiteId, folder: Path, token: str | None, clock: Clock
) -> Historian:
    """Return the site's historian. Nothing is touched before it is first used, so this cannot fail.

    Args:
        settings: The table `[historian]` of control.toml.
        site: Whose series these are.
        folder: Control's folder in DATA, which must be there when the historian is first used.
        token: What `COLDPORT_HISTORIAN_TOKEN` says, if anything.
        clock: Control's clock.
    """
    if settings.kind == "duckdb":
        from control.historian.duckdb import DuckDbHistorian  # noqa: PLC0415 - only the one in use is loaded

        return DuckDbHistorian(folder / "historian.duckdb")
    from control.historian.influx import InfluxHistorian  # noqa: PLC0415 - loading its client takes half a second

    number_file = folder / "historian-applied.json"
    return InfluxHistorian(settings, token=token, site=site, number_file=number_file, clock=clock)
