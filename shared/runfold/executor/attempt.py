"""One attempt from its task to an outcome or a failure. No bus, no lease: `worker` has those."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import structlog

from runfold.bus.ports.files import Files
from runfold.bus.ports.live import Chunks
from runfold.contracts.json_reader import VALUE
from runfold.contracts.json_writer import write_json
from runfold.contracts.secrecy import KEEPER
from runfold.contracts.tasks import Task
from runfold.errors import Failure, NodeFailed, ReferenceMissing, RunfoldError, Unencodable
from runfold.executor.configuring import configured
from runfold.executor.context import AttemptContext
from runfold.executor.extras import need
from runfold.executor.hooks import Hooks
from runfold.executor.incoming import Aside, BeginAgain, Source
from runfold.executor.node import NodeExecutor, Outcome
from runfold.executor.redaction import Redaction
from runfold.executor.streaming import ChunkStream
from runfold.settings import Settings

log = structlog.get_logger("executor")

NO_HOOKS = Hooks()


async def run_attempt(
    executor: NodeExecutor,
    task: Task,
    settings: Settings,
    chunks: Chunks,
    files: Files,
    source: Source | None = None,
    hooks: Hooks = NO_HOOKS,
    resource: Any = None,
    deliveries: int = 1,
) -> Outcome | Failure:
    """Run a task's attempt; any error but a cancellation comes back as a `Failure`.

    Args:
        executor: The kind and its function.
        task: The attempt.
        settings: The process's.
        chunks: Where pieces of output go.
        files: Where the bytes of files are.
        source: What is read along with. The outcome is there when that has succeeded.
        hooks: What the deployment does around it.
        resource: What the kind's `open` gave.
        deliveries: How often the task was handed out.

    Raises:
        Aside: What is read came to nothing, or nothing is heard of it.
    """
    while True:
        redaction = Redaction()
        stream = ChunkStream(chunks, task, redaction)
        ctx = AttemptContext(task, settings, redaction, stream, files, source, resource)
        ctx.deliveries = deliveries
        beginning = source.beginnings if source else 0
        before = KEEPER.set(redaction)
        try:
            came = await _came_to(executor, task, ctx, hooks, redaction)
            if source is not None:
                await source.end()
        except BeginAgain:
            stream.abandon()
            continue
        except (asyncio.CancelledError, Aside):
            stream.abandon()
            raise
        finally:
            KEEPER.reset(before)
            await ctx.files.close()
        if source is None or _holds(source, beginning):
            await stream.finish()
            return _redacted(came, redaction)
        stream.abandon()


def _holds(source: Source, beginning: int) -> bool:
    try:
        return source.holds(beginning)
    except ReferenceMissing:
        return True  # the node has been told


def _redacted(came: Outcome | Failure, redaction: Redaction) -> Outcome | Failure:
    if not redaction:
        return came
    if isinstance(came, Outcome):
        return msgspec.structs.replace(came, outputs=redaction.json(came.outputs))
    return redaction.failure(came)


async def _came_to(
    executor: NodeExecutor, task: Task, ctx: AttemptContext, hooks: Hooks, redaction: Redaction
) -> Outcome | Failure:
    """What the attempt and the hooks around it come to."""
    try:
        came = await _ended(executor, task, ctx, hooks, redaction)
        if hooks:
            came = await hooks.ended(ctx, came)
            if isinstance(came, Outcome):
                return _checked(executor, task, came)
    except RunfoldError as error:
        return error.failure()
    return came


async def _ended(
    executor: NodeExecutor, task: Task, ctx: AttemptContext, hooks: Hooks, redaction: Redaction
) -> Outcome | Failure:
    try:
        return _checked(executor, task, await _within_time(executor, task, ctx, hooks))
    except RunfoldError as error:
        return error.failure()
    except Aside:
        raise
    except Exception as error:  # noqa: BLE001 -- the shell around foreign code
        return _bug(task, error, redaction)


async def _within_time(
    executor: NodeExecutor, task: Task, ctx: AttemptContext, hooks: Hooks
) -> Any:
    """Run within the timeout, which begins when all input is there."""
    seconds = task.timeout
    if seconds is None:
        return await _run(executor, task, ctx, hooks)
    limit = asyncio.timeout(None)

    def begin() -> None:
        ctx.deadline = asyncio.get_running_loop().time() + seconds
        limit.reschedule(ctx.deadline)

    try:
        async with limit:
            if ctx.source is None:
                begin()
                return await _run(executor, task, ctx, hooks)
            with ctx.source.at_end(begin):
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
    need(executor.kind.extra, f"node {task.node_id!r} of type {executor.kind.type!r}")
    config = dict(task.config)
    if task.source is not None:
        config |= dict.fromkeys(task.source.fields, "")
    ctx.config = await configured(executor.kind, config, ctx.roots)
    if hooks:
        await hooks.before(ctx, task, ctx.config)
    return await executor.run(ctx, ctx.config, task.inputs)


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
    known = executor.kind.ports(task.config)
    for port in {outcome.port, *outcome.ports} - set(known):
        message = f"{task.node_type} node has no port {port!r}; it has {', '.join(known)}"
        raise _output_invalid(message)
    try:
        write_json(outcome.outputs, VALUE)
    except Unencodable as error:
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
