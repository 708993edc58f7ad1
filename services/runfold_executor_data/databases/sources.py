"""Which database a node means: what the operator has declared under a name, with its secrets."""

from __future__ import annotations

import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import msgspec

from runfold.database_settings import DataSource
from runfold.errors import NodeFailed
from runfold.settings import Settings

_SECRET = re.compile(r"\{\{\s*secrets\.([A-Za-z0-9_.-]+)\s*\}\}")


class Target(msgspec.Struct, frozen=True):
    """A declared source, ready to be connected with. Never shown: it holds the address."""

    name: str
    declared: DataSource
    address: str
    """The URL with its secrets, or the file of SQLite."""

    def allows(self, table: str, schema: str = "", *, visible: bool = True) -> bool:
        """Whether workflows may use a table.

        Args:
            table: Its name.
            schema: Where it is; empty where there are none.
            visible: Whether its name alone means it: else `schema.table` must be allowed.
        """
        patterns = self.declared.tables
        names = [table] if visible else []
        names += [f"{schema}.{table}"] if schema else []
        if not patterns:
            return not is_system(table, schema)
        return any(fnmatchcase(name, one) for name in names for one in patterns)


def is_system(table: str, schema: str) -> bool:
    """Whether a table is the database's own: such are allowed only by name."""
    return schema in {"pg_catalog", "information_schema", "pg_toast"} or (
        not schema and table.lower().startswith("sqlite_")
    )


def target_of(settings: Settings, name: str, secret: Callable[[str], str]) -> Target:
    """A declared source with its secrets filled in.

    Args:
        settings: The executor's.
        name: The source's, as the node says it.
        secret: Gives a secret's value by name; raises `NodeFailed` when it is not set.

    Raises:
        NodeFailed: `db.unknown_source`, when no source of that name is declared.
    """
    declared = settings.databases.sources.get(name)
    if declared is None:
        known = ", ".join(sorted(settings.databases.sources)) or "none"
        message = (
            f"no data source {name!r} is declared; declared are: {known}. The operator declares "
            "them in RUNFOLD_DATABASES__SOURCES of the data executor"
        )
        details = {"source": name, "declared": sorted(settings.databases.sources)}
        raise NodeFailed(message, code="db.unknown_source", kind="input", details=details)

    def filled(match: re.Match[str]) -> str:
        value = secret(match[1])
        # A whole address is one; a part of one, such as a password, has to be spelled as such.
        return value if match[0] == declared.url.strip() else quote(value, safe="")

    url = _SECRET.sub(filled, declared.url)
    if declared.dialect == "sqlite":
        return Target(name, declared, str(_file_of(url, settings.data_dir)))
    return Target(name, declared, url)


def _file_of(url: str, data_dir: Path) -> Path:
    path = unquote(urlsplit(url).path)
    return Path(path) if path.startswith("/") else data_dir / path
