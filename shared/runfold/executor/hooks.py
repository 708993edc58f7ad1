"""Hooks: what a deployment does around each attempt, before, after and on failure.

    class Stamp(Hook):
        async def after(self, ctx: HookContext, outcome: Outcome) -> Outcome:
            return msgspec.structs.replace(outcome, outputs={**outcome.outputs, "by": "us"})

Named in `RUNFOLD_HOOKS`, they run in that order; each sees what those before it made of the
attempt.
"""

from __future__ import annotations

import asyncio
import importlib
import re
from collections.abc import Awaitable, Collection, Mapping
from typing import Any, Protocol, TypeVar

import structlog

from runfold.contracts.tasks import Task
from runfold.errors import ConfigurationError, Failure, NodeFailed
from runfold.executor.node import NodeContext, Outcome
from runfold.settings import Settings, listed

T = TypeVar("T")

LONGEST = 30.0
"""Seconds that one call of a hook may take."""
STAGES = ("before", "after", "on_error")
_SHIPPED = {
    "redaction": "runfold.executor.redaction_hook:Redacting",
    "payload_log": "runfold.executor.payload_log:PayloadLog",
}

log = structlog.get_logger("executor")


class HookContext(NodeContext, Protocol):
    """What a hook is given: a node's context, and a say in what leaves the executor."""

    def redact(self, patterns: Mapping[str, re.Pattern[str]], names: Collection[str] = ()) -> None:
        """Take what the patterns find, and fields so named, out of all that leaves from now on."""

    def redacted(self, value: Any) -> Any:
        """A JSON value without secrets, and without what is to be redacted."""


class Hook(Protocol):
    """Any of these; subclass it to get the others."""

    async def before(self, ctx: HookContext, task: Task, config: Any) -> None:
        """The attempt is about to run with this configuration, rendered and checked."""

    async def after(self, ctx: HookContext, outcome: Outcome) -> Outcome:  # noqa: ARG002
        """The attempt succeeded; what it came to instead, or the same."""
        return outcome

    async def on_error(self, ctx: HookContext, failure: Failure) -> Failure | Outcome:  # noqa: ARG002
        """The attempt failed; another failure, an outcome that makes it a success, or the same."""
        return failure


class Hooks:
    """The hooks of one process, in order.

    Args:
        hooks: Each with the name that failures and logs call it by.
    """

    def __init__(self, hooks: Mapping[str, Any] | None = None) -> None:
        self._hooks = tuple((hooks or {}).items())

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._hooks)

    async def before(self, ctx: HookContext, task: Task, config: Any) -> None:
        """Call all that want to know. Raises `NodeFailed`."""
        for name, hook in self._hooks:
            if (call := getattr(hook, "before", None)) is not None:
                await _called(name, "before", ctx, call(ctx, task, config))

    async def ended(self, ctx: HookContext, came: Outcome | Failure) -> Outcome | Failure:
        """What the hooks make of what an attempt came to."""
        for name, hook in self._hooks:
            stage = "after" if isinstance(came, Outcome) else "on_error"
            call = getattr(hook, stage, None)
            if call is None:
                continue
            try:
                made = await _called(name, stage, ctx, call(ctx, came))
                came = _fit(name, stage, made)
            except NodeFailed as error:
                came = error.failure()
        return came


def load_hooks(settings: Settings) -> Hooks:
    """The hooks that the settings name.

    Raises:
        ConfigurationError: When one cannot be imported or is no hook.
    """
    return Hooks({name: _loaded(name, settings) for name in listed(settings.hooks)})


def _loaded(name: str, settings: Settings) -> Any:
    where, _, attribute = _SHIPPED.get(name, name).partition(":")
    if not attribute:
        message = (
            f"RUNFOLD_HOOKS: {name!r} is neither a shipped hook ({', '.join(_SHIPPED)}) "
            "nor module:attribute"
        )
        raise ConfigurationError(message, code="hooks.unknown")
    try:
        hook = getattr(importlib.import_module(where), attribute)
    except (ImportError, AttributeError) as error:
        message = f"RUNFOLD_HOOKS: cannot import {name!r}: {error}"
        raise ConfigurationError(message, code="hooks.import") from error
    if name in _SHIPPED:
        return hook(settings)
    if isinstance(hook, type):
        hook = hook()
    if not any(callable(getattr(hook, stage, None)) for stage in STAGES):
        message = f"RUNFOLD_HOOKS: {name!r} has none of {', '.join(STAGES)}"
        raise ConfigurationError(message, code="hooks.empty")
    return hook


async def _called(name: str, stage: str, ctx: HookContext, call: Awaitable[T]) -> T:
    """The answer of a hook; what it raises but a `NodeFailed` of its own is `hook.failed`."""
    limit = asyncio.timeout(LONGEST)
    try:
        async with limit:
            return await call
    except NodeFailed:
        raise
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        if limit.expired():
            reason = f"it took longer than {LONGEST:g} s"
        # Without its traceback, which could show what is to be redacted.
        log.error(  # noqa: TRY400
            "hook failed",
            hook=name,
            stage=stage,
            run_id=ctx.run_id,
            node_id=ctx.node_id,
            reason=ctx.redacted(reason),
        )
        raise _failed(name, stage, f"at node {ctx.node_id!r}: {reason}") from error


def _fit(name: str, stage: str, made: Any) -> Outcome | Failure:
    if isinstance(made, Outcome) or (stage == "on_error" and isinstance(made, Failure)):
        return made
    wanted = "an Outcome" if stage == "after" else "a Failure or an Outcome"
    raise _failed(name, stage, f"it must return {wanted}, not {type(made).__name__}")


def _failed(name: str, stage: str, reason: str) -> NodeFailed:
    return NodeFailed(
        f"hook {name!r} failed in {stage}: {reason}",
        code="hook.failed",
        details={"hook": name, "stage": stage},
    )
