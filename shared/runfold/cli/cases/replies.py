"""Executors that give what a case scripts, and note what nodes gave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from runfold.cases.document import KEPT, Reply
from runfold.errors import NodeFailed
from runfold.executor.node import NodeContext, NodeExecutor, Outcome
from runfold.graph.definition import OUT
from runfold.ids import address_of


class Replies:
    """The replies of the case that is being run; wraps every executor of the system."""

    def __init__(self) -> None:
        self._left: dict[str, list[Reply]] = {}
        self.given: dict[str, list[Reply]] = {}
        """Node → what it gave by itself, in turn; of groups whose nodes may give something else."""

    def script(self, replies: Mapping[str, Sequence[Reply]]) -> None:
        """Begin a case."""
        self._left = {node: list(reversed(given)) for node, given in replies.items()}
        self.given = {}

    def wrap(self, executor: NodeExecutor) -> NodeExecutor:
        """The executor, which asks here first."""

        async def run(ctx: NodeContext, config: Any, inputs: dict[str, Any]) -> Outcome:
            reply = self._next(ctx)
            if reply is not None:
                return _given(reply, ctx)
            outcome = await executor.run(ctx, config, inputs)
            if executor.kind.group not in KEPT:
                port = "" if outcome.port == OUT else outcome.port
                self.given.setdefault(ctx.node_id, []).append(Reply(outcome.outputs, port))
            return outcome

        return replace(executor, run=run)

    def _next(self, ctx: NodeContext) -> Reply | None:
        for name in (address_of(ctx.scope, ctx.node_id), ctx.node_id):
            left = self._left.get(name)
            if left:
                return left.pop() if len(left) > 1 else left[0]
        return None


def _given(reply: Reply, ctx: NodeContext) -> Outcome:
    if reply.error is None:
        return Outcome(reply.outputs, port=reply.port or OUT)
    error = reply.error
    message = f"node {ctx.node_id!r}: {error.message}"
    raise NodeFailed(message, code=error.code, kind=error.kind, retryable=error.retryable)
