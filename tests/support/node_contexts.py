"""A node context that remembers what was streamed and logged."""

from __future__ import annotations

from typing import Any, Literal

from runfold.bus.memory.bus import MemoryBus
from runfold.bus.memory.files import MemoryFiles
from runfold.errors import NodeFailed
from runfold.executor.files import AttemptFiles
from runfold.executor.node import NodeExecutor, Outcome
from runfold.executor.resources import opened_for
from runfold.settings import Settings


class RecordingContext:
    """What a node's function is given, outside any service."""

    def __init__(self, settings: Settings | None = None, **secrets: str) -> None:
        self.run_id = "run-1"
        self.workflow_id = "flow"
        self.node_id = "node"
        self.scope = ""
        self.attempt = 1
        self.profile = ""
        self.backup = False
        self.idempotency_key = "run-1:node:1"
        self.deliveries = 1
        self.deadline: float | None = None
        self.settings = settings or Settings()
        self.resource: Any = None
        self.stored = MemoryFiles()
        self.files = AttemptFiles(self.stored, self.settings)
        self.secrets = secrets
        self.streamed: list[tuple[str, str, str]] = []
        self.logged: list[tuple[str, dict[str, Any]]] = []

    async def stream(
        self,
        text: str,
        *,
        kind: Literal["text", "reasoning", "variable"] = "text",
        name: str = "output",
    ) -> None:
        self.streamed.append((kind, name, text))

    def secret(self, name: str) -> str:
        if name not in self.secrets:
            message = f"secret {name!r} is not set"
            raise NodeFailed(message, code="secret.missing", kind="input")
        return self.secrets[name]

    def log(self, message: str, **fields: Any) -> None:
        self.logged.append((message, fields))


async def attempted(node: NodeExecutor, ctx: RecordingContext, config: Any) -> Outcome:
    """One attempt, with a resource of its own unless the context has one."""
    if ctx.resource is not None:
        return await node.run(ctx, config, {})
    try:
        async with opened_for(node, ctx.settings, MemoryBus(ctx.settings)) as ctx.resource:
            return await node.run(ctx, config, {})
    finally:
        ctx.resource = None  # closed: another attempt opens its own
