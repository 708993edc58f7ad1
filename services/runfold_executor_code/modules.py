"""Gives programs in the Python sandbox the modules that it has not, of `shims`.

The sandbox cannot be given modules of Python text. So a program's `import` of one becomes an
assignment, on the same lines, and the module's text is run before it, inside a function: its names
are its own.
"""

from __future__ import annotations

import ast
import html.entities
from functools import cache, lru_cache
from pathlib import Path

from runfold.values.python_modules import ADDED, FULL_RUNTIME
from runfold.values.python_scan import TOO_DEEP, Source

_FOLDER = Path(__file__).with_name("shims")
_MISSING = "_missing_"
_BASE = f"""
class _Namespace_:
    pass
def {_MISSING}(message):
    raise ImportError(message)
"""
_MODULES_OF = {"urllib": ("urllib.parse",)}
"""Packages, and their modules."""


@lru_cache(maxsize=256)
def with_modules(code: str) -> tuple[str, str]:
    """The program with its imports replaced, and what is run before it."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, *TOO_DEEP):
        return code, ""  # the sandbox says what is wrong, and where
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    replaced = [(node, found) for node in imports if (found := _statement(node))]
    if not replaced:
        return code, ""
    needed: dict[str, None] = {}
    source = Source(code)
    for node, (statement, modules) in sorted(replaced, key=_place, reverse=True):
        start, end = source.place(node), source.end(node)
        code = code[:start] + statement + code[end:]
        needed.update(dict.fromkeys(modules))
    wanted = {one for module in needed for one in _packages(module)}
    # A package is put together of its modules.
    in_order = sorted(wanted, key=lambda module: (-module.count("."), module))
    return code, _BASE + "".join(_text(module) for module in in_order)


def _place(found: tuple[ast.stmt, object]) -> tuple[int, int]:
    return found[0].lineno, found[0].col_offset


def _statement(node: ast.Import | ast.ImportFrom) -> tuple[str, tuple[str, ...]] | None:
    """What stands for an import, and the modules it needs; None where nothing is to be done."""
    if isinstance(node, ast.Import):
        native = [ast.unparse(ast.Import([one])) for one in node.names if one.name not in ADDED]
        modules = tuple(alias.name for alias in node.names if alias.name in ADDED)
        bound = [_whole(alias) for alias in node.names if alias.name in ADDED]
    elif node.level or node.module not in ADDED or any(alias.name == "*" for alias in node.names):
        return None
    else:
        native = []
        modules = (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))
        bound = [_part(node.module, alias) for alias in node.names]
    if not bound:
        return None
    # The lines that it takes stay: those of errors are the author's.
    lines = "\n" * ((node.end_lineno or node.lineno) - node.lineno)
    name, value = bound.pop()
    assigned = [f"{name} = {value}" for name, value in bound]
    statement = "; ".join([*native, *assigned, f"{name} = ({value}{lines})"])
    needed = {one for module in modules for one in (module, *_MODULES_OF.get(module, ()))}
    return statement, tuple(needed & ADDED)


def _whole(alias: ast.alias) -> tuple[str, str]:
    root = alias.name.partition(".")[0]
    return (alias.asname, _global(alias.name)) if alias.asname else (root, _global(root))


def _part(module: str, alias: ast.alias) -> tuple[str, str]:
    name = alias.asname or alias.name
    if f"{module}.{alias.name}" in ADDED:
        return name, _global(f"{module}.{alias.name}")
    if alias.name in _names(module):
        return name, f"{_global(module)}.{alias.name}"
    message = f"the sandbox's {module} has no {alias.name!r}: {FULL_RUNTIME}"
    return name, f"{_MISSING}({message!r})"


def _global(module: str) -> str:
    return f"_module_{module.replace('.', '_')}_"


def _packages(module: str) -> tuple[str, ...]:
    """The module itself, and the packages it is in."""
    root = module.partition(".")[0]
    return (module,) if root == module else (module, root)


@cache
def _text(module: str) -> str:
    """What makes a module's namespace."""
    here = _global(module)
    if module in _MODULES_OF:
        inside = _MODULES_OF[module]
        given = [f"{here}.{one.rpartition('.')[2]} = {_global(one)}" for one in inside]
        return "\n".join((f"{here} = _Namespace_()", *given, ""))
    body = _source(module).splitlines()
    given = [f"module.{name} = {name}" for name in _names(module)]
    lines = [*body, "module = _Namespace_()", *given, "return module"]
    inside_function = "".join(f"    {line}\n" if line else "\n" for line in lines)
    return f"def _make{here}():\n{inside_function}{here} = _make{here}()\n"


@cache
def _names(module: str) -> tuple[str, ...]:
    """What a module offers."""
    if module in _MODULES_OF:
        return ()
    names: list[str] = []
    for node in ast.parse(_source(module)).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.append(node.name)
        elif isinstance(node, ast.Assign):
            inside = [one for target in node.targets for one in ast.walk(target)]
            names += [one.id for one in inside if isinstance(one, ast.Name)]
    return tuple(name for name in names if not name.startswith("_"))


@cache
def _source(module: str) -> str:
    text = (_FOLDER / f"{module.replace('.', '_')}.py").read_text(encoding="utf-8")
    if module == "html":
        text = text.replace("_NAMES: Any = {}", f"_NAMES: Any = {html.entities.html5!r}")
        text = text.replace("_WINDOWS: Any = {}", f"_WINDOWS: Any = {_windows()!r}")
    return text


def _windows() -> dict[int, str]:
    """What numbers mean in HTML that are no characters, after Windows-1252."""
    found = {0x00: "\ufffd", 0x0D: "\r"}
    for number in range(0x80, 0xA0):
        try:
            found[number] = bytes([number]).decode("cp1252")
        except UnicodeDecodeError:
            found[number] = chr(number)
    return found
