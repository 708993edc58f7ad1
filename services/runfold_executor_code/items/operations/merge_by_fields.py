"""Combining the items of two inputs whose fields match, as joins of tables do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from runfold_executor_code.items.javascript_values import MISSING, json_text, same
from runfold_executor_code.items.merging import merge_of, roughly, suffixed
from runfold_executor_code.items.parameters import at, flag, options_of, rows, word
from runfold_executor_code.items.paths import found
from runfold_executor_code.items.step import Item, Made, Step, StepFailed

_ASKED_STRICTLY = 2.1
"""The version before which a field that no item has is an error."""
_NEW = 3
_PAIR = 2


class _Asked(msgspec.Struct, frozen=True):
    """What is asked for."""

    pairs: tuple[tuple[str, str], ...]
    mode: str
    source: str
    dotted: bool
    first_only: bool
    is_rough: bool
    clash: dict[str, Any]


class _Matches(msgspec.Struct):
    """Indexes of items: those that match, each with its partners, and those that do not."""

    matched: list[tuple[int, list[int]]]
    matched2: list[int]
    unmatched1: list[int]
    unmatched2: list[int]


def run(step: Step, written: Mapping[str, Any]) -> list[Made]:
    """The joined items."""
    asked = _asked(step.version, written)
    input1, input2 = (*step.inputs, [], [])[:2]
    if step.version < _ASKED_STRICTLY:
        _check(input1, [one for one, _ in asked.pairs], asked, 1)
        _check(input2, [other for _, other in asked.pairs], asked, 2)
    if not input1 or not input2:
        return _of_one(asked, input1, input2)
    matches = _matches(input1, input2, asked)
    match asked.mode:
        case "keepNonMatches":
            return _left_over(asked, matches, input1, input2)
        case "enrichInput1" | "enrichInput2":
            is_first = asked.mode == "enrichInput1"
            rest = matches.unmatched1 if is_first else matches.unmatched2
            items = input1 if is_first else input2
            return [
                *_merged(asked, matches, input1, input2),
                *_whole(items, rest, 0 if is_first else 1, asked),
            ]
        case "keepEverything":
            return [
                *_merged(asked, matches, input1, input2),
                *_whole(input1, matches.unmatched1, 0, asked),
                *_whole(input2, matches.unmatched2, 1, asked),
            ]
        case _:
            return _kept(asked, matches, input1, input2)


def _asked(version: float, written: Mapping[str, Any]) -> _Asked:
    options = options_of(written)
    is_plain = version >= _NEW and not flag(written.get("advanced"))
    if is_plain:
        names = [one.strip() for one in word(written.get("fieldsToMatchString")).split(",")]
        pairs = tuple((one, one) for one in names)
    else:
        listed = rows(written, "mergeByFields", "values")
        pairs = tuple((str(one.get("field1", "")), str(one.get("field2", ""))) for one in listed)
    for place, (one, other) in enumerate(pairs):
        if not one or not other:
            message = 'You need to define both fields in "Fields to Match" for pair'
            raise StepFailed(f"{message} {place + 1}")
    clash = at(options, "clashHandling", "values", default={})
    mode = word(written.get("joinMode"), "keepMatches")
    return _Asked(
        pairs=pairs,
        mode=mode,
        source=word(written.get("outputDataFrom"), "both"),
        dotted=not flag(options.get("disableDotNotation")),
        first_only=options.get("multipleMatches") == "first",
        is_rough=flag(options.get("fuzzyCompare")),
        clash=dict(clash) if isinstance(clash, Mapping) else {},
    )


def _check(items: list[Item], fields: list[str], asked: _Asked, input_: int) -> None:
    for field in fields:
        if all(found(item["json"], field, dotted=asked.dotted) is MISSING for item in items):
            message = f"Field '{field}' is not present in any of items in 'Input {input_}'"
            raise StepFailed(message)


def _of_one(asked: _Asked, input1: list[Item], input2: list[Item]) -> list[Made]:
    """What is given when one of the inputs has no items."""
    is_nothing = (
        asked.mode == "keepMatches"
        or (asked.mode == "enrichInput1" and not input1)
        or (asked.mode == "enrichInput2" and not input2)
        or (asked.mode == "keepNonMatches" and asked.source == "input1" and not input1)
        or (asked.mode == "keepNonMatches" and asked.source == "input2" and not input2)
    )
    if is_nothing:
        return []
    return [
        Made(item["json"], item.get("binary"), paired=(input_, index))
        for input_, items in enumerate((input1, input2))
        for index, item in enumerate(items)
    ]


def _matches(input1: list[Item], input2: list[Item], asked: _Asked) -> _Matches:
    partners = _finder(input2, asked)
    result = _Matches([], [], [], [])
    taken: set[int] = set()
    for index, item in enumerate(input1):
        values = [found(item["json"], one, dotted=asked.dotted) for one, _ in asked.pairs]
        places = [] if any(one is MISSING for one in values) else list(partners(values))
        if not places:
            result.unmatched1.append(index)
            continue
        if asked.first_only:
            places = places[:1]
        taken.update(places)
        if asked.source == "both" or asked.mode.startswith("enrich"):
            result.matched += [(index, [place]) for place in places]
        else:
            result.matched.append((index, places))
    for index in range(len(input2)):
        (result.matched2 if index in taken else result.unmatched2).append(index)
    return result


def _finder(items: list[Item], asked: _Asked) -> Callable[[list[Any]], Iterator[int]]:
    """What finds the items whose fields have given values."""
    keys = [
        [found(item["json"], other, dotted=asked.dotted) for _, other in asked.pairs]
        for item in items
    ]
    if asked.is_rough:
        alike = roughly(same)

        def search(values: list[Any]) -> Iterator[int]:
            for place, key in enumerate(keys):
                if all(map(alike, values, key)):
                    yield place

        return search
    by_key: dict[str, list[int]] = {}
    for place, key in enumerate(keys):
        if not any(one is MISSING for one in key):
            by_key.setdefault(_written(key), []).append(place)

    def look(values: list[Any]) -> Iterator[int]:
        for place in by_key.get(_written(values), ()):
            if all(map(same, values, keys[place])):
                yield place

    return look


def _written(values: list[Any]) -> str:
    """What values that are alike have in common."""
    return json_text(
        [sorted(map(json_text, one)) if isinstance(one, dict) else one for one in values]
    )


def _merged(
    asked: _Asked, matches: _Matches, input1: list[Item], input2: list[Item]
) -> Iterator[Made]:
    resolve = asked.clash.get("resolveClash")
    if resolve is None:
        resolve = "preferInput1" if asked.mode == "enrichInput2" else "preferLast"
    keeps_filled = flag(asked.clash.get("overrideEmpty"))
    merge = merge_of(asked.clash.get("mergeMode"), keeps_filled=keeps_filled)
    for index, places in matches.matched:
        item, partners = input1[index], [input2[place] for place in places]
        if resolve == "addSuffix":
            jsons = [suffixed(item["json"], "1")]
            jsons += [suffixed(one["json"], "2") for one in partners]
        else:
            jsons = [item["json"], *(one["json"] for one in partners)]
        files = [item.get("binary"), *(one.get("binary") for one in partners)]
        if resolve == "preferInput1":
            jsons = [*jsons[1:], jsons[0]]
            files = [*files[1:], files[0]]
        paired = ((0, index), *((1, place) for place in places))
        yield Made(merge(*jsons), merge(*files) or None, paired=paired)


def _whole(items: list[Item], places: list[int], input_: int, asked: _Asked) -> Iterator[Made]:
    """Items as they are, their keys with the suffix of their input where that is asked for."""
    is_suffixed = asked.clash.get("resolveClash") == "addSuffix"
    for place in places:
        json = items[place]["json"]
        made = suffixed(json, str(input_ + 1)) if is_suffixed else json
        yield Made(made, items[place].get("binary"), paired=(input_, place))


def _kept(asked: _Asked, matches: _Matches, input1: list[Item], input2: list[Item]) -> list[Made]:
    if asked.source == "both":
        return list(_merged(asked, matches, input1, input2))
    is_first = asked.source == "input1"
    items, input_ = (input1, 0) if is_first else (input2, 1)
    places = [index for index, _ in matches.matched] if is_first else matches.matched2
    return [
        Made(items[place]["json"], items[place].get("binary"), paired=(input_, place))
        for place in places
    ]


def _left_over(
    asked: _Asked, matches: _Matches, input1: list[Item], input2: list[Item]
) -> list[Made]:
    found_ = []
    for input_, (items, places) in enumerate(
        ((input1, matches.unmatched1), (input2, matches.unmatched2))
    ):
        name = f"input{input_ + 1}"
        if asked.source not in ("both", name):
            continue
        more = {"_source": name} if asked.source == "both" else {}
        for place in places:
            item = items[place]
            json = {**item["json"], **more}
            found_.append(Made(json, item.get("binary"), paired=(input_, place)))
    return found_
