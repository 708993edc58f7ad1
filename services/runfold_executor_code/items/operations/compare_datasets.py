"""`compareDatasets`: the items of two inputs by whether both have them, and have them alike.

Four outputs: in A only, the same, different, in B only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from runfold_executor_code.items.javascript_values import MISSING, same, truthy
from runfold_executor_code.items.merging import roughly
from runfold_executor_code.items.parameters import flag, options_of, rows, word
from runfold_executor_code.items.paths import copied, found, names_in, put, removed
from runfold_executor_code.items.step import Item, Made, Step, StepFailed

_NEW = 2
"""The version since which a rough comparison is asked for beside the options, and is rougher."""
_BOTH = 2.1
"""The version since which a field that one input lacks is compared, and paths are skipped."""
_LENIENT = 2.2
"""The version since which a field need not be in any item."""


class _Asked(msgspec.Struct, frozen=True):
    """What is asked for."""

    pairs: tuple[tuple[str, str], ...]
    alike: Callable[[Any, Any], bool]
    is_rough: bool
    dotted: bool
    all_matches: bool
    skipped: tuple[str, ...]
    resolve: str
    prefers_first: bool
    other: tuple[str, ...]
    version: float


def run(step: Step) -> list[list[Made]]:
    """The items of each output.

    Raises:
        StepFailed: When the fields to match by are not named.
    """
    asked = _asked(step.version, step.of())
    input1, input2 = (*step.inputs, [], [])[:2]
    if step.version < _LENIENT:
        _check(input1, [one for one, _ in asked.pairs], "A", dotted=asked.dotted)
        _check(input2, [other for _, other in asked.pairs], "B", dotted=asked.dotted)
    only1, alike, different = [], [], []
    taken: set[int] = set()
    for index, item in enumerate(input1):
        places = _partners(item, input2, asked)
        taken.update(places)
        if not places:
            only1.append(Made(item["json"], item.get("binary"), paired=(0, index)))
        is_told = False
        for place in places:
            other = input2[place]
            if _are_same(item["json"], other["json"], asked):
                if not is_told:
                    alike.append(_told_same(item, other, index, place, asked))
                is_told = True
            else:
                different.append(_told_different(item, other, (index, place), asked))
    only2 = [
        Made(item["json"], item.get("binary"), paired=(1, place))
        for place, item in enumerate(input2)
        if place not in taken
    ]
    return [only1, alike, different, only2]


def _asked(version: float, written: Mapping[str, Any]) -> _Asked:
    options = options_of(written)
    listed = rows(written, "mergeByFields", "values")
    pairs = tuple((word(one.get("field1")), word(one.get("field2"))) for one in listed)
    for place, (one, other) in enumerate(pairs):
        if not one or not other:
            message = 'You need to define both fields in "Fields to Match" for pair'
            raise StepFailed(f"{message} {place + 1}")
    is_rough = flag(written.get("fuzzyCompare") if version >= _NEW else options.get("fuzzyCompare"))
    rough = roughly(same, 2 if version >= _NEW else 1)
    default = "includeBoth" if version >= _NEW else "preferInput2"
    return _Asked(
        pairs=pairs,
        alike=rough if is_rough else same,
        is_rough=is_rough,
        dotted=not flag(options.get("disableDotNotation")),
        all_matches=options.get("multipleMatches") == "all",
        skipped=tuple(names_in(options.get("skipFields"))),
        resolve=word(written.get("resolve"), default),
        prefers_first=word(written.get("preferWhenMix"), "input1") == "input1",
        other=tuple(names_in(written.get("exceptWhenMix"))),
        version=version,
    )


def _check(items: list[Item], fields: list[str], name: str, *, dotted: bool) -> None:
    full = [item["json"] for item in items if item["json"]]
    for field in fields:
        if full and all(found(json, field, dotted=dotted) is MISSING for json in full):
            message = f"Field '{field}' is not present in any of items in 'Input {name}'"
            raise StepFailed(message)


def _partners(item: Item, others: list[Item], asked: _Asked) -> list[int]:
    values = [found(item["json"], one, dotted=asked.dotted) for one, _ in asked.pairs]
    if any(value is MISSING for value in values) and not (asked.is_rough and asked.version >= _NEW):
        return []
    places = []
    for place, other in enumerate(others):
        theirs = [found(other["json"], name, dotted=asked.dotted) for _, name in asked.pairs]
        if all(map(asked.alike, values, theirs)):
            places.append(place)
            if not asked.all_matches:
                break
    return places


def _are_same(left: Mapping[str, Any], right: Mapping[str, Any], asked: _Asked) -> bool:
    one, other = _without(left, asked), _without(right, asked)
    if not asked.is_rough:
        return same(one, other)
    names = dict.fromkeys([*one, *(other if asked.version >= _NEW else ())])
    return all(asked.alike(one.get(name, MISSING), other.get(name, MISSING)) for name in names)


def _told_same(item: Item, other: Item, index: int, place: int, asked: _Asked) -> Made:
    prefers_second = asked.is_rough and asked.resolve == "preferInput2"
    chosen = other if prefers_second else item
    return Made(chosen["json"], chosen.get("binary"), paired=((0, index), (1, place)))


def _told_different(item: Item, other: Item, at: tuple[int, int], asked: _Asked) -> Made:
    paired = ((0, at[0]), (1, at[1]))
    match asked.resolve:
        case "preferInput1":
            return Made(item["json"], item.get("binary"), paired=paired)
        case "preferInput2":
            return Made(other["json"], other.get("binary"), paired=paired)
        case "mix":
            first, second = (item, other) if asked.prefers_first else (other, item)
            json: dict[str, Any] = copied(first["json"])
            for name in asked.other:
                value = found(second["json"], name, dotted=asked.dotted)
                put(json, name, None if value is MISSING else value, dotted=asked.dotted)
            return Made(json, first.get("binary"), paired=paired)
        case _:
            return Made(_both(item["json"], other["json"], asked), paired=paired)


def _without(json: Mapping[str, Any], asked: _Asked) -> dict[str, Any]:
    """An object without the fields that do not count."""
    made: dict[str, Any] = copied(dict(json))
    for name in asked.skipped:
        removed(made, name, dotted=asked.dotted)
    return made


def _both(left: Mapping[str, Any], right: Mapping[str, Any], asked: _Asked) -> dict[str, Any]:
    """What is the same in both, and what is not with both values."""
    keys = dict.fromkeys([*left, *right])
    compared = [key for key in keys if asked.version >= _BOTH or (key in left and key in right)]
    alike = {
        key: left.get(key)
        for key in compared
        if asked.alike(left.get(key, MISSING), right.get(key, MISSING))
    }
    different: dict[str, Any] = {}
    skipped: dict[str, Any] = {}
    for key in keys:
        if key in alike:
            continue
        values = (_filled(left.get(key), asked), _filled(right.get(key), asked))
        if key in asked.skipped:
            skipped[key] = _named(values, asked)
        else:
            kept, left_out = _apart(key, values, asked)
            different[key] = _named(kept, asked)
            if left_out is not None:
                skipped[key] = _named(left_out, asked)
    made: dict[str, Any] = {
        "keys": {one: left.get(one) for one, _ in asked.pairs},
        "same": alike,
        "different": different,
    }
    return {**made, "skipped": skipped} if skipped else made


def _named(values: tuple[Any, Any], asked: _Asked) -> dict[str, Any]:
    names = ("inputA", "inputB") if asked.version >= _NEW else ("input1", "input2")
    return dict(zip(names, values, strict=True))


def _apart(
    key: str, values: tuple[Any, Any], asked: _Asked
) -> tuple[tuple[Any, Any], tuple[Any, Any] | None]:
    """The values of a field without what does not count inside, and that."""
    inner = [name.removeprefix(f"{key}.") for name in asked.skipped if name.startswith(f"{key}.")]
    if asked.version < _BOTH or not asked.dotted or not inner:
        return values, None
    kept = [copied(value) if isinstance(value, dict) else value for value in values]
    left_out: list[dict[str, Any]] = [{}, {}]
    for place, value in enumerate(kept):
        for name in inner if isinstance(value, dict) else ():
            one = found(value, name)
            if one is not MISSING:
                put(left_out[place], name, one)
                removed(value, name)
    return (kept[0], kept[1]), (left_out[0], left_out[1])


def _filled(value: Any, asked: _Asked) -> Any:
    """A value, which the first version gives as null where it is false."""
    return value if asked.version >= _NEW or truthy(value) else None
