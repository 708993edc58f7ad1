"""The ways in which version 1 of `merge` puts items together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from runfold_executor_code.items.javascript_values import MISSING, text, truthy
from runfold_executor_code.items.parameters import word
from runfold_executor_code.items.paths import copied, found
from runfold_executor_code.items.step import Made, Step, StepFailed

Way = Callable[[Step, Mapping[str, Any]], list[Made]]


def run(step: Step, written: Mapping[str, Any]) -> list[Made]:
    """The items together.

    Raises:
        StepFailed: For a mode that there is not.
    """
    mode = word(written.get("mode"), "append")
    way = _WAYS.get(mode)
    if way is None:
        raise StepFailed(f"there is no mode {mode!r}")
    return way(step, written)


def _input(step: Step, input_: int) -> list[Made]:
    items = step.inputs[input_] if input_ < len(step.inputs) else []
    return [
        Made(item["json"], item.get("binary"), paired=(input_, index))
        for index, item in enumerate(items)
    ]


def _append(step: Step, _written: Mapping[str, Any]) -> list[Made]:
    return _input(step, 0) + _input(step, 1)


def _both(one: Made, other: Made) -> Made:
    files = {**(one.binary or {}), **(other.binary or {})}
    json = {**one.json, **other.json}
    return Made(json, files or None, paired=(one.paired, other.paired))  # type: ignore[arg-type]


def _by_index(step: Step, written: Mapping[str, Any]) -> list[Made]:
    join = word(written.get("join"), "left")
    first, second = _input(step, 0), _input(step, 1)
    if not first:
        return second if join == "outer" else []
    if not second:
        return [] if join == "inner" else first
    made = [_both(one, other) for one, other in zip(first, second, strict=False)]
    if join in ("left", "outer"):
        made += first[len(second) :]
    if join == "outer":
        made += second[len(first) :]
    return made


def _multiplex(step: Step, _written: Mapping[str, Any]) -> list[Made]:
    made = [_both(one, other) for one in _input(step, 0) for other in _input(step, 1)]
    return [Made(one.json, paired=one.paired) for one in made]


def _by_key(step: Step, written: Mapping[str, Any]) -> list[Made]:
    mode = word(written.get("mode"))
    name1, name2 = word(written.get("propertyName1")), word(written.get("propertyName2"))
    first, second = _input(step, 0), _input(step, 1)
    if not second or not name1 or not name2:
        return [] if mode == "keepKeyMatches" else first
    others = _by_value(second, name2)
    made = []
    for one in first:
        value = found(one.json, name1)
        key = text(value) if isinstance(value, str | int | float) else None
        is_comparable = key is not None and not isinstance(value, bool)
        other = others.get(key) if is_comparable and key is not None else None
        if mode == "removeKeyMatches":
            made += [one] if other is None else []
        elif mode == "keepKeyMatches":
            made += [one] if other is not None else []
        elif is_comparable or value is None:
            made.append(one if other is None else _copied_onto(one, other, name2, written))
    return made


def _by_value(items: list[Made], name: str) -> dict[str, Made]:
    values = ((found(one.json, name), one) for one in items)
    return {text(value): one for value, one in values if value is not MISSING and truthy(value)}


def _copied_onto(one: Made, other: Made, name: str, written: Mapping[str, Any]) -> Made:
    overwrite = word(written.get("overwrite"), "always")
    json = copied(one.json)
    for key, value in other.json.items():
        is_taken = (
            overwrite == "always"
            or (overwrite == "undefined" and key not in json)
            or (overwrite == "blank" and json.get(key) in (None, ""))
        )
        if key != name and is_taken:
            json[key] = value
    return Made(json, one.binary, paired=one.paired)


def _pass_through(step: Step, written: Mapping[str, Any]) -> list[Made]:
    return _input(step, 0 if word(written.get("output"), "input1") == "input1" else 1)


def _wait(step: Step, _written: Mapping[str, Any]) -> list[Made]:
    return [Made({}, paired=tuple((0, at) for at in range(len(step.items))))]


_WAYS: Mapping[str, Way] = {
    "append": _append,
    "keepKeyMatches": _by_key,
    "mergeByIndex": _by_index,
    "mergeByKey": _by_key,
    "multiplex": _multiplex,
    "passThrough": _pass_through,
    "removeKeyMatches": _by_key,
    "wait": _wait,
}
