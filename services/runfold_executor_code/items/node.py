"""From an `items` node's configuration to its outcome."""

from __future__ import annotations

import time
from typing import Any

import msgspec

from runfold.errors import NodeFailed
from runfold.executor.node import NodeContext, Outcome
from runfold.graph.item_ports import output_count
from runfold.graph.kinds.items import ItemsConfig
from runfold.isolated.pool import Threads
from runfold_executor_code.items.operations import OPERATIONS, no_op
from runfold_executor_code.items.reading import Input, inputs_of
from runfold_executor_code.items.resolving import has_expressions
from runfold_executor_code.items.settling import outcome
from runfold_executor_code.items.step import Failed, ItemFailed, Made, Operation, Step, StepFailed

_threads = Threads(4, "items")


async def run_items(_ctx: NodeContext, config: ItemsConfig, _inputs: dict[str, Any]) -> Outcome:
    """Do the operation and give its items.

    Raises:
        NodeFailed: `items.operation` for one that there is not, `items.failed` for one that fails.
    """
    operation = OPERATIONS.get(config.operation)
    if operation is None:
        message = f"there is no operation {config.operation!r}: known are {', '.join(OPERATIONS)}"
        raise NodeFailed(message, code="items.operation", kind="code")
    inputs = inputs_of(config.inputs, once=config.settings.execute_once)
    step = _step(config, inputs)
    count = output_count(msgspec.to_builtins(config))
    made = await _threads.run(_made, operation, step)
    return await _threads.run(outcome, step, made, inputs, count, next(iter(step.new_state), None))


def _step(config: ItemsConfig, inputs: tuple[Input, ...]) -> Step:
    if has_expressions(config.parameters):
        message = "expressions in parameters are not evaluated"
        raise NodeFailed(message, code="items.failed", kind="code")
    timezone = config.workflow.get("timezone")
    return Step(
        operation=config.operation,
        version=config.version,
        node=config.node,
        parameters=config.parameters,
        resolved=(config.parameters,) * max(1, len(inputs[0].items)),
        inputs=tuple(one.items for one in inputs),
        settings=config.settings,
        results=config.results,
        state=config.state,
        run_index=config.run_index,
        timezone=timezone if isinstance(timezone, str) and timezone else "UTC",
        now=time.time() * 1000,
    )


def _made(operation: Operation, step: Step) -> list[list[Made]]:
    try:
        return operation(step)
    except (ItemFailed, StepFailed) as error:
        if step.goes_on:
            return _passed_through(step, str(error))
        where = f"item {error.index}: " if isinstance(error, ItemFailed) else ""
        message = f"{step.operation}: {where}{error}"
        raise NodeFailed(message, code="items.failed", kind="code") from error


def _passed_through(step: Step, message: str) -> list[list[Made]]:
    """What goes on after an error of the whole step: its input, or all of it as errors."""
    step.failed.clear()
    if step.settings.on_error == "error_output":
        step.failed.extend(Failed(at, message) for at in range(len(step.items)))
        return []
    return no_op.run(step)
