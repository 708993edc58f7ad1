"""Finds the references of a node's configuration, and the values that they need.

Templates, programs and expressions are scanned by `template_scan`, `python_scan`,
`javascript_scan` and `expressions`; a plain path's syntax and how it is followed are in `paths`,
whose names are offered here too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from runfold.errors import ReferenceMissing
from runfold.values.expressions import expression_refs
from runfold.values.javascript_scan import javascript_refs
from runfold.values.paths import (
    EVERYTHING,
    Lookup,
    Ref,
    is_path,
    lookup_in,
    parse_ref,
    resolve,
    spelled,
)
from runfold.values.python_scan import code_refs
from runfold.values.template_scan import is_template, scan

__all__ = [
    "EVERYTHING",
    "EXECUTOR_ROOTS",
    "Data",
    "Lookup",
    "Ref",
    "exact_ref",
    "is_computed",
    "is_data",
    "lookup_in",
    "parse_ref",
    "path_of",
    "placed_references",
    "prune",
    "references_in",
    "resolve",
    "spelled",
]

EXECUTOR_ROOTS = frozenset(("env", "secrets"))
"""Roots that only an executor resolves: events and tasks never have their values."""

Steps = tuple[Any, str | int] | None
"""A way into a value, the last step first: making none longer than it was costs nothing."""
_Placed = tuple[Steps, Ref]

_CODE_FIELD = "code"
DATA_FIELDS = ("document", "sql")
"""Among raw fields: data, in which nothing is read."""


class Data(str):
    """Name of a raw field that is data of another system, in which nothing is read."""

    __slots__ = ()


_LANGUAGE_FIELD = "language"
_JAVASCRIPT = "javascript"
_REF_KEY = "ref"
_ABSENT = object()
"""Stands for a value that does not exist."""


def exact_ref(value: Any) -> Ref | None:
    """The reference a value is nothing but: `"{{a.b}}"` or `{"ref": "a.b"}`, else None."""
    if isinstance(value, str):
        if "{{" not in value:
            return None
        parts = scan(value.strip()).parts
        if parts is not None and len(parts) == 1 and isinstance(parts[0], Ref):
            return parts[0]
        return None
    if isinstance(value, dict) and len(value) == 1 and isinstance(value.get(_REF_KEY), str):
        path = value[_REF_KEY]
        return parse_ref(path) if is_path(path) else None
    return None


def is_computed(value: Any) -> bool:
    """Whether only rendering tells what a value is: a template, or an object that refers."""
    if isinstance(value, str):
        return is_template(value)
    return isinstance(value, dict) and exact_ref(value) is not None


def references_in(value: Any, *, raw: tuple[str, ...] = ()) -> tuple[Ref, ...]:
    """All references in a configuration, each once, in order of appearance.

    Args:
        value: A JSON value; strings in it are templates.
        raw: Fields of the outermost object that are programs: `code` is read as one of Python, or
            of what `language` says, `DATA_FIELDS` and `Data` not at all, any other as conditions,
            whose text is an expression.
    """
    return tuple(placed_references(value, raw=raw))


def placed_references(value: Any, *, raw: tuple[str, ...] = ()) -> dict[Ref, Steps]:
    """The same, each with the place where it stands first."""
    found: dict[Ref, Steps] = {}
    if not raw or not isinstance(value, dict):
        refs = _template_refs(value, None)
    else:
        language = value.get(_LANGUAGE_FIELD)
        refs = chain.from_iterable(_field_refs(*field, raw, language) for field in value.items())
    for place, ref in refs:
        found.setdefault(ref, place)
    return found


def path_of(place: Steps) -> str:
    """The way to a place: `.body.items[2]`."""
    steps: list[str] = []
    while place is not None:
        place, step = place
        steps.append(f"[{step}]" if isinstance(step, int) else f".{step}")
    return "".join(reversed(steps))


def _field_refs(key: str, value: Any, raw: tuple[str, ...], language: object) -> Iterator[_Placed]:
    place = (None, key)
    if key not in raw:
        return _template_refs(value, place)
    if is_data(key, raw):
        return iter(())
    if key == _CODE_FIELD and isinstance(value, str):
        refs = javascript_refs if language == _JAVASCRIPT else code_refs
        return ((place, ref) for ref in refs(value))
    return _condition_refs(value, place, is_text=True)


def is_data(key: str, raw: tuple[str, ...]) -> bool:
    """Whether a raw field is data, in which nothing is read."""
    return key in DATA_FIELDS or any(isinstance(one, Data) and one == key for one in raw)


def _template_refs(value: Any, place: Steps) -> Iterator[_Placed]:
    if isinstance(value, str):
        if is_template(value):
            for ref in scan(value).refs:
                yield place, ref
    elif isinstance(value, dict):
        exact = exact_ref(value)
        if exact is not None:
            yield place, exact
            return
        for key, inner in value.items():
            yield from _template_refs(inner, (place, key))
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _template_refs(inner, (place, index))


def _condition_refs(value: Any, place: Steps, *, is_text: bool) -> Iterator[_Placed]:
    """References of conditions: text under `condition` is an expression, other text a template."""
    if isinstance(value, str):
        if not is_text:
            yield from _template_refs(value, place)
            return
        for ref in expression_refs(value):
            yield place, ref
    elif isinstance(value, dict):
        if exact_ref(value) is not None:
            yield from _template_refs(value, place)
            return
        for key, inner in value.items():
            yield from _condition_refs(inner, (place, key), is_text=key == "condition")
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _condition_refs(inner, (place, index), is_text=False)


def prune(refs: Iterable[Ref], lookup: Lookup) -> dict[str, Any]:
    """The values a task needs for its references, by root name.

    Of an object, only the keys that are referred to are taken. A value that does not exist is left
    out: the user of the reference knows whether that is an error. The caller handles `Ref("*")`.
    """
    needed: dict[str, Any] = {}
    whole: set[str] = set()
    found: dict[str, Any] = {}
    for ref in refs:
        root = ref.root
        if root == EVERYTHING or root in EXECUTOR_ROOTS or root in whole:
            continue
        if root not in found:
            try:
                found[root] = lookup(root)
            except ReferenceMissing:
                found[root] = _ABSENT
        value = found[root]
        if value is _ABSENT:
            continue
        first = ref.path[0] if ref.path else None
        if not isinstance(value, Mapping) or first is None:
            needed[root] = value
            whole.add(root)
            continue
        kept = needed.setdefault(root, {})
        for key in (first, str(first)):
            if key in value:
                kept[key] = value[key]
                break
    return needed
