"""`route`: each item to the output that a model chose for it.

`results` is `{output, failed}` of an iteration that gave the number of a class for each item, from
1 on; 0 is none of them, and goes to the output after those of the classes, where there is one.
"""

from __future__ import annotations

from runfold_executor_code.items.operations.collect import results_of
from runfold_executor_code.items.step import Made, Step


def run(step: Step) -> list[list[Made]]:
    """The items as they are, at the outputs of their classes; `field` names what says the class."""
    count = step.parameters.get("outputs")
    outputs: list[list[Made]] = [[] for _ in range(count if isinstance(count, int) else 1)]
    field, names = step.parameters.get("field"), step.parameters.get("names")
    for index, chosen in results_of(step):
        place = chosen - 1 if isinstance(chosen, int) and chosen > 0 else len(outputs) - 1
        has_room = isinstance(chosen, int) and (chosen > 0 or step.parameters.get("other") is True)
        if not has_room or place >= len(outputs) or index >= len(step.items):
            continue
        item = step.items[index]
        json = item["json"]
        if isinstance(field, str) and isinstance(names, list) and place < len(names):
            json = {**json, field: {"category": names[place]}}
        outputs[place].append(Made(json, item.get("binary"), paired=(0, index)))
    return outputs
