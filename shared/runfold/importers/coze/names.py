"""What references of a canvas mean here: outputs of nodes, of loops, global variables."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from runfold.graph.kinds.composites import ITEM_NAMES
from runfold.graph.kinds.loop import OUTPUTS
from runfold.ids import is_id
from runfold.importers.coze.canvas import (
    INPUT,
    LOOP,
    PLUGIN,
    START,
    SUB_WORKFLOW,
    THROW,
    Block,
    Canvas,
)
from runfold.importers.coze.fields import at, obj, plain, rows
from runfold.importers.coze.texts import Either, Parts, Path, Place, entered, place_in, steps_of
from runfold.importers.coze.types import literal, members, schema_of
from runfold.importers.coze.ways import Ways
from runfold.importers.draft import Draft, native_id

NOTHING: dict[str, Any] = {}
_SYSTEM = {"sys_uuid": "user_id", "user_id": "user_id", "conversation_id": "conversation_id"}
_GLOBALS = ("global_variable_app", "global_variable_user", "global_variable_system")
_BLOCK_OUTPUT = re.compile(r"block_output_([^.\[\]\s]+)")
_ERROR: dict[str, Path] = {
    "errorMessage": ("error", "message"),
    "errorCode": ("error", "code"),
}


Outputs = Mapping[str, Path | Either | Parts]
"""Outputs of a node by their names in Coze: the way to each in the outputs of the native node.
Others have the same name."""


class Found(NamedTuple):
    """What a value is here, its declared type in the node it comes from, and that node."""

    value: Any
    schema: dict[str, Any] = NOTHING
    block: str = ""


class Names:
    """The names of one canvas.

    Args:
        canvas: Its nodes.
        draft: What is being made; variables are declared in it.
        outputs_of: What the outputs of a node are called here.
        running: Ids of the nodes that can run: all others never have a value.
    """

    def __init__(
        self,
        canvas: Canvas,
        draft: Draft,
        outputs_of: Callable[[Block], Outputs],
        running: frozenset[str],
    ) -> None:
        self._canvas = canvas
        self._draft = draft
        self._outputs_of = outputs_of
        self._running = running
        self.ways = Ways(canvas)
        self._taken = _names_inside(canvas)

    def value(self, declared: Any, reader: Block) -> Found:
        """The value of an input `{type, schema, value}`, as a node reads it."""
        given = obj(declared)
        value = obj(given.get("value"))
        match value.get("type"):
            case "ref":
                return self.reference(obj(value.get("content")), reader)
            case "object_ref":
                content = value.get("content")
                schema = given.get("schema") or content
                made = {name: self.value(obj(one.get("input")) or one, reader).value
                        for name, one in members(schema)}  # fmt: skip
                return Found(made, schema_of(given))
            case _:
                return Found(literal(given, value.get("content")), NOTHING)

    def reference(self, ref: dict[str, Any], reader: Block) -> Found:
        """What a reference stands for; null for what leads nowhere."""
        source = plain(ref.get("source"))
        if source in _GLOBALS:
            listed = ref.get("path")
            named = [plain(step) for step in listed] if isinstance(listed, list) else []
            return Found(self.variable(source, tuple(step for step in named if step)))
        name = plain(ref.get("name"))
        path: Path
        try:
            path = steps_of(name) if name else ()
        except LookupError:
            path = (name,)
        return self.output(plain(ref.get("blockID")), path, reader)

    def is_declared_elsewhere(self, block_id: str) -> bool:
        """Whether the outputs of a node are what a person, a workflow or a plugin makes them."""
        block = self._canvas.blocks.get(block_id)
        return block is not None and block.type in (INPUT, PLUGIN, SUB_WORKFLOW)

    def expression(self, text: str, reader: Block) -> Any:
        """What `block_output_1.a` or `global_variable_app["x"]` in a template stands for.

        Raises:
            LookupError: When it is neither.
        """
        path = steps_of(text)
        root = str(path[0])
        if root in _GLOBALS:
            return self.variable(root, path[1:])
        named = _BLOCK_OUTPUT.fullmatch(root)
        if named is None or named[1] not in self._canvas.blocks:
            raise LookupError(text)
        return self.output(named[1], path[1:], reader).value

    def output(self, block_id: str, path: Path, reader: Block) -> Found:
        """An output of a node, or, inside a loop, what the loop itself has."""
        block = self._canvas.blocks.get(block_id)
        if block is None or block_id not in self._running:
            return Found(None)
        if block_id in (reader.parent, reader.id):
            return self._of_round(block, path, reader)
        if block.parent and block.parent not in (reader.parent, reader.id):
            return Found(None)
        return self._of_node(block, path)

    def _of_node(self, block: Block, path: Path) -> Found:
        root = self._draft.id_of(block.id)
        if not path:
            return Found(Place(root, ("output",)), NOTHING, block.id)
        declared = block.output(str(path[0]))
        schema, rest = walked(schema_of(declared), path[1:])
        outputs = self._outputs_of(block)
        there = outputs.get(str(path[0]), path[:1])
        if path[0] == "errorBody":
            body = {name: Place(root, way) for name, way in _ERROR.items()}
            return Found(entered(body, path[1:]))
        if path[0] == "isSuccess" and self._canvas.on_failure(block) == THROW:
            return Found(value=True)
        if path[0] == "isSuccess":
            return Found(Place(root, ("status",), " == 'succeeded'"), {"type": "string"})
        if isinstance(there, Parts):
            ways = there.ways.items()
            whole = {key: Place(root, way) if isinstance(way, tuple) else way for key, way in ways}
            return Found(entered(whole, path[1:]), NOTHING, block.id)
        return Found(place_in(root, there, rest), schema, block.id)

    def _of_round(self, block: Block, path: Path, reader: Block) -> Found:
        """`index`, an element or a variable of the loop around the reader; or of itself."""
        name = str(path[0]) if path else ""
        if block.type == LOOP and name in (native_names := variable_names(block)):
            if block.id == reader.id:
                return Found(Place(self._draft.id_of(block.id), (native_names[name], *path[1:])))
            return Found(Place(native_names[name], path[1:]))
        if name == "index":
            return Found(Place("index"), {"type": "integer"})
        lists = element_names(block)
        if name not in lists:
            return Found(None)
        declared = obj(lists[name])
        schema, rest = walked(schema_of(declared).get("items", {}), path[1:])
        return Found(Place("item", rest if len(lists) == 1 else (name, *rest)), schema)

    def variable(self, source: str, path: Path) -> Any:
        """A global variable: of the app, of the user, or of the system."""
        if not path:
            return None
        name = str(path[0])
        if source == "global_variable_system":
            known = _SYSTEM.get(name)
            return Place("sys", (known,)) if known else None
        declared = native_id(name) or "variable"
        if source == "global_variable_user":
            self._draft.definition.setdefault("conversation", {}).setdefault(declared, None)
            root: Path = ("conversation", declared)
        else:
            declared = f"app_{declared}" if declared in self._taken else declared
            self._draft.definition.setdefault("variables", {}).setdefault(declared, None)
            root = (declared,)
        self._draft.need("variable", name, "", "its first value is in Coze: set it here")
        return Place(str(root[0]), (*root[1:], *path[1:]))


def _names_inside(canvas: Canvas) -> frozenset[str]:
    """Names that a variable of the app cannot have, as something inside the canvas has them."""
    found = {*ITEM_NAMES, "batch_index", "sys", "env", "secrets", "conversation"}
    for block in canvas.blocks.values():
        found.add(native_id(block.id))
        if block.type == LOOP:
            found.update(variable_names(block).values(), collected_names(block).values())
        if block.type == START:
            found.update(plain(one.get("name")) for one in block.outputs)
    return frozenset(found)


def variable_names(block: Block) -> dict[str, str]:
    """The intermediate variables of a loop, and what each is called here."""
    names = [plain(one.get("name")) for one in rows(block.inputs.get("variableParameters"))]
    return {name: _variable(name) for name in names if name}


def collected_names(block: Block) -> dict[str, str]:
    """The outputs of a loop that are lists of what a node inside gave, each with its variable."""
    taken = set(variable_names(block).values())
    found: dict[str, str] = {}
    for one in block.outputs:
        content = obj(at(one, "input", "value", "content"))
        name = plain(one.get("name"))
        if not name or plain(content.get("blockID")) in ("", block.id):
            continue
        made, number = _variable(name), 2
        while made in taken:
            made, number = f"{_variable(name)}_{number}", number + 1
        taken.add(made)
        found[name] = made
    return found


def _variable(name: str) -> str:
    made = native_id(name) or "variable"
    reserved = made in ITEM_NAMES or made in OUTPUTS or made[0].isdigit()
    return f"var_{made}" if reserved or not is_id(made) else made


def element_names(block: Block) -> dict[str, Any]:
    """The lists that a loop, a batch or a node in batch mode goes through, by name."""
    batch = obj(block.inputs.get("batch"))
    given = rows(batch.get("inputLists")) if batch.get("batchEnable") is True else block.parameters
    return {plain(one.get("name")): one.get("input") for one in given if plain(one.get("name"))}


def walked(schema: dict[str, Any], path: Path) -> tuple[dict[str, Any], Path]:
    """The type at the end of a path, and the path with element 0 where it walks through a list."""
    made: list[str | int] = []
    for written in path:
        step = written
        if schema.get("type") == "array" and isinstance(step, str):
            if step.isdecimal():
                step = int(step)
            else:
                schema = schema.get("items", {})
                made.append(0)
        inner = schema.get("items") if isinstance(step, int) else None
        schema = inner or schema.get("properties", {}).get(step, {})
        made.append(step)
    return schema, tuple(made)
