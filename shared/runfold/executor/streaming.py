"""Pieces of output on their way to viewers: at once when the way is free, else merged.

At most one piece of an attempt is unacknowledged at a time. What comes meanwhile is put together
and follows on the ack, so a fast model costs as many messages as the broker takes in, and the
first piece waits for nothing. A piece that is lost is not missed: the result event has it all.
"""

from __future__ import annotations

import asyncio
from typing import Literal

import msgspec
import structlog

from runfold.bus.ports.live import Chunks
from runfold.bus.ports.messages import Ack
from runfold.contracts.events import StreamChunk
from runfold.contracts.tasks import Task
from runfold.errors import RunfoldError
from runfold.executor.redaction import Redaction

PieceKind = Literal["text", "reasoning", "variable"]
MERGED = 16 * 1024
"""Characters that may wait for the ack of the piece before; more hold the node up."""

log = structlog.get_logger("executor")


class ChunkStream:
    """The chunks of one attempt, in order, numbered, without secrets."""

    def __init__(self, chunks: Chunks, task: Task, redaction: Redaction) -> None:
        self._chunks = chunks
        self._redaction = redaction
        self._first = StreamChunk(
            run_id=task.run_id,
            workflow_id=task.workflow_id,
            node_id=task.node_id,
            scope=task.scope,
            attempt=task.attempt,
            index=0,
        )
        self._index = 0
        self._under_way: asyncio.Future[Ack] | None = None
        self._texts: list[str] = []
        self._size = 0
        self._kind: PieceKind = "text"
        self._name = "output"

    async def send(self, text: str, kind: PieceKind, name: str) -> None:
        """Send a piece of output."""
        if not text:
            return
        if self._texts and (kind != self._kind or name != self._name):
            self._flush(final=False)
        self._kind, self._name = kind, name
        self._texts.append(text)
        self._size += len(text)
        if self._under_way is not None and self._size > MERGED:
            await asyncio.wait((self._under_way,))
        if self._under_way is None or self._under_way.done():
            self._release()

    async def finish(self) -> None:
        """Send what waits, marked as the last piece, when anything was sent at all.

        Returns once it is stored: chunks and events are in two streams, and a viewer shall have
        seen the last piece before it sees the result.
        """
        if self._texts or self._index:
            await asyncio.wait((self._flush(final=True),))

    def abandon(self) -> None:
        """Send nothing more: this attempt no longer counts."""
        self._texts, self._size = [], 0

    def _release(self) -> None:
        """Send what waits, but for the possible beginning of what must not be sent."""
        if not self._redaction:
            self._flush(final=False)
            return
        text = "".join(self._texts)
        held = self._redaction.held_back(text)
        self._texts = [text[: len(text) - held]]
        if self._texts[0]:
            self._flush(final=False)
        self._texts = [text[len(text) - held :]] if held else []
        self._size = held

    def _flush(self, *, final: bool) -> asyncio.Future[Ack]:
        text = self._redaction.piece(self._name, "".join(self._texts))
        self._texts, self._size = [], 0
        chunk = msgspec.structs.replace(
            self._first,
            index=self._index,
            kind=self._kind,
            name=self._name,
            text=text,
            final=final,
        )
        self._index += 1
        sent = self._under_way = asyncio.ensure_future(self._chunks.publish(chunk))
        sent.add_done_callback(self._on_ack)
        return sent

    def _on_ack(self, sent: asyncio.Future[Ack]) -> None:
        if not sent.cancelled() and (error := sent.exception()) is not None:
            if not isinstance(error, RunfoldError):
                raise error
            log.debug("chunk lost", run_id=self._first.run_id, reason=str(error))
        if sent is self._under_way:
            self._under_way = None
            if self._texts:
                self._release()
