"""Evaluates structured conditions, and recognises expression text.

    {left: "{{order.total}}", operator: ">=", right: 100}
    {and: [..., {or: [...]}]}          {logic: and, conditions: [...]}
    {field: {ref: order.total}, operator: ">=", value: 100}

Evaluation is total: any values give an answer. Expression text, such as
`{{score}} > 0.8`, is Python and runs in the code executor's sandbox.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from runfold.errors import ExpressionFailed, ReferenceMissing
from runfold.values.expressions import expression_refs, parse_expression
from runfold.values.operators import MISSING, OPERATORS, UNARY, operator_named
from runfold.values.paths import Lookup, Ref
from runfold.values.profiles import Rules, rules_of
from runfold.values.references import exact_ref
from runfold.values.template_scan import is_template
from runfold.values.templates import AsText, render

__all__ = [
    "condition_findings",
    "evaluate",
    "expression_refs",
    "has_expression",
    "is_structured",
]

_LEFT = ("left", "field")
_RIGHT = ("right", "value")
_PARTS = "where"
"""Beside a list of files, for a profile: conditions on their attributes."""
_LOGIC = ("and", "or")
_MAX_DEPTH = 50


def is_structured(value: Any) -> bool:
    """Whether a condition is a structured one, as opposed to expression text."""
    return isinstance(value, dict | list | bool)


def has_expression(config: dict[str, Any]) -> bool:
    """Whether any condition of a control node's configuration is expression text."""
    branches = config.get("branches")
    conditions = [config.get("condition")]
    if isinstance(branches, list | tuple):
        conditions += [branch.get("condition") for branch in branches if isinstance(branch, dict)]
    return any(isinstance(condition, str) for condition in conditions)


def evaluate(condition: Any, lookup: Lookup, profile: str = "") -> bool:
    """Whether a structured condition holds. A list is an `and` group; an empty group holds.

    A value that is not a condition does not hold; the checks have refused it before.

    Args:
        condition: As it is written.
        lookup: Where roots come from.
        profile: Whose rules hold; empty: runfold's, under which any values give an answer.

    Raises:
        ExpressionFailed: `condition.missing`, `condition.type`: by the rules of a profile.
    """
    if profile and (rules := rules_of(profile)) is not None:
        return _evaluated_by(rules, condition, lookup)
    return _holds(condition, lookup, _MAX_DEPTH)


def _evaluated_by(rules: Rules, condition: Any, lookup: Lookup) -> bool:
    try:
        return _holds_by(condition, lookup, _MAX_DEPTH, rules)
    except (ReferenceMissing, ExpressionFailed):
        if rules.lenient:
            return False
        raise


def _holds(condition: Any, lookup: Lookup, depth: int) -> bool:
    if isinstance(condition, bool) or depth == 0:
        return condition is True
    group = _group(condition)
    if group is not None:
        logic, members = group
        results = (_holds(member, lookup, depth - 1) for member in members)
        return all(results) if logic != "or" or not members else any(results)
    if not isinstance(condition, dict):
        return False
    name = operator_named(condition.get("operator"))
    if name is None:
        return False
    left = _operand(condition, _LEFT, lookup)
    return OPERATORS[name](left, _operand(condition, _RIGHT, lookup))


def _holds_by(condition: Any, lookup: Lookup, depth: int, rules: Rules) -> bool:
    """Whether a condition holds by the rules of a profile."""
    if isinstance(condition, bool) or depth == 0:
        return condition is True
    group = _group(condition)
    if group is not None:
        logic, members = group
        results = (_holds_by(member, lookup, depth - 1, rules) for member in members)
        return any(results) if logic == "or" else all(results)
    return isinstance(condition, dict) and _compared(condition, lookup, rules)


def _compared(condition: dict[str, Any], lookup: Lookup, rules: Rules) -> bool:
    """Whether a comparison holds by the rules of a profile."""
    name = rules.operator_named(condition.get("operator"))
    if name is None:
        return False
    left = _side(condition, _LEFT, lookup, rules)
    if _PARTS in condition:
        return rules.of_parts(name, left, _texts(condition[_PARTS], lookup, rules))
    if name in rules.unary:
        return rules.operators[name](left, MISSING)
    right = _side(condition, _RIGHT, lookup, rules, as_text=rules.expects_text)
    return rules.operators[name](left, rules.expected(name, left, right))


def _side(
    condition: dict[str, Any],
    names: tuple[str, ...],
    lookup: Lookup,
    rules: Rules,
    *,
    as_text: bool = False,
) -> Any:
    for name in names:
        if name in condition:
            operand = condition[name]
            break
    else:
        return None
    if as_text:
        return _texts(operand, lookup, rules)
    ref = exact_ref(operand)
    if ref is None:
        return render(operand, lookup, profile=rules.name)
    try:
        return rules.walk(ref, lookup)
    except ReferenceMissing:
        return rules.missing_operand(ref)


def _texts(operand: Any, lookup: Lookup, rules: Rules) -> Any:
    """A value in which every text is a template for text."""
    match operand:
        case str():
            return render(AsText(operand), lookup, profile=rules.name)
        case dict():
            return {key: _texts(inner, lookup, rules) for key, inner in operand.items()}
        case list():
            return [_texts(inner, lookup, rules) for inner in operand]
        case _:
            return operand


def _group(condition: Any) -> tuple[str, list[Any]] | None:
    """`(logic, members)` when the condition is a group."""
    if isinstance(condition, list):
        return "and", condition
    if not isinstance(condition, dict):
        return None
    for logic in _LOGIC:
        members = condition.get(logic)
        if isinstance(members, list):
            return logic, members
    members = condition.get("conditions")
    if isinstance(members, list):
        return str(condition.get("logic", "and")).lower(), members
    return None


def _operand(condition: dict[str, Any], names: tuple[str, ...], lookup: Lookup) -> Any:
    for name in names:
        if name in condition:
            return _value(condition[name], lookup)
    return MISSING


def _value(operand: Any, lookup: Lookup) -> Any:
    """An operand's value; `MISSING` when any part of it does not exist."""
    try:
        return render(operand, lookup)
    except (ReferenceMissing, ExpressionFailed):
        return MISSING


# --- checks -------------------------------------------------------------------------------------


def condition_findings(value: Any, profile: str = "") -> list[str]:
    """What is wrong with a condition, structured or text; empty when nothing is."""
    return list(_findings(value, "", _MAX_DEPTH, rules_of(profile)))


def _findings(condition: Any, path: str, depth: int, rules: Rules | None) -> Iterator[str]:
    where = f"{path}: " if path else ""
    if isinstance(condition, str):
        if path:
            yield f"{where}expression text cannot stand inside a group"
        else:
            yield from _text_findings(condition)
        return
    if isinstance(condition, bool):
        return
    if depth == 0:
        yield f"{where}groups are nested deeper than {_MAX_DEPTH}"
        return
    group = _group(condition)
    if group is not None:
        logic, members = group
        if logic not in _LOGIC:
            yield f"{where}unknown logic {logic!r}: 'and' or 'or'"
        if not members and rules is None:
            yield f"{where}an empty group always holds"
        for index, member in enumerate(members):
            yield from _findings(member, f"{path}[{index}]", depth - 1, rules)
        return
    if not isinstance(condition, dict):
        yield f"{where}a condition is an object, a group or expression text, not {condition!r}"
        return
    yield from _comparison_findings(condition, where, rules)


def _text_findings(text: str) -> Iterator[str]:
    if not text.strip():
        yield "the condition is empty"
        return
    try:
        parse_expression(text)
    except ExpressionFailed as error:
        yield error.message


def _comparison_findings(
    condition: dict[str, Any], where: str, rules: Rules | None
) -> Iterator[str]:
    known = {*_LEFT, *_RIGHT, "operator", *((_PARTS,) if rules is not None else ())}
    operators, unary = (OPERATORS, UNARY) if rules is None else (rules.operators, rules.unary)
    for key in condition:
        if key not in known:
            yield f"{where}unknown key {key!r}: a comparison has left, operator and right"
    written = condition.get("operator")
    name = operator_named(written) if rules is None else rules.operator_named(written)
    if written is None:
        yield f"{where}no operator"
    elif name is None:
        yield f"{where}unknown operator {written!r}: known are {', '.join(operators)}"
    left = next((condition[key] for key in _LEFT if key in condition), MISSING)
    if left is MISSING:
        yield f"{where}no left side"
    elif rules is None and not _refers(left):
        yield f"{where}left side {left!r} is a constant: write a reference, `{{{{node.output}}}}`"
    rights = _RIGHT if rules is None else (*_RIGHT, _PARTS)
    has_right = any(key in condition for key in rights)
    if name is not None and name not in unary and not has_right:
        yield f"{where}operator {written!r} needs a right side"


def _refers(operand: Any) -> bool:
    ref: Ref | None = exact_ref(operand)
    return ref is not None or (isinstance(operand, str) and is_template(operand))
