"""What the Python sandbox can run of Python: its modules, and what of the language it has not.

Read with `ast`, never run. What a program needs beyond that is said before it is run, with what
else runs it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from runfold.values.python_bounds import program_problem
from runfold.values.python_scan import TOO_DEEP, parents_of

NATIVE = frozenset((
    *("asyncio", "base64", "binascii", "bisect", "collections", "copy", "csv", "dataclasses"),
    *("datetime", "decimal", "functools", "hashlib", "itertools", "json", "math", "os", "os.path"),
    *("pathlib", "posixpath", "random", "re", "sys", "time", "tomllib", "typing", "unicodedata"),
))  # fmt: skip
"""Modules that the sandbox has itself."""
ADDED = frozenset((
    *("calendar", "heapq", "hmac", "html", "io", "operator", "statistics", "string", "textwrap"),
    *("urllib", "urllib.parse", "uuid"),
))  # fmt: skip
"""Modules that programs are given in the part that the sandbox can run."""
FUTURE = "__future__"

FULL_RUNTIME = "`runtime: full` has it where the operator turned that on"
_HTTP = "use an `http_request` node before this one, or after it"
_ADVICE = {
    **dict.fromkeys(("requests", "httpx", "aiohttp", "urllib3", "urllib", "http"), _HTTP),
    "openai": "use an `llm` node",
}


class Lack(NamedTuple):
    """Something that a program needs and the sandbox has not."""

    line: int
    message: str


def advice(module: str) -> str:
    """What to use instead of a module that the sandbox has not."""
    root = module.partition(".")[0]
    return _ADVICE.get(module) or _ADVICE.get(root) or FULL_RUNTIME


@lru_cache(maxsize=256)
def sandbox_lacks(code: str) -> tuple[Lack, ...]:
    """What a program needs that the sandbox has not, in order.

    Imports inside `try` are left to it. Text that is not Python of this interpreter lacks nothing:
    the sandbox says what is wrong with it.
    """
    if program_problem(code):
        return ()
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, *TOO_DEEP):
        return ()
    return tuple(sorted({*_missing_modules(tree), *_missing_syntax(tree)}))


def _missing_modules(tree: ast.Module) -> Iterator[Lack]:
    parents = parents_of(tree)
    for node in ast.walk(tree):
        for module in modules_of(node):
            if not is_there(module) and not _is_tried(node, parents):
                message = f"the sandbox has no module {module!r}: {advice(module)}"
                yield Lack(_line(node), message)


def modules_of(node: ast.AST) -> tuple[str, ...]:
    """The modules that a statement imports."""
    if isinstance(node, ast.Import):
        return tuple(alias.name for alias in node.names)
    if not isinstance(node, ast.ImportFrom) or node.level or not node.module:
        return ()
    if node.module == "urllib":
        return tuple(f"urllib.{alias.name}" for alias in node.names)
    return (node.module,)


def is_there(module: str) -> bool:
    """Whether programs in the sandbox can import it."""
    return module in NATIVE or module in ADDED or module == FUTURE


def _is_tried(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    while (parent := parents.get(node)) is not None:
        if isinstance(parent, ast.Try) and node in parent.body:
            return True
        node = parent
    return False


_WITHOUT = "is not in the sandbox: `runtime: full` has it where the operator turned that on"
_DECORATORS = frozenset(("property", "staticmethod", "classmethod"))


def _missing_syntax(tree: ast.Module) -> Iterator[Lack]:
    for node in ast.walk(tree):
        what = _named(node)
        if what:
            yield Lack(_line(node), f"{what} {_WITHOUT}")


def _named(node: ast.AST) -> str:
    match node:
        case ast.Yield() | ast.YieldFrom():
            return "`yield`"
        case ast.Delete():
            return "`del`"
        case ast.ClassDef() if node.bases or node.keywords:
            return f"inheritance (class {node.name!r})"
        case ast.ClassDef():
            found = next((name for one in node.body for name in _decorators(one)), "")
            return f"`@{found}`" if found else ""
        case _:
            return ""


def _decorators(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        for one in node.decorator_list:
            if isinstance(one, ast.Name) and one.id in _DECORATORS:
                yield one.id


def _line(node: ast.AST) -> int:
    return int(getattr(node, "lineno", 0))
