"""Settings of data sources: the databases that the nodes `db_*` may reach, by name."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

MIB = 1024 * 1024
SQLITE = "sqlite"
POSTGRESQL = "postgresql"
_SCHEMES = {"sqlite": SQLITE, "postgresql": POSTGRESQL, "postgres": POSTGRESQL}

Dialect = Literal["sqlite", "postgresql"]


class DataSource(BaseModel):
    """One database, and what workflows may do with it."""

    model_config = ConfigDict(allow_inf_nan=False, extra="forbid")

    url: str = Field(repr=False)
    """`postgresql://user:password@host/name` or `sqlite:/path/to/file`, relative to `data_dir`
    without the first slash. Parts may be `{{secrets.NAME}}`."""
    write: bool = False
    """Whether workflows may change what is in it."""
    statement_timeout: float = Field(default=30.0, gt=0, le=86_400)
    """Seconds for one node's statements, and for each lock that they wait for."""
    connect_timeout: float = Field(default=10.0, gt=0, le=600)
    max_rows: int = Field(default=1000, ge=1, le=1_000_000)
    """Rows that one node gives; what has more says so."""
    max_bytes: int = Field(default=MIB, ge=1024)
    """Bytes of those rows together."""
    tables: list[str] = []
    """Tables that workflows may use, `sales.*`; empty: all that the database lets its user."""
    idempotency_column: str = ""
    """Column that has the key of the attempt that wrote a row last, in the tables that have it."""
    connections: int = Field(default=5, ge=1, le=100)
    """Connections of one executor, which is also how many of its nodes use it at a time."""
    superuser: bool = False
    """Whether its user may be a superuser, who reads and writes files of the server's machine."""

    @field_validator("url")
    @classmethod
    def _known(cls, url: str) -> str:
        # Without the address: settings that are wrong are shown.
        message = ""
        try:
            if urlsplit(url).scheme not in _SCHEMES:
                message = "begins with postgresql:// or sqlite:"
        except ValueError:
            message = "is not a URL: percent-encode what is special in its parts"
        if message:
            raise ValueError(message)
        return url

    @property
    def dialect(self) -> Dialect:
        """Which database it is."""
        return "sqlite" if urlsplit(self.url).scheme == SQLITE else "postgresql"


class DatabaseSettings(BaseModel):
    """Data sources that workflows may name."""

    model_config = ConfigDict(allow_inf_nan=False)

    sources: dict[str, DataSource] = {}
