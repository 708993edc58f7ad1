"""`code` nodes: both styles of program, their outputs checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runfold.errors import FailureKind, NodeFailed
from runfold.executor.node import NodeContext, Outcome
from runfold.graph.kinds.code import CodeConfig, type_of
from runfold.isolated.pool import Threads
from runfold.isolated.turns import Asker
from runfold.settings import CodeSettings
from runfold.values.profiles import rules_of
from runfold.values.types import kind_name, matches
from runfold_executor_code.plain import plain
from runfold_executor_code.programs import RESULT, program_of
from runfold_executor_code.sandbox import Limits, ProgramFailed

_threads = Threads(4, "code")

_FAILURES: dict[str, tuple[str, FailureKind, bool]] = {
    "timeout": ("code.timeout", "timeout", False),
    "memory": ("code.memory", "limit", False),
    "error": ("code.error", "code", False),
    "output": ("code.output_invalid", "output", False),
    "unavailable": ("code.runtime_unavailable", "code", False),
    # Not the program's doing as far as anyone knows: another worker may well manage.
    "crashed": ("code.crashed", "internal", True),
}
"""Reason → code, kind, retryable. The same program with the same values fails the same way."""


async def run_code(ctx: NodeContext, config: CodeConfig, inputs: dict[str, Any]) -> Outcome:
    """Run the program and give its outputs.

    Raises:
        NodeFailed: `code.timeout`, `code.memory`, `code.error`, `code.crashed` or
            `code.output_invalid`, or `code.too_complex` or `code.runtime_unavailable` for a
            program that is not run.
    """
    settings = ctx.settings.code
    program = await _threads.run(program_of, config, inputs, ctx.profile)
    try:
        result = await ctx.resource.run(program, limits_of(settings, config), asker_of(ctx))
    except ProgramFailed as error:
        _log_printed(ctx, error.printed)
        raise failed_program(error, config.code) from error
    _log_printed(ctx, result.printed)
    # In a thread: a large value takes its time, and others are not to wait for it.
    value = await _threads.run(plain, result.value, settings.max_output_bytes)
    return Outcome(_outputs(value, config.outputs, ctx.profile, is_main=result.is_main))


def _log_printed(ctx: NodeContext, text: str) -> None:
    if text:
        ctx.log("code printed", text=text)


def asker_of(ctx: NodeContext) -> Asker:
    """Whose turn at a worker it is."""
    return ctx.workflow_id, ctx.run_id


def limits_of(settings: CodeSettings, config: CodeConfig | None = None) -> Limits:
    """The service's limits, or tighter ones that a node asks for."""
    seconds, memory = settings.timeout, settings.memory_bytes
    if config is not None and config.runtime == "full":
        memory = settings.full_memory_bytes
    if config is not None and config.timeout is not None:
        seconds = min(seconds, config.timeout)
    if config is not None and config.memory_mb is not None:
        memory = min(memory, config.memory_mb * 1024 * 1024)
    return Limits(seconds, memory, settings.max_output_bytes)


def failed_program(error: ProgramFailed, code: str) -> NodeFailed:
    """How a program that ended without a value fails its node."""
    name, kind, retryable = _FAILURES[error.reason]
    details: dict[str, Any] = {}
    message = error.message
    if error.exception:
        details["exception"] = error.exception
    if error.line is not None and error.line <= code.count("\n") + 1:
        message = f"line {error.line}: {message}"
        details["line"] = error.line
        if error.source_line:
            message = f"{message} (in `{error.source_line}`)"
    elif error.exception == "NameError" and f"'{RESULT}'" in message:
        message = "the code came to its end without setting `result`"
        return NodeFailed(message, code="code.output_invalid", kind="output")
    return NodeFailed(message, code=name, kind=kind, retryable=retryable, details=details)


def _outputs(
    value: Any, declared: Mapping[str, Any], profile: str, *, is_main: bool
) -> dict[str, Any]:
    if is_main and not isinstance(value, dict):
        message = f"main(params) returned {kind_name(value)}: it must return an object"
        raise NodeFailed(message, code="code.output_invalid", kind="output")
    rules = rules_of(profile)
    if is_main and declared and rules is not None and rules.outputs is not None:
        return rules.outputs(value, declared)
    if not declared:
        return value if is_main else {"output": value}
    given = value if isinstance(value, dict) else {"output": value}
    problems = [
        f"output {name!r} is missing"
        if name not in given
        else f"output {name!r} is {kind_name(given[name])}, declared as {type_of(declared[name])}"
        for name in declared
        if name not in given or not matches(given[name], type_of(declared[name]))
    ]
    if problems:
        message = f"{'; '.join(problems)}; the code gave {', '.join(given) or 'nothing'}"
        details = {"declared": dict(declared)}
        raise NodeFailed(message, code="code.output_invalid", kind="output", details=details)
    kept = {name: given[name] for name in declared}
    return kept if is_main else {"output": value, **kept}
