"""What the fields of a struct mean, as their docstrings say.

A field's docstring is the text below it, which Python does not keep: it is read from the source.
Where a module has none, as one made while the program runs, fields have no descriptions.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

import msgspec


@lru_cache(maxsize=512)
def descriptions(struct: type[msgspec.Struct]) -> dict[str, str]:
    """Attribute → its docstring on one line, those of parents included."""
    found: dict[str, str] = {}
    for base in reversed(struct.__mro__):
        if issubclass(base, msgspec.Struct) and base is not msgspec.Struct:
            found |= _own(base)
    return found


def _own(struct: type[msgspec.Struct]) -> dict[str, str]:
    body = _classes_of(struct.__module__).get(struct.__qualname__, [])
    return {
        field.target.id: " ".join(text.value.value.split())
        for field, text in pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }


@lru_cache(maxsize=256)
def _classes_of(module: str) -> dict[str, list[ast.stmt]]:
    """Class → its body, of a module that is parsed once for all of its structs."""
    try:
        tree = ast.parse(inspect.getsource(sys.modules[module]))
    except (KeyError, OSError, TypeError):
        return {}
    return dict(_classes_in(tree.body, ""))


def _classes_in(body: list[ast.stmt], within: str) -> Iterator[tuple[str, list[ast.stmt]]]:
    """All classes by their qualified names, those in functions and classes too."""
    for one in body:
        if isinstance(one, ast.ClassDef):
            yield f"{within}{one.name}", one.body
            yield from _classes_in(one.body, f"{within}{one.name}.")
        elif isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _classes_in(one.body, f"{within}{one.name}.<locals>.")
