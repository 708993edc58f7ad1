"""`code` → code: the same program, called with its parameters one by one."""

from __future__ import annotations

from typing import Any

from runfold.exporters.dify.errors import write_errors
from runfold.exporters.dify.kind import WrittenKind
from runfold.exporters.dify.room import Room
from runfold.exporters.writing import NotMappable, Writing
from runfold.graph.definition import Node
from runfold.importers.dify.flow import PROFILE, Path

_LANGUAGES = {"python": "python3", "javascript": "javascript"}
_TYPES = {
    "string": "string",
    "number": "number",
    "integer": "number",
    "object": "object",
    "boolean": "boolean",
}


def _write(writing: Writing, room: Room) -> None:
    config = writing.config
    language = config.get("language", "python")
    params = config.get("params", {})
    writing.put("code", "code", lambda: _program(writing.node, params))
    writing.put("code_language", "language", lambda: _LANGUAGES[language])
    writing.put(
        "variables",
        "params",
        lambda: [
            {"variable": name, "value_selector": room.selector(value)}
            for name, value in params.items()
        ],
    )
    writing.put("outputs", "outputs", lambda: _outputs(writing))
    writing.use("runtime")
    write_errors(writing)


def _program(node: Node, params: dict[str, Any]) -> str:
    """The program as Dify calls it: Python's `main` takes parameters, not one object."""
    code = str(node.config.get("code", ""))
    if node.profile == PROFILE or node.config.get("language") == "javascript":
        return code
    if "def main" not in code:
        message = "Dify's programs are a function `main`, and no statements that set `result`"
        raise NotMappable(message)
    called = "".join(f"\n\n\n_main = main\n\n\ndef main({', '.join(params)}):\n")
    given = ", ".join(f"{name!r}: {name}" for name in params)
    return f"{code.rstrip()}{called}    return _main({{{given}}})\n"


def _outputs(writing: Writing) -> dict[str, Any]:
    declared = writing.config.get("outputs")
    if not declared and writing.node.profile == PROFILE:
        return {}
    if not declared:
        message = "Dify's programs declare their outputs and types: write `outputs`"
        raise NotMappable(message)
    found = {}
    for name, type_ in declared.items():
        if type_ == "array":
            writing.said.append(f"output {name!r} is declared as array[object]")
        found[name] = _declared(name, type_)
    return found


def _declared(name: str, schema: Any) -> dict[str, Any]:
    """A type as Dify declares it, with what is inside."""
    type_ = schema.get("type") if isinstance(schema, dict) else schema
    inside = schema if isinstance(schema, dict) else {}
    if type_ == "array":
        items = inside.get("items", "object")
        element = items.get("type") if isinstance(items, dict) else items
        inside = items if isinstance(items, dict) else {}
        written = f"array[{_type(name, element)}]"
    else:
        written = _type(name, type_)
    properties = inside.get("properties") or {}
    children = {key: _declared(f"{name}.{key}", one) for key, one in properties.items()}
    return {"type": written, "children": children or None}


def _type(name: str, type_: Any) -> str:
    plain = _TYPES.get(str(type_))
    if plain is None:
        message = f"Dify has no type {type_!r} of an output, as {name!r} has"
        raise NotMappable(message)
    return plain


def _spell(node: Node, path: Path) -> Path | None:
    declared = node.config.get("outputs")
    return path if isinstance(declared, dict) and path[0] in declared else None


KIND = WrittenKind(type="code", write=_write, spell=_spell)
