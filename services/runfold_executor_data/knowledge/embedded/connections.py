"""Connections to SQLite files, a few threads that use them, and what goes wrong with them.

The event loop never waits for a file. One thread writes; others read, each with connections of its
own. Between processes SQLite's own locks decide.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from runfold.errors import ConfigurationError

READERS = 4
"""Searches of one process at a time: the vectors of more would only wait for memory."""
WAIT = 20.0
"""Seconds for another process to end its writing."""
MOST_OPEN = 16
"""Files that one thread holds open."""
CACHE_KIB = 16 * 1024
"""Pages of one file that a connection keeps."""

Result = TypeVar("Result")
Work = Callable[[sqlite3.Connection], Result]


class Connections:
    """Runs work on files in threads.

    Args:
        directory: Where the files are, for messages.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._readers = ThreadPoolExecutor(READERS, "knowledge-read")
        self._writer = ThreadPoolExecutor(1, "knowledge-write")
        self._open = threading.local()
        self._all: set[sqlite3.Connection] = set()
        self._lock = threading.Lock()

    async def read(self, path: Path, work: Work[Result]) -> Result:
        """Do work that sees one state of a file throughout.

        Raises:
            ConfigurationError: `knowledge.unavailable`.
        """
        return await self._run(self._readers, path, work, "begin")

    async def write(self, path: Path, work: Work[Result]) -> Result:
        """Do work whose changes are kept together, or not at all when it raises.

        Raises:
            ConfigurationError: `knowledge.unavailable`.
        """
        return await self._run(self._writer, path, work, "begin immediate")

    async def make(self, path: Path, schema: str) -> None:
        """Make a file with its tables, unless it is there.

        Raises:
            ConfigurationError: `knowledge.unavailable`.
        """

        def made() -> None:
            path.parent.mkdir(parents=True, exist_ok=True)
            db = self._connected(path, "rwc")
            # The journal is a property of the file: its change needs the file for itself.
            db.execute("pragma journal_mode = wal")
            db.executescript(f"begin immediate;{schema}commit;")

        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._writer, self._guarded, made)

    async def close(self) -> None:
        """Wait for what is under way, and close all files."""
        await asyncio.to_thread(self._readers.shutdown)
        await asyncio.to_thread(self._writer.shutdown)
        for db in self._all:
            db.close()
        self._all.clear()

    async def _run(
        self, pool: ThreadPoolExecutor, path: Path, work: Work[Result], begin: str
    ) -> Result:
        def run() -> Result:
            db = self._connected(path, "rw")
            db.execute(begin)
            try:
                result = work(db)
                db.execute("commit")
            except BaseException:
                db.rollback()
                raise
            return result

        return await asyncio.get_running_loop().run_in_executor(pool, self._guarded, run)

    def _guarded(self, run: Callable[[], Result]) -> Result:
        try:
            return run()
        except (OSError, sqlite3.Error) as error:
            message = f"cannot use the knowledge files in {self._directory}: {error}"
            raise ConfigurationError(
                message,
                code="knowledge.unavailable",
                kind="server",
                retryable=isinstance(error, sqlite3.OperationalError),
            ) from error

    def _connected(self, path: Path, mode: str) -> sqlite3.Connection:
        """This thread's connection to a file."""
        if not hasattr(self._open, "files"):
            self._open.files = OrderedDict()
        files: OrderedDict[Path, sqlite3.Connection] = self._open.files
        if path in files:
            files.move_to_end(path)
            return files[path]
        for other in [one for one in files if not os.path.exists(one)]:  # noqa: PTH110 -- quick
            self._let_go(files.pop(other))
        while len(files) >= MOST_OPEN:
            self._let_go(files.popitem(last=False)[1])
        db = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}",
            uri=True,
            timeout=WAIT,
            isolation_level=None,
            check_same_thread=False,  # closed by another one, when all threads have ended
        )
        with self._lock:
            self._all.add(db)
        db.execute("pragma synchronous = normal")
        db.execute(f"pragma cache_size = -{CACHE_KIB}")
        files[path] = db
        return db

    def _let_go(self, db: sqlite3.Connection) -> None:
        with self._lock:
            self._all.discard(db)
        db.close()
