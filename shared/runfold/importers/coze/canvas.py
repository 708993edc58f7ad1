"""A canvas as its nodes and edges, with nothing decided about what they are here."""

from __future__ import annotations

from typing import Any

import msgspec

from runfold.importers.coze.fields import at, obj, plain, rows, whole

START, END, LOOP, BATCH, COMMENT, BREAK, CONTINUE = "1", "2", "21", "28", "31", "19", "29"
PLUGIN, SUB_WORKFLOW, INPUT = "4", "9", "30"
THROW, DEFAULT, BRANCH = 1, 2, 3
"""What a failure does: it is thrown, replaced by data, or leads to a branch."""


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """One node of a canvas."""

    id: str
    type: str
    title: str
    inputs: dict[str, Any]
    outputs: list[dict[str, Any]]
    """The variables that it declares as its outputs; of a loop and a batch, parameters."""
    data: dict[str, Any]
    position: dict[str, float]
    parent: str = ""
    """The loop or batch that it is in."""

    @property
    def parameters(self) -> list[dict[str, Any]]:
        """Its inputs by name: `{name, input}`."""
        return rows(self.inputs.get("inputParameters"))

    @property
    def on_failure(self) -> int:
        """Whether a failure is thrown, replaced by data, or leads to a branch."""
        setting = obj(self.inputs.get("settingOnError"))
        written = whole(setting.get("processType"))
        if written is None:
            has_data = setting.get("switch") is True and bool(setting.get("dataOnErr"))
            return DEFAULT if has_data else THROW
        return written

    def output(self, name: str) -> dict[str, Any]:
        """The declaration of an output; empty when there is none."""
        return next((one for one in self.outputs if one.get("name") == name), {})


class Edge(msgspec.Struct, frozen=True):
    """A connection, ports as they were saved."""

    source: str
    target: str
    port: str


ERROR_PORT = "branch_error"


class Canvas(msgspec.Struct, kw_only=True):
    """All nodes by id, those of loops and batches among them."""

    blocks: dict[str, Block] = {}
    edges: dict[str, list[Edge]] = {}
    """The edges of each scope, by the id of the loop or batch; empty: the canvas itself."""
    scopes: dict[str, list[Block]] = {}
    """The nodes of each scope, by the same ids."""
    branching: set[str] = set()
    """Ids of the nodes that an edge leaves for failures."""
    broken: list[tuple[str, str, str]] = []
    """What is no node, or has the id of another: id, type, and what is wrong."""

    def on_failure(self, block: Block) -> int:
        """What a failure of a node does: one that an edge leaves for failures has a branch."""
        has_branch = block.id in self.branching and block.on_failure == THROW
        return BRANCH if has_branch else block.on_failure

    def inside(self, parent: str) -> list[Block]:
        """The nodes of one scope."""
        return self.scopes.get(parent, [])


def read_canvas(document: dict[str, Any]) -> Canvas:
    """The canvas of a document `{nodes, edges}`."""
    canvas = Canvas(blocks={}, edges={}, scopes={}, branching=set(), broken=[])
    _read_scope(canvas, document.get("nodes"), document.get("edges"), "")
    return canvas


def _read_scope(canvas: Canvas, nodes: Any, edges: Any, parent: str) -> None:
    canvas.edges[parent] = [_edge(one) for one in rows(edges)]
    canvas.branching.update(one.source for one in canvas.edges[parent] if one.port == ERROR_PORT)
    for number, node in enumerate(nodes if isinstance(nodes, list) else ()):
        place = f"{parent}.blocks[{number}]" if parent else f"nodes[{number}]"
        if not isinstance(node, dict):
            canvas.broken.append((place, "", "is not an object"))
            continue
        block = _block(node, place, parent)
        if block.id in canvas.blocks:
            canvas.broken.append((block.id, block.type, "another node has the same id"))
            continue
        canvas.blocks[block.id] = block
        canvas.scopes.setdefault(parent, []).append(block)
        if node.get("blocks"):
            _read_inner(canvas, node, block, parent)


def _read_inner(canvas: Canvas, node: dict[str, Any], block: Block, parent: str) -> None:
    if block.type in (LOOP, BATCH) and not parent:
        _read_scope(canvas, node["blocks"], node.get("edges"), block.id)
        return
    for number, inner in enumerate(rows(node["blocks"])):
        found = _block(inner, f"{block.id}.blocks[{number}]", block.id)
        why = "nodes can be inside a loop or a batch alone, and not two deep"
        canvas.broken.append((found.id, found.type, why))


def _settings(data: dict[str, Any]) -> dict[str, Any]:
    """The settings of a node; older canvases say what a failure does in other words."""
    inputs = {"settingOnError": data.get("settingOnError"), **obj(data.get("inputs"))}
    setting = obj(inputs["settingOnError"])
    if "settingOnErrorIsOpen" in setting:
        is_open, written = setting["settingOnErrorIsOpen"], setting.get("settingOnErrorJSON")
        inputs["settingOnError"] = {"switch": is_open, "dataOnErr": written} | setting
    return inputs


def _block(node: dict[str, Any], place: str, parent: str) -> Block:
    data = obj(node.get("data"))
    outputs = data.get("outputs")
    position = obj(at(node, "meta", "position"))
    coordinates = {axis: position.get(axis) for axis in ("x", "y")}
    return Block(
        id=plain(node.get("id")) or place,
        type=plain(node.get("type")),
        title=plain(at(data, "nodeMeta", "title")),
        inputs=_settings(data),
        outputs=rows(outputs),
        data=data,
        position={
            axis: float(value)
            for axis, value in coordinates.items()
            if isinstance(value, int | float) and not isinstance(value, bool)
        },
        parent=parent,
    )


def _edge(edge: dict[str, Any]) -> Edge:
    return Edge(
        plain(edge.get("sourceNodeID")),
        plain(edge.get("targetNodeID")),
        plain(edge.get("sourcePortID")),
    )
