"""The operators of Dify's conditions: what does not fit fails the node, and is not just false."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runfold.contracts.json_reader import read_json
from runfold.errors import ExpressionFailed, Undecodable
from runfold.values.files import is_file
from runfold.values.operators import MISSING, Operator
from runfold.values.paths import Ref
from runfold.values.types import kind_name


def missing(ref: Ref) -> Any:
    """A side that leads nowhere fails the node."""
    message = f"{ref.text!r} has no value: Dify fails a condition on it"
    details = {"reference": ref.text}
    raise ExpressionFailed(message, code="condition.missing", kind="reference", details=details)


def expected(_name: str, left: Any, right: Any) -> Any:
    """The right side; beside booleans, text is read as JSON: `true` is one, `True` an error."""
    if not _is_boolean(left):
        return right
    if isinstance(right, list):
        return [_boolean(one) for one in right]
    return right if right is None else _boolean(right)


def of_files(name: str, left: Any, where: Any) -> bool:
    """Whether conditions on attributes hold for a list of files.

    Each is looked at for all files: one that holds is enough, unless the operator says `not`.
    """
    files = left if isinstance(left, list) else []
    if not all(map(is_file, files)):
        raise _misfit(name, left, "a list of files")
    logic, members = _group_of(where)
    results = (_file_condition(member, files) for member in members)
    return any(results) if logic == "or" else all(results)


def _group_of(where: Any) -> tuple[str, list[Any]]:
    if isinstance(where, dict):
        for logic in ("and", "or"):
            if isinstance(where.get(logic), list):
                return logic, where[logic]
        if isinstance(where.get("conditions"), list):
            return str(where.get("logic", "and")).lower(), where["conditions"]
    return "and", where if isinstance(where, list) else [where]


def _file_condition(member: dict[str, Any], files: list[dict[str, Any]]) -> bool:
    written, key = member.get("operator"), str(member.get("field", ""))
    name = operator_of(written)
    if name is None:
        message = f"unknown operator {written!r} in `where`"
        raise ExpressionFailed(message, code="condition.invalid", kind="input")
    right = member.get("value")
    if key == "extension" and isinstance(right, str):
        right = _dotted(right)
    results = [OPERATORS[name](attribute(one, key), right) for one in files]
    return all(results) if "not" in name else any(results)


def attribute(file: dict[str, Any], key: str) -> Any:
    """An attribute of a file under Dify's name for it."""
    value = file.get(_ATTRIBUTES.get(key, key))
    return _dotted(value) if key == "extension" and isinstance(value, str) else value


_ATTRIBUTES = {"type": "kind", "mime_type": "media_type", "related_id": "sha256"}


def _dotted(extension: str) -> str:
    return f".{extension}" if extension and not extension.startswith(".") else extension


def _is_boolean(left: Any) -> bool:
    if isinstance(left, list) and left:
        return all(isinstance(one, bool) for one in left)
    return isinstance(left, bool)


def _boolean(value: Any) -> bool:
    if isinstance(value, str):
        try:
            value = read_json(value)
        except Undecodable:
            value = None
    if isinstance(value, bool | int):
        return bool(value)
    message = "beside a boolean stands `true`, `false` or a whole number"
    raise ExpressionFailed(message, code="condition.type", kind="input")


# --- one operator each ----------------------------------------------------------------------------


def _contains(left: Any, right: Any) -> bool:
    if not left:
        return False
    if isinstance(left, str):
        return (right if isinstance(right, str) else str(right)) in left
    if isinstance(left, list):
        return right in left
    raise _misfit("contains", left, "text or a list")


def _edge(name: str, method: Callable[[str, str], bool]) -> Operator:
    def operator(left: Any, right: Any) -> bool:
        if not left:
            return False
        if not isinstance(left, str) or not isinstance(right, str):
            raise _misfit(name, left if not isinstance(left, str) else right, "text")
        return method(left, right)

    return operator


def _is(left: Any, right: Any) -> bool:
    if isinstance(left, str | bool):
        return bool(left == right)
    raise _misfit("is", left, "text or a boolean")


def _equals(left: Any, right: Any) -> bool:
    if isinstance(left, int | float):
        return bool(left == _cast(type(left), right))
    raise _misfit("=", left, "a number or a boolean")


def _cast(kind: Callable[[Any], Any], right: Any) -> Any:
    """The right side as the left one's kind: "1.5" is no whole number, and 1.5 is cut to 1."""
    try:
        return kind(right)
    except (TypeError, ValueError, OverflowError):
        message = f"= cannot compare with {kind_name(right)} as a number"
        raise ExpressionFailed(message, code="condition.type", kind="input") from None


def _ordered(name: str, compare: Callable[[float, float], bool]) -> Operator:
    def operator(left: Any, right: Any) -> bool:
        if left is None:
            return False
        if not isinstance(left, int | float):
            raise _misfit(name, left, "a number")
        return compare(left, _number(name, right))

    return operator


def _number(name: str, right: Any) -> int | float:
    if isinstance(right, int | float):
        return right
    try:
        number = float(right)
    except (TypeError, ValueError):
        raise _misfit(name, right, "a number") from None
    return int(number) if number.is_integer() else number


def _in(left: Any, right: Any) -> bool:
    if not left:
        return False
    if isinstance(right, list):
        return left in right
    raise _misfit("in", right, "a list")


def _all_of(left: Any, right: Any) -> bool:
    wanted = right if isinstance(right, list) else None
    of_one_kind = wanted is not None and any(
        all(isinstance(one, kind) for one in wanted) for kind in (str, bool)
    )
    if wanted is None or not of_one_kind:
        raise _misfit("all_of", right, "a list of texts or of booleans")
    return bool(left) and isinstance(left, list | str) and all(one in left for one in wanted)


def _not(operator: Operator) -> Operator:
    return lambda left, right: not operator(left, right)


def _unless_null(operator: Operator) -> Operator:
    return lambda left, right: left is not None and operator(left, right)


OPERATORS: dict[str, Operator] = {
    "contains": _contains,
    "not_contains": _not(_contains),
    "starts_with": _edge("starts_with", str.startswith),
    "ends_with": _edge("ends_with", str.endswith),
    "is": _unless_null(_is),
    "is_not": _unless_null(_not(_is)),
    "equals": _unless_null(_equals),
    "not_equals": _unless_null(_not(_equals)),
    ">": _ordered(">", lambda left, right: left > right),
    "<": _ordered("<", lambda left, right: left < right),
    ">=": _ordered(">=", lambda left, right: left >= right),
    "<=": _ordered("<=", lambda left, right: left <= right),
    "empty": lambda left, _right: not left,
    "not_empty": lambda left, _right: bool(left),
    "in": _in,
    "not_in": _not(_in),
    "all_of": _all_of,
    "is_null": lambda left, _right: left is None,
    "not_null": lambda left, _right: left is not None,
    "exists": lambda left, _right: left is not None,
    "not_exists": lambda left, _right: left is None,
}
"""Every operator by its name in a condition of the profile."""

SPELLINGS = {
    "=": "equals",
    "≠": "not_equals",
    "!=": "not_equals",
    "≥": ">=",
    "≤": "<=",
    "start_with": "starts_with",
    "end_with": "ends_with",
    "null": "is_null",
}
"""Dify's own names, with `_` for blanks."""


def operator_of(written: Any) -> str | None:
    """The name of an operator in either spelling."""
    plain = written.strip().lower().replace(" ", "_") if isinstance(written, str) else ""
    plain = SPELLINGS.get(plain, plain)
    return plain if plain in OPERATORS else None


def _misfit(name: str, value: Any, wanted: str) -> ExpressionFailed:
    found = "nothing" if value is MISSING else kind_name(value)
    message = f"operator {name!r} needs {wanted}, got {found}"
    details = {"operator": name}
    return ExpressionFailed(message, code="condition.type", kind="input", details=details)
