"""Python of Code nodes, for the sandbox's Python: as one function, called once or for each item.

n8n runs it where fields are attributes as well: `item.json.name`. In the sandbox items are plain
dictionaries, so such steps are rewritten to `item["json"]["name"]`.
"""

from __future__ import annotations

import ast
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from runfold.values.python_bounds import program_problem
from runfold.values.python_scan import TOO_DEEP
from runfold_executor_code.items.step import StepFailed
from runfold_executor_code.modules import with_modules
from runfold_executor_code.sandbox import Program

_DATA = ("json", "binary")
_OBJECTS = ("_json", "_workflow", "_execution", "_prevNode", "_vars", "_env")
"""Names of objects whose fields may be written as attributes."""
_MODE = "production"
_NAMES = "_items, _item, _json, _input, _itemIndex, items, item"
_PREAMBLE = """
import json
class _Selected:
    def __init__(self, items, index, executed):
        self.items = items
        self.item = items[index] if index < len(items) else None
        self.isExecuted = executed
        self.params = {}
        self.context = {}
    def all(self, *args):
        return self.items
    def first(self, *args):
        return self.items[0] if self.items else None
    def last(self, *args):
        return self.items[-1] if self.items else None
    def itemMatching(self, index):
        return self.items[index]
    def pairedItem(self, *args):
        return self.item
"""
_BEGIN = """
def _(name):
    node = _others.get(name)
    if node is None:
        return _Selected([], 0, False)
    items = node["ports"].get("0", [])
    if "runs" in node:
        begin, end = node["runs"][node["run"]].get("0", [0, 0])
        items = items[begin:end]
    return _Selected(items, 0, True)
_node = {name: {"json": _(name).first()["json"]} for name in _others if _(name).items}
"""


def python_program(source: str, data: dict[str, Any], *, each: bool) -> Program:
    """The program: its value is what the code returned, or a list of that for each item.

    Raises:
        StepFailed: When it cannot be read.
    """
    problem = program_problem(source)
    if problem:
        raise StepFailed(problem)
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, *TOO_DEEP) as error:
        line = f" in line {error.lineno}" if isinstance(error, SyntaxError) else ""
        message = f"the code is not Python{line}: {getattr(error, 'msg', error)}"
        raise StepFailed(message) from None
    tree = _Fields().visit(tree)
    body = ast.unparse(ast.fix_missing_locations(tree)) or "pass"
    code, modules = with_modules(body)
    indented = "\n".join(f"    {line}" for line in ast.unparse(ast.parse(code)).split("\n"))
    items = data["items"]
    calls = (
        "[__program__(_items, one, one['json'], _Selected(_items, at, True), at, _items, one)"
        " for at, one in enumerate(_items)]"
        if each
        else "__program__(_items, _items[0] if _items else None,"
        " _items[0]['json'] if _items else {}, _Selected(_items, 0, True), 0, _items, None)"
    )
    names = {
        "_items": items,
        "_others": {name: one for name, one in data["others"].items() if isinstance(one, dict)},
        "_workflow": {"active": False, **data["workflow"]},
        "_execution": {"id": data["execution_id"], "mode": _MODE},
        "_prevNode": {"name": data["prev"]["node"], "outputIndex": data["prev"]["output"]},
        "_vars": _object(data["provided"], "vars"),
        "_env": _object(data["provided"], "env"),
        "_mode": _MODE,
        "_runIndex": data["run_index"],
        **_moments(data),
    }
    text = f"{_BEGIN}\ndef __program__({_NAMES}):\n{indented}\n"
    return Program(text, names, calls, preamble=_PREAMBLE + modules)


def _object(values: dict[str, Any], name: str) -> dict[str, Any]:
    found = values.get(name)
    return found if isinstance(found, dict) else {}


def _moments(data: dict[str, Any]) -> dict[str, str]:
    """`_now` and `_today`, as text in ISO 8601."""
    try:
        zone = ZoneInfo(data["timezone"])
    except (ZoneInfoNotFoundError, ValueError, OSError):
        zone = ZoneInfo("UTC")
    now = datetime.fromtimestamp(data["now"] / 1000, UTC).astimezone(zone)
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return {
        "_now": now.isoformat(timespec="milliseconds"),
        "_today": today.isoformat(timespec="milliseconds"),
    }


class _Fields(ast.NodeTransformer):
    """Attributes that are fields of items → subscripts."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if isinstance(node.func, ast.Attribute):
            inner = node.func.value = self.visit(node.func.value)
            node.args = [self.visit(one) for one in node.args]
            node.keywords = [self.visit(one) for one in node.keywords]
            return inner if node.func.attr == "to_py" else node
        return self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        node.value = self.visit(node.value)
        if node.attr in _DATA or _is_field(node.value):
            key = ast.Constant(node.attr)
            return ast.Subscript(value=node.value, slice=key, ctx=node.ctx)
        return node


def _is_field(value: ast.AST) -> bool:
    """Whether a value is an item's `json`, or lies in it."""
    if isinstance(value, ast.Name):
        return value.id in _OBJECTS
    if not isinstance(value, ast.Subscript):
        return False
    key = value.slice
    return (isinstance(key, ast.Constant) and key.value in _DATA) or _is_field(value.value)
