"""What the fields of a struct mean, as their docstrings say.

A field's docstring is the text below it, which Python does not keep: it is read from the source.
Where a module has none, as one made while the program runs, fields have no descriptions.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
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
    try:
        source = textwrap.dedent(inspect.getsource(struct))
    except (OSError, TypeError):
        return {}
    (body,) = (node.body for node in ast.parse(source).body if isinstance(node, ast.ClassDef))
    return {
        field.target.id: " ".join(text.value.value.split())
        for field, text in pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }
