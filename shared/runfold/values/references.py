"""Finds the references of a node's configuration, and the values that they need.

Templates, programs and expressions are scanned by `template_scan`, `python_scan` and
`expressions`; a plain path's syntax and how it is followed are in `paths`, whose names are
offered here too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from runfold.errors import ReferenceMissing
from runfold.values.expressions import expression_refs
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
    "Lookup",
    "Ref",
    "exact_ref",
    "is_computed",
    "lookup_in",
    "parse_ref",
    "prune",
    "references_in",
    "resolve",
    "spelled",
]

EXECUTOR_ROOTS = frozenset(("env", "secrets"))
"""Roots that only an executor resolves: events and tasks never have their values."""

_CODE_FIELD = "code"
_REF_KEY = "ref"


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
        raw: Fields of the outermost object that are Python: `code` is read as a program, any
            other as conditions, whose text is an expression.
    """
    if not raw or not isinstance(value, dict):
        return tuple(dict.fromkeys(_template_refs(value)))
    found: dict[Ref, None] = {}
    for key, inner in value.items():
        if key not in raw:
            refs = _template_refs(inner)
        elif key == _CODE_FIELD and isinstance(inner, str):
            refs = iter(code_refs(inner))
        else:
            refs = _condition_refs(inner, is_text=True)
        found |= dict.fromkeys(refs)
    return tuple(found)


def _template_refs(value: Any) -> Iterator[Ref]:
    if isinstance(value, str):
        if is_template(value):
            yield from scan(value).refs
    elif isinstance(value, dict):
        ref = exact_ref(value)
        if ref is not None:
            yield ref
            return
        for inner in value.values():
            yield from _template_refs(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _template_refs(inner)


def _condition_refs(value: Any, *, is_text: bool) -> Iterator[Ref]:
    """References of conditions: text under `condition` is an expression, other text a template."""
    if isinstance(value, str):
        yield from expression_refs(value) if is_text else _template_refs(value)
    elif isinstance(value, dict):
        if exact_ref(value) is not None:
            yield from _template_refs(value)
            return
        for key, inner in value.items():
            yield from _condition_refs(inner, is_text=key == "condition")
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _condition_refs(inner, is_text=False)


def prune(refs: Iterable[Ref], lookup: Lookup) -> dict[str, Any]:
    """The values a task needs for its references, by root name.

    Of an object, only the keys that are referred to are taken. A value that does not exist is left
    out: the user of the reference knows whether that is an error. The caller handles `Ref("*")`.
    """
    needed: dict[str, Any] = {}
    whole: set[str] = set()
    absent: set[str] = set()
    for ref in refs:
        root = ref.root
        if root == EVERYTHING or root in EXECUTOR_ROOTS or root in whole or root in absent:
            continue
        try:
            value = lookup(root)
        except ReferenceMissing:
            absent.add(root)
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
