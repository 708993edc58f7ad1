"""From what an operation made to a node's outcome: errors, empty outputs, ports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from runfold.executor.node import Outcome
from runfold.graph.definition import OUT
from runfold.graph.item_ports import NONE
from runfold_executor_code.items.links import linked, pairs_of
from runfold_executor_code.items.operations import resolve
from runfold_executor_code.items.reading import Input
from runfold_executor_code.items.step import Failed, Item, Made, Run, Step


class Settled(msgspec.Struct, frozen=True):
    """What one run gives: the items of each output and their links, beside what else it made."""

    outputs: list[list[Item]]
    links: list[list[dict[str, Any]]]
    resolved: list[dict[str, Any]]
    state: Any


def settled(
    step: Step,
    made: list[list[Made]],
    inputs: tuple[Input, ...],
    count: int,
    run: Run,
    before: Sequence[Settled],
) -> Settled:
    """One run of a step, with errors where the settings want them.

    Args:
        step: What was done, with the errors it passes on.
        made: The items of each output.
        inputs: What came in, for links.
        count: Outputs the node has, the one for errors among them.
        run: Which of several runs it is.
        before: The runs before it.
    """
    outputs = [list(one) for one in made]
    outputs += [[] for _ in range(count - len(outputs))]
    _pass_errors_on(step, outputs)
    if step.settings.always_output and not any(outputs):
        outputs[0].append(Made({}, paired=tuple((0, at) for at in range(len(step.items)))))
    starts = [sum(len(one.outputs[at]) for one in before) for at in range(len(outputs))]
    return Settled(
        outputs=[[_item(one, several=len(inputs) > 1) for one in items] for items in outputs],
        links=linked(outputs, inputs, step.node, step.run_index, run=run, before=starts),
        resolved=resolve.parameters_of(step) if step.operation == "resolve" else [],
        state=next(iter(step.new_state), None),
    )


def outcome(runs: Sequence[Settled], count: int) -> Outcome:
    """The outcome of a step: the items of its runs, one after the other.

    Args:
        runs: One at least.
        count: Outputs the node has.
    """
    places = range(len(runs[0].outputs))
    outputs = [[item for run in runs for item in run.outputs[at]] for at in places]
    values = {
        "items": outputs[0],
        "ports": {str(at): items for at, items in enumerate(outputs)},
        "links": {str(at): [one for run in runs for one in run.links[at]] for at in places},
        "resolved": [one for run in runs for one in run.resolved],
        "state": runs[-1].state,
    }
    taken = tuple((OUT if count == 1 else str(at)) for at in range(count) if outputs[at]) or (NONE,)
    if len(taken) == 1:
        return Outcome(values, port=taken[0])
    return Outcome(values, port=taken[0], ports=taken)


def _pass_errors_on(step: Step, outputs: list[list[Made]]) -> None:
    """Put items that failed where the settings want them: in the first output, or in the last."""
    for failed in step.failed:
        if step.settings.on_error == "error_output":
            outputs[-1].append(_with_input(failed, step))
        else:
            error = Made({"error": failed.message}, paired=(0, failed.index))
            outputs[0].insert(_place(outputs[0], failed.index), error)


def _with_input(failed: Failed, step: Step) -> Made:
    item = step.items[failed.index] if failed.index < len(step.items) else {"json": {}}
    json = {**item["json"], "error": failed.message}
    return Made(json, item.get("binary"), paired=(0, failed.index))


def _place(items: list[Made], index: int) -> int:
    """Before the first item that was made of a later one."""
    for at, made in enumerate(items):
        if any(input_ == 0 and one > index for input_, one in pairs_of(made)):
            return at
    return len(items)


def _item(made: Made, *, several: bool) -> Item:
    item: Item = {"json": made.json}
    if made.binary:
        item["binary"] = made.binary
    pairs = [_pair(pair, several=several) for pair in pairs_of(made)]
    if pairs:
        item["pairedItem"] = pairs[0] if len(pairs) == 1 else pairs
    return item


def _pair(pair: tuple[int, int], *, several: bool) -> dict[str, int]:
    return {"item": pair[1], "input": pair[0]} if several else {"item": pair[1]}
