"""What a server's program writes on its standard error, as lines of the log.

Secrets are masked; lines are cut, and of a flood only the beginning of each minute is logged.
"""

from __future__ import annotations

import time

import structlog

from runfold.executor.redaction import Redaction

LONGEST = 2000
"""Characters of a line."""
A_MINUTE = 200
"""Lines."""

log = structlog.get_logger("mcp")


class LoggedLines:
    """The lines of one program.

    Args:
        server: Whose it is.
        redaction: Knows the secrets; it may learn of others later.
    """

    def __init__(self, server: str, redaction: Redaction) -> None:
        self._server = server
        self._redaction = redaction
        self._rest = b""
        self._is_cut = False
        """Whether what comes is the rest of a line whose beginning was logged."""
        self._since = time.monotonic()
        self._logged = 0
        self._left_out = 0

    def feed(self, piece: bytes) -> None:
        """Take the next bytes."""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        for line in lines:
            if not self._is_cut:
                self._log(line)
            self._is_cut = False
        if self._is_cut:
            self._rest = b""
        elif len(self._rest) > 4 * LONGEST:
            self._log(self._rest, is_whole=False)
            self._rest, self._is_cut = b"", True

    def end(self) -> None:
        """Log what is left."""
        if not self._is_cut:
            self._log(self._rest)
        self._tell()

    def _log(self, line: bytes, *, is_whole: bool = True) -> None:
        said = line.decode(errors="replace").rstrip()
        if not is_whole:  # half a secret at its end would not be found
            said = said[: len(said) - self._redaction.held_back(said)]
        text = self._redaction.text(said)[:LONGEST]
        if not text:
            return
        now = time.monotonic()
        if now - self._since > 60:  # noqa: PLR2004 -- a minute
            self._tell()
            self._since, self._logged = now, 0
        if self._logged >= A_MINUTE:
            self._left_out += 1
            return
        self._logged += 1
        log.info("server says", server=self._server, line=text)

    def _tell(self) -> None:
        if self._left_out:
            log.warning("lines left out", server=self._server, lines=self._left_out)
            self._left_out = 0
