"""`collect`: what native nodes came to that did a node's work for each item, as its items.

`results` is `{output, failed}` of an iteration: a result for each item of the first input, and
`{index, message}` of those that failed. A result that is a list gives an item for each member.
`asked` in it are the items that say what was to be done: one that failed has only its `error`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from runfold_executor_code.items.reading import item_of
from runfold_executor_code.items.step import ItemFailed, Made, Step


def run(step: Step) -> list[list[Made]]:
    """An item for each result, or for each member of one that is a list."""
    within = step.parameters.get("within")
    made = []
    for index, result in results_of(step):
        for one in result if isinstance(result, list) else [result]:
            item = item_of({within: one} if isinstance(within, str) else one)
            made.append(Made(item["json"], item.get("binary"), paired=_paired(step, index)))
    return [made]


def results_of(step: Step) -> Iterator[tuple[int, Any]]:
    """The results with the items they are of; a failed one is that item's error.

    Raises:
        ItemFailed: When one failed and the node does not go on.
    """
    results = step.results if isinstance(step.results, Mapping) else {}
    output = results.get("output")
    failed = errors_in(results.get("failed")) | _never_asked(results.get("asked"))
    for index, result in enumerate(output if isinstance(output, list) else ()):
        if index in failed:
            with step.guarded(index):
                raise ItemFailed(index, failed[index])
        elif result is not None:
            yield index, result


def results_between(results: Any, start: int, end: int) -> Any:
    """The results of some of the items alone, counted from the first of these."""
    if not isinstance(results, Mapping) or not isinstance(results.get("output"), list):
        return results
    failed = [
        {"index": at - start, "message": message}
        for at, message in errors_in(results.get("failed")).items()
        if start <= at < end
    ]
    asked = results.get("asked")
    within = {"asked": asked[start:end]} if isinstance(asked, list) else {}
    return {**results, "output": results["output"][start:end], "failed": failed, **within}


def errors_in(failed: Any) -> dict[int, str]:
    """Number of an item → why its part of an iteration failed."""
    return {
        one["index"]: str(one.get("message") or one.get("code") or "failed")
        for one in (failed if isinstance(failed, list) else ())
        if isinstance(one, Mapping) and isinstance(one.get("index"), int)
    }


def _never_asked(asked: Any) -> dict[int, str]:
    """Number of an item → why nothing could be asked for it."""
    found = {}
    for index, item in enumerate(asked if isinstance(asked, list) else ()):
        match item:
            case {"json": {"error": str() as error, **more}} if not more:
                found[index] = error
    return found


def _paired(step: Step, index: int) -> tuple[int, int] | tuple[tuple[int, int], ...] | None:
    """The item a result is of; one for all items is of all of them."""
    results = step.results if isinstance(step.results, Mapping) else {}
    output = results.get("output")
    is_one_for_all = isinstance(output, list) and len(output) == 1 < len(step.items)
    if is_one_for_all:
        return None
    return (0, index) if index < len(step.items) else None
