"""From an `items` node's configuration to its outcome."""

from __future__ import annotations

import time
from typing import Any

import msgspec
from msgspec.structs import replace

from runfold.errors import NodeFailed
from runfold.executor.node import NodeContext, Outcome
from runfold.graph.item_ports import output_count
from runfold.graph.kinds.items import ItemsConfig
from runfold.isolated.pool import Threads
from runfold_executor_code.code import asker_of, failed_program, limits_of
from runfold_executor_code.items.arrivals import others_of, run_of, runs_of
from runfold_executor_code.items.javascript_values import MISSING
from runfold_executor_code.items.operations import OPERATIONS, no_op, resolve
from runfold_executor_code.items.operations.collect import results_between
from runfold_executor_code.items.operations.set_ import TYPED
from runfold_executor_code.items.preparing import prepared, with_bytes
from runfold_executor_code.items.programs import PROGRAMS, run_program
from runfold_executor_code.items.reading import Input, arrivals_of, first_items
from runfold_executor_code.items.resolving import (
    Values,
    expressions_of,
    has_expressions,
    resolved,
)
from runfold_executor_code.items.running import data_of, program_of
from runfold_executor_code.items.settling import Settled, outcome, settled
from runfold_executor_code.items.step import (
    Failed,
    ItemFailed,
    Made,
    Operation,
    Resolved,
    Step,
    StepFailed,
)
from runfold_executor_code.sandbox import ProgramFailed

_threads = Threads(4, "items")
RESOLVE = "resolve"
"""The operation that gives parameters beside its items: native nodes after it do the work."""
_VALUES = msgspec.json.Decoder(list[Values])


async def run_items(ctx: NodeContext, config: ItemsConfig, _inputs: dict[str, Any]) -> Outcome:
    """Do the operation and give its items.

    Raises:
        NodeFailed: `items.operation` for one that there is not, `items.failed` for one that fails,
            `code.…` for expressions that take too long or too much memory.
    """
    config = prepared(config)
    operation = resolve.run if config.operation == RESOLVE else OPERATIONS.get(config.operation)
    if operation is None and config.operation not in PROGRAMS:
        known = ", ".join(sorted({*OPERATIONS, *PROGRAMS, RESOLVE}))
        message = f"there is no operation {config.operation!r}: known are {known}"
        raise NodeFailed(message, code="items.operation", kind="code")
    arrivals = arrivals_of(config.inputs)
    runs = runs_of(config, arrivals)
    count = output_count(msgspec.to_builtins(config))
    given: list[Settled] = []
    place = 0
    for inputs in runs:
        of_run = _of_run(config, inputs, place) if len(runs) > 1 else config
        given.append(await _ran(ctx, of_run, operation, inputs, count, given))
        place += len(inputs[0].items)
    return await _threads.run(outcome, given, count)


def _of_run(config: ItemsConfig, inputs: tuple[Input, ...], place: int) -> ItemsConfig:
    """The configuration of one of several runs.

    Args:
        config: That of the step.
        inputs: What comes in at this run.
        place: How many items came to the runs before it.
    """
    return replace(
        config,
        others=others_of(config.others, run_of(inputs)),
        results=results_between(config.results, place, place + len(inputs[0].items)),
    )


async def _ran(
    ctx: NodeContext,
    config: ItemsConfig,
    operation: Operation | None,
    inputs: tuple[Input, ...],
    count: int,
    before: list[Settled],
) -> Settled:
    """Do the operation once."""
    inputs = first_items(inputs) if config.settings.execute_once else inputs
    inputs = await with_bytes(ctx, config.operation, inputs)
    now = time.time() * 1000
    data = data_of(config, inputs, ctx.run_id, now)
    data["run_index"] += len(before)
    step = _step(config, inputs, await _resolved(ctx, config, data), data)
    try:
        if operation is None:
            made = await run_program(ctx, config, step, data)
        else:
            made = await _threads.run(operation, step)
    except (ItemFailed, StepFailed) as error:
        made = _after(error, step)
    return await _threads.run(settled, step, made, inputs, count, run_of(inputs), before)


def _step(
    config: ItemsConfig, inputs: tuple[Input, ...], found: Resolved, data: dict[str, Any]
) -> Step:
    return Step(
        operation=config.operation,
        version=config.version,
        node=config.node,
        parameters=config.parameters,
        resolved=found,
        inputs=tuple(one.items for one in inputs),
        links=tuple(one.links for one in inputs),
        settings=config.settings,
        results=config.results,
        state=config.state,
        run_index=config.run_index,
        timezone=data["timezone"],
        now=data["now"],
    )


async def _resolved(ctx: NodeContext, config: ItemsConfig, data: dict[str, Any]) -> Resolved:
    count = max(1, len(data["items"]))
    if config.operation in PROGRAMS or not has_expressions(config.parameters):
        return (config.parameters,) * count
    expressions = expressions_of(config.parameters)
    values: dict[str, Values] = {}
    if expressions.parts:
        given = {
            **data,
            "count": count,
            "expressions": list(expressions.parts.values()),
            "texts": expressions.parts,
        }
        program = await _threads.run(program_of, "", tuple(expressions.texts()), given)
        try:
            result = await ctx.resource.run(program, limits_of(ctx.settings.code), asker_of(ctx))
        except ProgramFailed as error:
            raise failed_program(error, "") from error
        values = dict(zip(expressions.parts, _VALUES.decode(result.value), strict=True))
    # Only the old versions of Set tell a field that is undefined from one that is null.
    is_told = config.operation == "set" and config.version < TYPED
    undefined = MISSING if is_told else None
    return await _threads.run(resolved, config.parameters, expressions, values, count, undefined)


def _after(error: ItemFailed | StepFailed, step: Step) -> list[list[Made]]:
    """What goes on after an error of the whole step: its input, or all of it as errors.

    Raises:
        NodeFailed: Where the node does not go on.
    """
    if not step.goes_on:
        where = f"item {error.index}: " if isinstance(error, ItemFailed) else ""
        message = f"{step.operation}: {where}{error}"
        raise NodeFailed(message, code="items.failed", kind="code") from error
    step.failed.clear()
    if step.settings.on_error == "error_output":
        step.failed.extend(Failed(at, str(error)) for at in range(len(step.items)))
        return []
    return no_op.run(step)
