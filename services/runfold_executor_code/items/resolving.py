"""Parameters with their expressions evaluated, one for each item.

All expressions of a step are evaluated for all items in one call of the sandbox. An expression that
fails is an error of its item, and of no other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from runfold_executor_code.items.splitting import Invalid, Part, parts_of
from runfold_executor_code.items.step import ItemFailed, Resolved


class Values(msgspec.Struct, frozen=True):
    """What an expression came to."""

    values: list[Any]
    errors: dict[str, str] = {}
    """Message by the item's index."""
    missing: list[int] = []
    """Items for which it is undefined: the value is null."""


class Expressions(msgspec.Struct, frozen=True):
    """The expressions of a step's parameters."""

    parts: dict[str, tuple[Part, ...]]
    """By their text as written."""
    invalid: dict[str, str]
    """Those that cannot be evaluated, with the reason."""

    def texts(self) -> Iterator[str]:
        """All JavaScript in them."""
        for parts in self.parts.values():
            yield from (part[0] for part in parts if not isinstance(part, str))


def has_expressions(value: Any) -> bool:
    """Whether any text in a value begins with `=`."""
    return next(_written(value), None) is not None


def expressions_of(parameters: Any) -> Expressions:
    """The expressions in parameters, each once."""
    parts: dict[str, tuple[Part, ...]] = {}
    invalid: dict[str, str] = {}
    for text in _written(parameters):
        if text in parts or text in invalid:
            continue
        try:
            parts[text] = parts_of(text[1:])
        except Invalid as error:
            invalid[text] = str(error)
    return Expressions(parts, invalid)


def resolved(
    parameters: dict[str, Any],
    expressions: Expressions,
    values: dict[str, Values],
    count: int,
    undefined: Any = None,
) -> Resolved:
    """The parameters of each item.

    Args:
        parameters: As they are written.
        expressions: Those in them.
        values: What each came to, by its text.
        count: Items.
        undefined: What stands for a value that is undefined.
    """
    gone = {text: frozenset(found.missing) for text, found in values.items()}
    return tuple(
        _of_item(parameters, expressions, values, at, gone, undefined) for at in range(count)
    )


def _of_item(
    parameters: dict[str, Any],
    expressions: Expressions,
    values: dict[str, Values],
    index: int,
    gone: Mapping[str, frozenset[int]],
    undefined: Any,
) -> dict[str, Any] | ItemFailed:
    for text, reason in expressions.invalid.items():
        return ItemFailed(index, f"the expression {_shown(text)} failed: {reason}")
    for text, found in values.items():
        if (said := found.errors.get(str(index))) is not None:
            return ItemFailed(index, f"the expression {_shown(text)} failed: {said}")

    def filled(value: Any) -> Any:
        match value:
            case str() if value in values:
                return undefined if index in gone[value] else values[value].values[index]
            case dict():
                return {key: filled(inner) for key, inner in value.items()}
            case list():
                return [filled(inner) for inner in value]
            case _:
                return value

    found_: dict[str, Any] = filled(parameters)
    return found_


def _shown(text: str) -> str:
    return f"`{text[1:] if len(text) <= 200 else text[1:200] + '…'}`"  # noqa: PLR2004 -- for people


def _written(value: Any) -> Iterator[str]:
    match value:
        case str():
            if value.startswith("="):
                yield value
        case dict():
            for inner in value.values():
                yield from _written(inner)
        case list():
            for inner in value:
                yield from _written(inner)
        case _:
            pass
