"""The hook `payload_log`: what goes into each attempt and what comes out, in the log.

Secrets are masked, as is what `redaction` replaces when it is named before this one. Each payload
is cut at `RUNFOLD_PAYLOAD_LOG_BYTES`.
"""

from __future__ import annotations

from typing import Any

import msgspec
import structlog

from runfold.contracts.codec import encode
from runfold.contracts.tasks import Task
from runfold.errors import Failure
from runfold.executor.hooks import Hook, HookContext
from runfold.executor.node import Outcome
from runfold.settings import Settings

log = structlog.get_logger("payload")


class PayloadLog(Hook):
    """Writes a line before and after each attempt.

    Args:
        settings: `payload_log_bytes` is the longest that a payload may be.
    """

    def __init__(self, settings: Settings) -> None:
        self._longest = settings.payload_log_bytes

    async def before(self, ctx: HookContext, task: Task, config: Any) -> None:
        """What goes in."""
        plain = msgspec.to_builtins(config, enc_hook=repr)
        self._write(ctx, "attempt begins", task.node_type, config=plain, inputs=task.inputs)

    async def after(self, ctx: HookContext, outcome: Outcome) -> Outcome:
        """What comes out."""
        self._write(ctx, "attempt succeeded", outputs=outcome.outputs, port=outcome.port)
        return outcome

    async def on_error(self, ctx: HookContext, failure: Failure) -> Failure:
        """What it failed with."""
        self._write(ctx, "attempt failed", error=msgspec.to_builtins(failure))
        return failure

    def _write(self, ctx: HookContext, event: str, node_type: str = "", **payloads: Any) -> None:
        about = {"node_type": node_type} if node_type else {}
        log.info(
            event,
            run_id=ctx.run_id,
            node_id=ctx.node_id,
            scope=ctx.scope,
            attempt=ctx.attempt,
            **about,
            **{name: self._cut(ctx.redacted(value)) for name, value in payloads.items()},
        )

    def _cut(self, value: Any) -> Any:
        """The value, or the beginning of its JSON and its size."""
        # Redacted before it is cut: half a secret would not be found any more.
        body = encode(value)
        if len(body) <= self._longest:
            return value
        kept = body[: self._longest].decode(errors="ignore")
        return f"{kept}… ({len(body)} bytes)"
