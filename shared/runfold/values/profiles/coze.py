"""The profile `coze`: values as Coze's workflows treat them."""

from __future__ import annotations

from typing import Any

from runfold.values.json_text import to_json
from runfold.values.paths import Ref
from runfold.values.profiles import coze_operators
from runfold.values.profiles.rules import Rules


def text(value: Any) -> str:
    """A value in text: compact JSON with its keys in order; null is nothing."""
    if isinstance(value, str):
        return value
    return "" if value is None else to_json(value, sort_keys=True)


def _null(_ref: Ref) -> Any:
    return None


COZE = Rules(
    name="coze",
    text=text,
    answer=text,
    printed=text,
    missing_operand=_null,
    operators=coze_operators.OPERATORS,
    null_is_no_items=True,
    ends_alone=True,
)
