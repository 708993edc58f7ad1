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
from runfold.executor.node import NodeExecutor, Outcome
from runfold.executor.redaction import Redaction
from runfold.executor.streaming import ChunkStream
from runfold.graph.definition import OUT
from runfold.settings import Settings

log = structlog.get_logger("executor")

UNENCODABLE = (TypeError, ValueError, OverflowError, RecursionError, msgspec.MsgspecError)


async def run_attempt(
    executor: NodeExecutor, task: Task, settings: Settings, chunks: Chunks
) -> Outcome | Failure:
    """Run a task's attempt; whatever it raises but a cancellation comes back as a `Failure`."""
    redaction = Redaction()
    stream = ChunkStream(chunks, task, redaction)
    came: Outcome | Failure
    try:
        outcome = await _within_time(executor, task, settings, redaction, stream)
        came = _checked(executor, task, outcome, redaction)
    except RunfoldError as error:
        came = redaction.failure(error.failure())
    except Exception as error:  # noqa: BLE001 -- the shell around foreign code
        came = redaction.failure(_bug(task, error, redaction))
    except asyncio.CancelledError:
        stream.abandon()
        raise
    await stream.finish()
    return came


async def _within_time(
    executor: NodeExecutor,
    task: Task,
    settings: Settings,
    redaction: Redaction,
    stream: ChunkStream,
) -> Any:
    seconds = task.timeout
    if seconds is None:
        return await _run(executor, task, AttemptContext(task, settings, redaction, stream, None))
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            ctx = AttemptContext(task, settings, redaction, stream, limit.when())
            return await _run(executor, task, ctx)
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


async def _run(executor: NodeExecutor, task: Task, ctx: AttemptContext) -> Any:
    config = configured(executor.kind, task.config, ctx.roots)
    return await executor.run(ctx, config, task.inputs)


def _checked(executor: NodeExecutor, task: Task, outcome: Any, redaction: Redaction) -> Outcome:
    """The outcome, when it is one that the log can hold.

    Raises:
        NodeFailed: `output.invalid`.
    """
    if not isinstance(outcome, Outcome) or not isinstance(outcome.outputs, dict):
        found = outcome.outputs if isinstance(outcome, Outcome) else outcome
        what = "outputs of" if isinstance(outcome, Outcome) else "an Outcome, not"
        message = f"{task.node_type} node gave {what} {type(found).__name__}"
        raise _output_invalid(message)
    known = executor.kind.ports(task.config)
    for port in {outcome.port, *outcome.ports} - {OUT, *known}:
        message = f"{task.node_type} node has no port {port!r}; it has {', '.join(known)}"
        raise _output_invalid(message)
    try:
        encode(outcome.outputs)
    except UNENCODABLE as error:
        message = f"{task.node_type} node gave outputs that are not JSON values: {error}"
        raise _output_invalid(message) from error
    if redaction:
        return msgspec.structs.replace(outcome, outputs=redaction.json(outcome.outputs))
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
