"""Reads pictures with the engine on this machine: `ocr_worker`, in a process apart."""

from __future__ import annotations

import msgspec

from runfold.errors import NodeFailed
from runfold.executor.extras import need
from runfold.isolated.pool import Died, Pool
from runfold_executor_llm.ocr_worker import Line, Seen

SECONDS = 120.0
"""What one picture may take; the first also loads the engine."""
MEMORY = 2 * 1024 * 1024 * 1024
"""Bytes of address space: the engine takes half of one, a picture of 40 million pixels as much."""
_MOST = 100
"""Pictures after which a process is replaced."""
_WORKER = "runfold_executor_llm.ocr_worker"


class LocalEngine:
    """The processes that read pictures; they start with the first of them.

    Args:
        processes: How many there may be.
    """

    def __init__(self, processes: int) -> None:
        self._pool = Pool(
            size=processes, seconds=SECONDS, memory=MEMORY, module=_WORKER, most=_MOST
        )

    async def read(self, picture: bytes, name: str) -> list[Line]:
        """The lines of text in a picture.

        Args:
            picture: Its bytes.
            name: What messages call it.

        Raises:
            NodeFailed: `extra.missing` without the extra, `ocr.unreadable` for bytes that are
                not a picture, `ocr.limit` for one that is too large, or took too long.
        """
        need("ocr", "engine local of an ocr node")
        try:
            seen = msgspec.json.decode(await self._pool.run("read", picture), type=Seen)
        except Died as error:
            message = (
                f"{name}: the engine's process gave no answer: {error}; a picture may take "
                f"{SECONDS:g} s and {MEMORY >> 30} GiB of memory"
            )
            raise NodeFailed(message, code="ocr.limit", kind="limit") from error
        if seen.problem:
            code, kind = ("ocr.limit", "limit") if seen.is_limit else ("ocr.unreadable", "input")
            raise NodeFailed(f"{name}: {seen.problem}", code=code, kind=kind)  # type: ignore[arg-type]
        return seen.lines

    def close(self) -> None:
        """End the processes."""
        self._pool.close()
