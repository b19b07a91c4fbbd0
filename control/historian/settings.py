"""Which historian a site has: the table `[historian]` of control.toml."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

Name = Annotated[str, Meta(min_length=1, max_length=120)]


class HistorianSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the measurement series are kept.

    `duckdb` needs nothing else. `influx` is any server that takes line protocol: `url` and `database` say where;
    `bucket` is where version 2 writes to, the same as `database` unless given; `retention_policy` is the one to read
    and write in version 1. The token is never in a file: `COLDPORT_HISTORIAN_TOKEN`; in version 1, `user:password`.
    """

    kind: Literal["duckdb", "influx"] = "duckdb"
    url: Annotated[str, Meta(pattern=r"^https?://[^/\s]+(/\S*)?$")] = "http://127.0.0.1:8086"
    database: Name = "coldport"
    bucket: Name | None = None
    org: str = ""
    retention_policy: Name | None = None
