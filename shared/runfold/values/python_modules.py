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
from runfold.values.python_names import NAMES, NOT_BUILT_IN
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
_ADVICE_ON_NAMES = {
    "collections.OrderedDict": "a dict keeps its order",
    **dict.fromkeys(("IOError", "EnvironmentError"), "it is OSError"),
    **dict.fromkeys(("open", "input"), "values come in `params` and `context`"),
    "os.environ": "settings come as `{{env.NAME}}` in params",
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
    parents = parents_of(tree)
    found = {
        *_missing_modules(tree, parents),
        *_missing_names(tree, parents),
        *_missing_syntax(tree, parents),
    }
    return tuple(sorted(found))


def _missing_modules(tree: ast.Module, parents: dict[ast.AST, ast.AST]) -> Iterator[Lack]:
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


# --- names --------------------------------------------------------------------------------------


def _missing_names(tree: ast.Module, parents: dict[ast.AST, ast.AST]) -> Iterator[Lack]:
    """Names of the sandbox's modules, and of Python's own, that are not there."""
    modules, bound = _bound(tree)
    for node in ast.walk(tree):
        for missing in _names_without(node, modules, bound):
            if not _is_tried(node, parents):
                hint = _ADVICE_ON_NAMES.get(missing) or FULL_RUNTIME
                yield Lack(_line(node), f"the sandbox has no {missing!r}: {hint}")


def _names_without(node: ast.AST, modules: dict[str, str], bound: set[str]) -> Iterator[str]:
    match node:
        case ast.ImportFrom(module=str(module), level=0) if module in NAMES.keys() - {"urllib"}:
            for alias in node.names:
                if alias.name not in NAMES[module] and alias.name[:1] not in "_*":
                    yield f"{module}.{alias.name}"
        case ast.Attribute(ctx=ast.Load()):
            module = _module_of(node.value, modules, bound)
            if node.attr not in NAMES.get(module, {node.attr}) and node.attr[:1] != "_":
                yield f"{module}.{node.attr}"
        case ast.Call(func=ast.Attribute(value=of, attr="dumps" | "dump" as name)):
            taken = [word.arg for word in node.keywords if word.arg in ("default", "cls")]
            if taken and _module_of(of, modules, bound) == "json":
                yield f"json.{name}({taken[0]}=…)"
        case ast.Name(ctx=ast.Load()) if node.id in NOT_BUILT_IN:
            if node.id not in bound and node.id not in modules:
                yield node.id
        case _:
            return


def _module_of(node: ast.expr, modules: dict[str, str], bound: set[str]) -> str:
    """The module that an expression names for certain; empty otherwise."""
    if isinstance(node, ast.Name):
        return "" if node.id in bound else modules.get(node.id, "")
    if isinstance(node, ast.Attribute):
        whole = f"{_module_of(node.value, modules, bound)}.{node.attr}"
        return whole if whole in NAMES else ""
    return ""


def _bound(tree: ast.Module) -> tuple[dict[str, str], set[str]]:
    """The names that stand for modules, with these, and the names that the program gives itself."""
    modules: dict[str, str] = {}
    bound: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for name, whole in _imported(node):
                modules.update({name: whole} if whole in NAMES else {})
                bound.update(() if whole in NAMES else (name,))
        else:
            bound.update(_given(node))
    return modules, bound


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    """The names that an import gives, and what of a module each stands for."""
    for alias in node.names:
        root = alias.name.partition(".")[0]
        if isinstance(node, ast.ImportFrom):
            yield alias.asname or alias.name, f"{node.module}.{alias.name}"
        else:
            yield (alias.asname, alias.name) if alias.asname else (root, root)


def _given(node: ast.AST) -> tuple[str, ...]:
    """The names that a part of a program gives itself."""
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
            return (name,)
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return (name,)
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
            return (name,)
        case ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
            return (name,)
        case _:
            return ()


# --- syntax -------------------------------------------------------------------------------------

_WITHOUT = "is not in the sandbox: `runtime: full` has it where the operator turned that on"
_DECORATORS = frozenset(("property", "staticmethod", "classmethod"))


def _missing_syntax(tree: ast.Module, parents: dict[ast.AST, ast.AST]) -> Iterator[Lack]:
    for node in ast.walk(tree):
        what = _named(node) or _in_class(node, parents)
        if what:
            yield Lack(_line(node), f"{what} {_WITHOUT}")


def _named(node: ast.AST) -> str:
    match node:
        case ast.Yield() | ast.YieldFrom():
            return "`yield`"
        case ast.Delete():
            return "`del`"
        case ast.AsyncFor() | ast.comprehension(is_async=1):
            return "`async for`"
        case ast.AsyncWith():
            return "`async with`"
        case ast.TryStar():
            return "`except*`"
        case ast.ImportFrom() if any(alias.name == "*" for alias in node.names):
            return "`from … import *`"
        case ast.ClassDef() if node.bases or node.keywords:
            return f"inheritance (class {node.name!r})"
        case ast.ClassDef():
            found = next((name for one in node.body for name in _decorators(one)), "")
            return f"`@{found}`" if found else ""
        case _:
            # Of Pythons later than the first that this runs on.
            return "`type X = …`" if type(node).__name__ == "TypeAlias" else ""


def _in_class(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> str:
    """A class inside a class."""
    if isinstance(node, ast.ClassDef) and isinstance(parents.get(node), ast.ClassDef):
        return f"a class inside a class ({node.name!r})"
    return ""


def _decorators(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        for one in node.decorator_list:
            if isinstance(one, ast.Name) and one.id in _DECORATORS:
                yield one.id


def _line(node: ast.AST) -> int:
    placed = node.target if isinstance(node, ast.comprehension) else node
    return int(getattr(placed, "lineno", 0))
