"""`runfold.executor.node.NodeContext` for a task of the bus: what a running attempt is given."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Collection, Mapping
from typing import Any

import structlog

from runfold.bus.ports.files import Files
from runfold.contracts.tasks import Task
from runfold.executor.files import AttemptFiles
from runfold.executor.incoming import Source
from runfold.executor.redaction import Redaction
from runfold.executor.roots import Roots, Secrets
from runfold.executor.streaming import ChunkStream, PieceKind
from runfold.ids import address_of, attempt_id
from runfold.settings import Settings
from runfold.values.json_text import text_of

log = structlog.get_logger("node")


class AttemptContext:
    """One attempt's context. Made for every task, so it makes only what every task needs."""

    def __init__(
        self,
        task: Task,
        settings: Settings,
        redaction: Redaction,
        chunks: ChunkStream,
        files: Files,
        source: Source | None = None,
        resource: Any = None,
    ) -> None:
        self.run_id = task.run_id
        self.workflow_id = task.workflow_id
        self.node_id = task.node_id
        self.scope = task.scope
        self.attempt = task.attempt
        self.user_id = task.user_id
        self.conversation_id = task.conversation_id
        self.profile = task.profile
        self.backup = task.backup
        self.idempotency_key = attempt_id(
            task.run_id, address_of(task.scope, task.node_id), task.attempt
        )
        self.deliveries = 1
        self.deadline: float | None = None
        self.settings = settings
        self.resource = resource
        self._redaction = redaction
        self._secrets = Secrets(settings, redaction)
        self._chunks = chunks
        self.files = AttemptFiles(files, settings)
        self.source = source
        """What is read along with, if anything."""
        self._reads = frozenset(task.source.fields if task.source else ())
        self.config: Any = None
        """The configuration, once it is rendered."""
        self.roots = Roots(task, self._secrets)

    async def stream(self, text: str, *, kind: PieceKind = "text", name: str = "output") -> None:
        """Send a piece of output to viewers."""
        await self._chunks.send(text, kind, name)

    async def incoming(self, field: str) -> AsyncIterator[str]:
        """The text of a configuration field as it is being written."""
        if self.source is not None and field in self._reads:
            async for piece in self.source.pieces(field):
                yield piece
        elif text := text_of(getattr(self.config, field)):
            yield text

    def secret(self, name: str) -> str:
        """A secret's value by name. Raises `NodeFailed` when it is not set."""
        return self._secrets.needed(name)

    def redact(self, patterns: Mapping[str, re.Pattern[str]], names: Collection[str] = ()) -> None:
        """Take out of all that leaves what patterns find, and the values of fields so named."""
        self._redaction.look_for(patterns, names)

    def redacted(self, value: Any) -> Any:
        """A JSON value without secrets, and without what is to be redacted."""
        return self._redaction.json(value)

    def log(self, message: str, **fields: Any) -> None:
        """Log with run, node and attempt bound."""
        log.info(
            self._redaction.text(message),
            run_id=self.run_id,
            node_id=self.node_id,
            scope=self.scope,
            attempt=self.attempt,
            **self._redaction.json(fields),
        )
