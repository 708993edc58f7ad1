"""`switch`: each item to the output whose rule it passes.

Version 1 has four outputs, and its rules name them; later each rule has an output of its own, and
`extra` adds one for items that pass none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from runfold.graph.item_ports import output_count
from runfold_executor_code.items.comparisons import holds
from runfold_executor_code.items.conditions import passes
from runfold_executor_code.items.javascript_values import is_number, number, said
from runfold_executor_code.items.operations.if_ import loosened
from runfold_executor_code.items.parameters import count, options_of, rows, word
from runfold_executor_code.items.step import ItemFailed, Made, Step

_OWN_OUTPUTS = 2
"""The version since which each rule has an output of its own."""
_TYPED = 3
"""The version since which rules have conditions with types."""
_DEFAULTS = {"boolean": False, "dateTime": None, "number": 0, "string": ""}
_OPERATIONS = {"boolean": "equal", "dateTime": "after", "number": "smaller", "string": "equal"}


def run(step: Step) -> list[list[Made]]:
    """The items of each output."""
    outputs: list[list[Made]] = [[] for _ in range(_outputs(step))]
    for index, item in enumerate(step.items):
        with step.guarded(index):
            chosen = [_checked(place, len(outputs), index) for place in _places(step, index)]
            for place in chosen:
                outputs[place].append(Made(item["json"], item.get("binary"), paired=(0, index)))
    return outputs


def _outputs(step: Step) -> int:
    config = {"operation": "switch", "version": step.version, "parameters": step.parameters}
    return output_count(config)


def _checked(place: Any, outputs: int, index: int) -> int:
    if not is_number(place) or not 0 <= place < outputs or place != int(place):
        message = (
            f"The output {said(place)} is not allowed. It has to be between 0 and {outputs - 1}!"
        )
        raise ItemFailed(index, message)
    return int(place)


def _places(step: Step, index: int) -> Iterator[Any]:
    written = step.of(index)
    if written.get("mode", "rules") == "expression":
        output = written.get("output", index if step.version >= _TYPED else 0)
        yield number(output) if isinstance(output, str) and output.strip() else output
    elif step.version < _TYPED:
        yield from _of_values(step, written, index)
    else:
        yield from _of_conditions(step, written, index)


def _of_values(step: Step, written: Mapping[str, Any], index: int) -> Iterator[Any]:
    kind = word(written.get("dataType"), "number")
    left = written.get("value1", _DEFAULTS.get(kind))
    has_own = step.version >= _OWN_OUTPUTS
    rules = rows(written, "rules", "rules")
    for place, rule in enumerate(rules):
        right = rule.get("value2", _DEFAULTS.get(kind))
        operation = word(rule.get("operation"), _OPERATIONS.get(kind, "equal"))
        if holds(kind, operation, left, right, index, step.timezone):
            yield place if has_own else rule.get("output", 0)
            return
    fallback = written.get("fallbackOutput", -1)
    if fallback == "extra":
        yield len(rules)
    elif count(fallback, -1) >= 0:
        yield count(fallback, -1)


def _of_conditions(step: Step, written: Mapping[str, Any], index: int) -> Iterator[Any]:
    options = options_of(written)
    rules = rows(written, "rules", "values") or rows(written, "rules", "rules")
    is_matched = False
    for place, rule in enumerate(rules):
        conditions = rule.get("conditions")
        if passes(conditions, index, step.timezone, loosened(written, conditions)):
            is_matched = True
            yield place
            if options.get("allMatchingOutputs") is not True:
                return
    fallback = options.get("fallbackOutput", "none")
    if is_matched or fallback == "none":
        return
    yield len(rules) if fallback == "extra" else number(fallback)
