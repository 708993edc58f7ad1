"""Conditions written as Python text, for `condition` and `selector` nodes.

Structured conditions among them are evaluated as the scheduler would; an outcome has the same
shape as the scheduler's own.
"""

from __future__ import annotations

from typing import Any

import msgspec

from runfold.errors import ExpressionFailed, ReferenceMissing, RunfoldError
from runfold.executor.node import NodeContext, Outcome
from runfold.graph.selecting import chosen, in_order, needs_all
from runfold.ids import address_of
from runfold.values.conditions import evaluate
from runfold.values.expressions import Expression, Form, parse_expression
from runfold.values.json_text import text_of
from runfold.values.operators import boolean_of, number_of
from runfold.values.paths import BY_NAME, Lookup, lookup_in, resolve
from runfold.values.profiles import rules_of
from runfold_executor_code.code import asker_of, limits_of
from runfold_executor_code.sandbox import Program, ProgramFailed

_LOOKUP_ERRORS = frozenset(("KeyError", "IndexError", "TypeError", "AttributeError"))


async def run_condition(ctx: NodeContext, config: Any, inputs: dict[str, Any]) -> Outcome:
    """The port `true` or `false`."""
    condition = msgspec.to_builtins(config)["condition"]
    result = await holds(ctx, condition, inputs)
    port = "true" if result else "false"
    return Outcome({"result": result, "branch": port, "output": result}, port=port)


async def run_selector(ctx: NodeContext, config: Any, inputs: dict[str, Any]) -> Outcome:
    """The ports of the branches that are taken."""
    written = msgspec.to_builtins(config)
    strategy = written.get("strategy", "first_match")
    holding = []
    for branch in in_order(written["branches"]):
        if await holds(ctx, branch.get("condition", True), inputs):
            holding.append(branch)
            if not needs_all(strategy):
                break
    ports = chosen(strategy, holding, f"{ctx.run_id}:{address_of(ctx.scope, ctx.node_id)}")
    if len(ports) == 1:
        return Outcome({"branch": ports[0], "output": ports[0]}, port=ports[0])
    return Outcome({"branch": ports[0], "output": list(ports)}, port=ports[0], ports=ports)


async def holds(ctx: NodeContext, condition: Any, inputs: dict[str, Any]) -> bool:
    """Whether a condition of either form holds.

    Raises:
        ReferenceMissing: When a value that an expression names does not exist.
        ExpressionFailed: When the expression is wrong or fails; `details` has `expression`.
    """
    if not isinstance(condition, str):
        return evaluate(condition, lookup_in(inputs), ctx.profile)
    rules = rules_of(ctx.profile)
    if rules is None or not rules.lenient:
        return await _is_true(ctx, condition, inputs)
    try:
        return await _is_true(ctx, condition, inputs)
    except (ReferenceMissing, ExpressionFailed):
        return False


async def _is_true(ctx: NodeContext, condition: str, inputs: dict[str, Any]) -> bool:
    """Whether an expression holds."""
    try:
        expression = parse_expression(condition)
        names = _names(expression, inputs)
        program = Program(f"bool({expression.source})", names)
        result = await ctx.resource.run(program, limits_of(ctx.settings.code), asker_of(ctx))
    except ReferenceMissing as error:
        raise _located(error, ctx, condition) from error
    except ProgramFailed as error:
        raise _failed(error, ctx, condition, inputs) from error
    return bool(result.value)


def _names(expression: Expression, inputs: dict[str, Any]) -> dict[str, Any]:
    """The values an expression is given: whole roots by name, and one for each `{{…}}`."""
    lookup = lookup_in(inputs)
    for ref in expression.refs:
        if ref.root not in inputs:
            resolve(ref, lookup)
    names: dict[str, Any] = {root: inputs[root] for root in expression.roots}
    if expression.named:
        names[BY_NAME] = {root: inputs[root] for root in expression.named}
    for name, (ref, form) in expression.variables.items():
        names[name] = _formed(resolve(ref, lookup), form)
    return names


def _formed(value: Any, form: Form) -> Any:
    if form == "text":
        return text_of(value)
    if form == "number":
        number = number_of(value)
        return value if number is None else number
    if form == "boolean":
        truth = boolean_of(value)
        return value if truth is None else truth
    return value


def _located(error: RunfoldError, ctx: NodeContext, condition: str) -> ReferenceMissing:
    message = f"node {ctx.node_id!r}: condition {condition!r}: {error.message}"
    details = {**error.details, "node": ctx.node_id, "expression": condition}
    return ReferenceMissing(message, details=details)


def _failed(
    error: ProgramFailed, ctx: NodeContext, condition: str, inputs: dict[str, Any]
) -> RunfoldError:
    if error.exception in _LOOKUP_ERRORS:
        missing = _first_missing(parse_expression(condition), lookup_in(inputs))
        if missing is not None:
            return _located(missing, ctx, condition)
    message = f"node {ctx.node_id!r}: condition {condition!r} failed: {error.message}"
    return ExpressionFailed(
        message,
        kind="timeout" if error.reason == "timeout" else None,
        retryable=error.reason == "crashed",
        details={"node": ctx.node_id, "expression": condition, "error": error.message},
    )


def _first_missing(expression: Expression, lookup: Lookup) -> ReferenceMissing | None:
    for ref in expression.refs:
        try:
            resolve(ref, lookup)
        except ReferenceMissing as error:
            return error
    return None
