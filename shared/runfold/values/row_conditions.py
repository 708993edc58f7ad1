"""Conditions about rows: those of `condition` nodes, whose left side is a column.

    {column: status, operator: in, right: [open, late]}
    {and: [..., {or: [...]}]}          {logic: and, conditions: [...]}

They are read into a tree here; a database's dialect makes SQL of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from runfold.values.operators import OPERATORS, UNARY, operator_named
from runfold.values.references import is_computed

_LEFT = ("column", "left", "field")
_RIGHT = ("right", "value")
_LISTS = frozenset(("in", "not_in"))
MOST_DEPTH = 20
MOST_COMPARISONS = 500


class Comparison(NamedTuple):
    """One column compared."""

    column: str
    operator: str
    """Its canonical name."""
    right: Any = None


class Group(NamedTuple):
    """Conditions that hold together, or of which one holds."""

    logic: Literal["and", "or"]
    members: tuple[RowCondition, ...]


RowCondition = Comparison | Group


class Unreadable(Exception):
    """A condition that is not one; its text says where and why."""


def read_condition(value: Any) -> RowCondition:
    """A rendered condition as a tree.

    Raises:
        Unreadable: When any part of it is not a condition. A part left out could make it hold for
            more rows, so none is.
    """
    for problem in _problems(value, "", MOST_DEPTH, rendered=True):
        raise Unreadable(problem)
    tree = _tree(value)
    if _size(tree) > MOST_COMPARISONS:
        message = f"over {MOST_COMPARISONS} comparisons"
        raise Unreadable(message)
    return tree


def row_condition_findings(value: Any) -> list[str]:
    """What is wrong with a condition that is not rendered yet."""
    return list(_problems(value, "", MOST_DEPTH, rendered=False))


def _size(tree: RowCondition) -> int:
    return 1 if isinstance(tree, Comparison) else sum(map(_size, tree.members))


def _group_of(value: Any) -> tuple[str, Any] | None:
    if isinstance(value, list):
        return "and", value
    for logic in ("and", "or"):
        if logic in value:
            return logic, value[logic]
    if "conditions" in value:
        return str(value.get("logic", "and")).lower(), value["conditions"]
    return None


def _tree(value: Any) -> RowCondition:
    group = _group_of(value)
    if group is not None:
        logic, members = group
        return Group("or" if logic == "or" else "and", tuple(map(_tree, members)))
    name = operator_named(value["operator"])
    column = next(value[key] for key in _LEFT if key in value)
    right = next((value[key] for key in _RIGHT if key in value), None)
    return Comparison(column, str(name), right)


def _problems(value: Any, path: str, depth: int, *, rendered: bool) -> Iterator[str]:
    where = f"{path}: " if path else ""
    if not rendered and is_computed(value):
        return
    if not isinstance(value, dict | list):
        yield f"{where}a condition is an object with column, operator and right, or a group"
        return
    if depth == 0:
        yield f"{where}groups are nested deeper than {MOST_DEPTH}"
        return
    group = _group_of(value)
    if group is None:
        if isinstance(value, dict):
            yield from _comparison_problems(value, where, rendered=rendered)
        return
    yield from _group_problems(value, group, path, depth, rendered=rendered)


def _group_problems(
    value: Any, group: tuple[str, Any], path: str, depth: int, *, rendered: bool
) -> Iterator[str]:
    where = f"{path}: " if path else ""
    logic, members = group
    if logic not in ("and", "or"):
        yield f"{where}unknown logic {logic!r}: 'and' or 'or'"
    if isinstance(value, dict) and len(value) > 1 and set(value) != {"logic", "conditions"}:
        yield f"{where}a group has one list of conditions and nothing else"
    if not rendered and is_computed(members):
        return
    if not isinstance(members, list) or not members:
        yield f"{where}a group is a list with at least one condition"
        return
    for index, member in enumerate(members):
        yield from _problems(member, f"{path}[{index}]", depth - 1, rendered=rendered)


def _comparison_problems(condition: dict[str, Any], where: str, *, rendered: bool) -> Iterator[str]:
    for key in condition:
        if key not in {*_LEFT, *_RIGHT, "operator"}:
            yield f"{where}unknown key {key!r}: a comparison has column, operator and right"
    lefts = [condition[key] for key in _LEFT if key in condition]
    if len(lefts) != 1 or not isinstance(lefts[0], str) or not lefts[0]:
        yield f"{where}`column` is the name of one column"
    written = condition.get("operator")
    name = operator_named(written)
    if not rendered and is_computed(written):
        return
    if name is None:
        yield f"{where}unknown operator {written!r}: known are {', '.join(OPERATORS)}"
        return
    rights = [condition[key] for key in _RIGHT if key in condition]
    if len(rights) > 1 or (name not in UNARY and not rights):
        yield f"{where}operator {written!r} needs one right side"
        return
    is_open = not rendered and bool(rights) and is_computed(rights[0])
    if name in _LISTS and not is_open and not isinstance(rights[0], list):
        yield f"{where}operator {written!r} needs a list at its right side"
