"""What a document declares beside its nodes: environment and conversation variables."""

from __future__ import annotations

from typing import Any

from runfold.importers.dify.reading import text_at
from runfold.importers.draft import native_id
from runfold.values.references import references_in


def variables(
    original: list[Any], before: dict[str, Any], now: dict[str, Any], kind: str
) -> list[Any]:
    """The variables of a list with what changed.

    Args:
        original: As the document has them.
        before: Name → value, as imported.
        now: Name → value.
        kind: `env` or `conversation`.
    """
    made = []
    known: set[str] = set()
    for one in original:
        name = native_id(text_at(one, "name"))
        if name in before and name not in now:
            continue
        known.add(name)
        is_changed = name in now and before.get(name) != now[name]
        made.append({**one, **_value(now[name])} if is_changed else one)
    return [*made, *(_declared(name, now[name], kind) for name in now if name not in known)]


def secrets_of(definition: dict[str, Any]) -> list[str]:
    """The secrets that a definition reads."""
    names = {
        str(ref.path[0])
        for ref in references_in(definition.get("nodes"))
        if ref.root == "secrets" and ref.path
    }
    return sorted(names)


def secret(name: str) -> dict[str, Any]:
    """A secret of the environment; its value is not in a document."""
    return {**_declared(name, "", "env"), "value_type": "secret"}


def _declared(name: str, value: Any, kind: str) -> dict[str, Any]:
    return {
        "id": f"{kind}-{name}",
        "name": name,
        "description": "",
        "selector": [kind, name],
        **_value(value),
    }


def _value(value: Any) -> dict[str, Any]:
    match value:
        case bool():
            type_ = "boolean"
        case int() | float():
            type_ = "number"
        case dict():
            type_ = "object"
        case list():
            kinds = {type(one) for one in value}
            type_ = "array[string]" if kinds == {str} else "array[object]"
            type_ = "array[number]" if kinds and kinds <= {int, float} else type_
        case _:
            return {"value_type": "string", "value": "" if value is None else value}
    return {"value_type": type_, "value": value}
