"""Rows as Parquet, made by DuckDB out of a CSV draft: it streams, and needs no memory to speak of."""

import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb

from coldport.errors import UnavailableError
from control.printing.csv_file import write_rows
from control.printing.files import draft_of

MEMORY = "256MB"
"""A running control has the rest of the machine."""

TYPES = {
    "datetime": "TIMESTAMPTZ",
    "float | None": "DOUBLE",
    "int": "BIGINT",
    "str": "VARCHAR",
    "str | None": "VARCHAR",
}
"""What a column of a row is in Parquet."""


def write_parquet(path: Path, columns: Mapping[str, object], rows: Iterable[tuple[object, ...]]) -> int:
    """Write rows, return how many; raises UnavailableError."""
    types = ", ".join(f"'{name}': '{TYPES[_name(kind)]}'" for name, kind in columns.items())
    with draft_of(path) as draft, tempfile.TemporaryDirectory(dir=path.parent, prefix=".export-") as folder:
        text = Path(folder) / "rows.csv"
        count = write_rows(text, columns, rows)
        target = str(draft).replace("'", "''")
        try:
            with duckdb.connect(config={"memory_limit": MEMORY, "threads": 1}) as database:
                database.execute("SET preserve_insertion_order = true")
                database.execute(
                    f"COPY (SELECT * FROM read_csv($text, header = true, columns = {{{types}}}, nullstr = '')) "  # noqa: S608 ours
                    f"TO '{target}' (FORMAT parquet, COMPRESSION zstd)",
                    {"text": str(text)},
                )
        except duckdb.Error as error:
            raise UnavailableError(f"{path}: {error}") from error
        return count


def _name(kind: object) -> str:
    return kind.__name__ if isinstance(kind, type) else str(kind)
