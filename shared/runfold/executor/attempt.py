"""One attempt from its task to an outcome or a failure. No bus, no lease: `worker` has those."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import structlog

from runfold.bus.ports import Chunks
from runfold.contracts.codec import encode
from runfold.contracts.tasks import Task
from runfold.errors import Failure, NodeFailed, RunfoldError
from runfold.executor.configuring import configured
from runfold.executor.context import AttemptContext
from runfold.executor.hooks import Hooks
from runfold.executor.node import NodeExecutor, Outcome
from runfold.executor.redaction import Redaction
from runfold.executor.streaming import ChunkStream
from runfold.graph.definition import OUT
from runfold.settings import Settings

log = structlog.get_logger("executor")

UNENCODABLE = (TypeError, ValueError, OverflowError, RecursionError, msgspec.MsgspecError)


NO_HOOKS = Hooks()


async def run_attempt(
    executor: NodeExecutor,
    task: Task,
    settings: Settings,
    chunks: Chunks,
    hooks: Hooks = NO_HOOKS,
) -> Outcome | Failure:
    """Run a task's attempt; whatever it raises but a cancellation comes back as a `Failure`."""
    redaction = Redaction()
    stream = ChunkStream(chunks, task, redaction)
    ctx = AttemptContext(task, settings, redaction, stream)
    try:
        came = await _ended(executor, task, ctx, hooks, redaction)
        if hooks:
            came = await hooks.ended(ctx, came)
            if isinstance(came, Outcome):
                came = _checked(executor, task, came)
    except RunfoldError as error:
        came = error.failure()
    except asyncio.CancelledError:
        stream.abandon()
        raise
    await stream.finish()
    if not redaction:
        return came
    if isinstance(came, Outcome):
        return msgspec.structs.replace(came, outputs=redaction.json(came.outputs))
    return redaction.failure(came)


async def _ended(
    executor: NodeExecutor, task: Task, ctx: AttemptContext, hooks: Hooks, redaction: Redaction
) -> Outcome | Failure:
    try:
        return _checked(executor, task, await _within_time(executor, task, ctx, hooks))
    except RunfoldError as error:
        return error.failure()
    except Exception as error:  # noqa: BLE001 -- the shell around foreign code
        return _bug(task, error, redaction)


async def _within_time(
    executor: NodeExecutor, task: Task, ctx: AttemptContext, hooks: Hooks
) -> Any:
    seconds = task.timeout
    if seconds is None:
        return await _run(executor, task, ctx, hooks)
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            ctx.deadline = limit.when()
            return await _run(executor, task, ctx, hooks)
    except TimeoutError as error:
        if not limit.expired():
            raise
        message = f"node {task.node_id!r} was cut off after its timeout of {seconds:g} s"
        raise NodeFailed(
            message,
            code="node.timeout",
            kind="timeout",
            retryable=True,
            details={"timeout": seconds},
        ) from error


async def _run(executor: NodeExecutor, task: Task, ctx: AttemptContext, hooks: Hooks) -> Any:
    config = configured(executor.kind, task.config, ctx.roots)
    if hooks:
        await hooks.before(ctx, task, config)
    return await executor.run(ctx, config, task.inputs)


def _checked(executor: NodeExecutor, task: Task, outcome: Any) -> Outcome:
    """The outcome, when it is one that the log can hold.

    Raises:
        NodeFailed: `output.invalid`.
    """
    if not isinstance(outcome, Outcome) or not isinstance(outcome.outputs, dict):
        found = outcome.outputs if isinstance(outcome, Outcome) else outcome
        what = "outputs of" if isinstance(outcome, Outcome) else "an Outcome, not"
        message = f"{task.node_type} node gave {what} {type(found).__name__}"
        raise _output_invalid(message)
    if outcome.port != OUT and outcome.port not in executor.kind.ports(task.config):
        ports = ", ".join(executor.kind.ports(task.config))
        message = f"{task.node_type} node has no port {outcome.port!r}; it has {ports}"
        raise _output_invalid(message)
    try:
        encode(outcome.outputs)
    except UNENCODABLE as error:
        message = f"{task.node_type} node gave outputs that are not JSON values: {error}"
        raise _output_invalid(message) from error
    return outcome


def _output_invalid(message: str) -> NodeFailed:
    return NodeFailed(message, code="output.invalid", kind="output")


def _bug(task: Task, error: Exception, redaction: Redaction) -> Failure:
    log.error(
        "node raised something unforeseen",
        run_id=task.run_id,
        node_id=task.node_id,
        node_type=task.node_type,
        attempt=task.attempt,
        error=redaction.text(repr(error)),
        # With secrets in play the traceback's text could show them.
        exc_info=None if redaction else error,
    )
    return Failure(code="internal", kind="internal", message=f"{type(error).__name__}: {error}")
