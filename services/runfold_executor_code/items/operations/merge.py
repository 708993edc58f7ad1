"""`merge`: the items of several inputs together.

Versions 2 and 3 name the same ways with other parameters; version 1 has ways of its own, in
`merge_old`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runfold_executor_code.items.javascript_values import text
from runfold_executor_code.items.merging import merge_of, suffixed
from runfold_executor_code.items.operations import merge_by_fields, merge_by_sql, merge_old
from runfold_executor_code.items.parameters import at, count, flag, options_of, word
from runfold_executor_code.items.step import Made, Step, StepFailed

_NEW = 3
_FIRST = 2


def run(step: Step) -> list[list[Made]]:
    """The items together.

    Raises:
        StepFailed: For SQL that fails, and for a way that there is not.
    """
    written = step.of()
    if step.version < _FIRST:
        return [merge_old.run(step, written)]
    mode = word(written.get("mode"), "append")
    if mode == "combine":
        return [_combined(step, written)]
    if mode == "append":
        return [[one for input_ in range(len(step.inputs)) for one in whole(step, input_)]]
    if mode == "chooseBranch":
        return [_chosen(step, written)]
    if mode == "combineBySql":
        return [merge_by_sql.run(step, written)]
    raise StepFailed(f"there is no mode {mode!r}")


def whole(step: Step, input_: int) -> list[Made]:
    """The items of an input as they are."""
    if input_ >= len(step.inputs):
        return []
    return [
        Made(item["json"], item.get("binary"), paired=(input_, index))
        for index, item in enumerate(step.inputs[input_])
    ]


def _combined(step: Step, written: Mapping[str, Any]) -> list[Made]:
    name = "combineBy" if step.version >= _NEW else "combinationMode"
    default = "combineByFields" if step.version >= _NEW else "mergeByFields"
    match word(written.get(name), default):
        case "combineByFields" | "mergeByFields":
            return merge_by_fields.run(step, written)
        case "combineByPosition" | "mergeByPosition":
            return _by_position(step, written)
        case "combineAll" | "multiplex":
            return _all_with_all(step, written)
        case "combineBySql":
            return merge_by_sql.run(step, written)
        case other:
            raise StepFailed(f"there is no way to combine {other!r}")


def _chosen(step: Step, written: Mapping[str, Any]) -> list[Made]:
    output = word(written.get("output"), "specifiedInput" if step.version >= _NEW else "input1")
    if output == "empty":
        return [Made({}, paired=tuple((0, at) for at in range(len(step.items))))]
    chosen = written.get("useDataOfInput", 1) if output == "specifiedInput" else output[-1:]
    place = count(chosen, 0) - 1
    if not 0 <= place < max(len(step.inputs), 2):
        raise StepFailed(f"there is no input {text(chosen)}: choose one of {len(step.inputs)}")
    return whole(step, place)


def _clash(written: Mapping[str, Any]) -> dict[str, Any]:
    found = at(options_of(written), "clashHandling", "values", default={})
    return dict(found) if isinstance(found, Mapping) else {}


def _by_position(step: Step, written: Mapping[str, Any]) -> list[Made]:
    """The first items of all inputs as one, then the second ones, and so on."""
    clash = _clash(written)
    preferred = clash.get("resolveClash", "preferLast")
    inputs = [list(enumerate(one)) for one in step.inputs]
    lengths = [len(one) for one in inputs]
    unpaired = flag(options_of(written).get("includeUnpaired"))
    if step.version < _NEW and 0 in lengths:
        return [one for input_ in range(len(lengths)) for one in whole(step, input_)]
    if not unpaired and (len(lengths) < _FIRST or min(lengths) == 0):
        return []
    order = list(range(len(inputs)))
    if preferred.startswith("preferInput"):
        chosen = count(preferred.removeprefix("preferInput"), 1) - 1
        order = [one for one in order if one != chosen] + [one for one in order if one == chosen]
    merge = merge_of(clash.get("mergeMode"), keeps_filled=flag(clash.get("overrideEmpty")))
    made = []
    for place in range(max(lengths) if unpaired else min(lengths)):
        there = [input_ for input_ in order if place < lengths[input_]]
        items = [step.inputs[input_][place] for input_ in there]
        jsons = [item["json"] for item in items]
        if preferred == "addSuffix":
            jsons = [suffixed(one, str(at + 1)) for at, one in zip(there, jsons, strict=True)]
        binary = merge(*(item.get("binary") for item in items))
        paired = tuple((input_, place) for input_ in sorted(there))
        made.append(Made(merge(*jsons), binary or None, paired=paired))
    return made


def _all_with_all(step: Step, written: Mapping[str, Any]) -> list[Made]:
    """Each item of the first input with each of the second; the preferred one changes fastest."""
    clash = _clash(written)
    resolve = clash.get("resolveClash", "preferLast")
    merge = merge_of(clash.get("mergeMode"), keeps_filled=flag(clash.get("overrideEmpty")))
    places = (1, 0) if resolve == "preferInput1" else (0, 1)
    outer, inner = ((*step.inputs, [], [])[place] for place in places)
    made = []
    for one, first in enumerate(outer):
        for other, second in enumerate(inner):
            jsons = [first["json"], second["json"]]
            if resolve == "addSuffix":
                jsons = [suffixed(jsons[0], "1"), suffixed(jsons[1], "2")]
            binary = merge(first.get("binary"), second.get("binary"))
            paired = tuple(sorted(((places[0], one), (places[1], other))))
            made.append(Made(merge(*jsons), binary or None, paired=paired))
    return made
