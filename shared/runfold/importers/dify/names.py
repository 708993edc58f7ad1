"""Selectors of Dify as references here: `[node, name, …]` → `node.output`.

What a node calls its outputs is in the table of kinds; scopes that are no nodes are here.
"""

from __future__ import annotations

from runfold.importers.dify.flow import Flow, Path
from runfold.importers.dify.node_types import CONTAINERS
from runfold.importers.dify.source import SourceNode
from runfold.importers.draft import native_id
from runfold.values.paths import spelled

SYSTEM = {
    "conversation_id": "conversation_id",
    "user_id": "user_id",
    "dialogue_count": "dialogue_count",
    "app_id": "workflow_id",
    "workflow_id": "workflow_id",
    "workflow_run_id": "run_id",
    "timestamp": "started_at",
}
"""Name of Dify's `sys` → its name here."""
FAILURE = {"error_message": ("error", "message"), "error_type": ("error", "type")}
"""What Dify says of a failure → the way to it here."""
FILE_FIELDS = {
    "mime_type": "media_type",
    "type": "kind",
    "filename": "name",
    "related_id": "sha256",
    "id": "sha256",
}
"""Attributes of a file → what they are called here."""
_LOOP_OUTPUTS = ("output", "count", "failed_count", "last", "reason", "status", "error")
TAKEN = ("item", "index", *_LOOP_OUTPUTS)
"""Names that a loop variable gets another for."""


def reference(flow: Flow, selector: Path, reader: SourceNode | None) -> str | None:
    """The path here of what a selector names.

    Args:
        flow: The graph.
        selector: Node or scope, name, and parts of the value.
        reader: The node that reads it; None: nothing inside a container.

    Returns:
        None when the document has nothing of that name: Dify finds no value either.
    """
    if len(selector) < len(("node", "name")):
        return None
    root, rest = selector[0], selector[1:]
    if root in ("sys", "userinput"):
        return _system(flow, rest)
    if root == "env" and rest[0] in flow.environment:
        return spelled(flow.environment[rest[0]], (native_id(rest[0]), *rest[1:]))
    if root == "conversation" and rest[0] in flow.conversation:
        return spelled("conversation", (flow.conversation[rest[0]], *rest[1:]))
    if root in ("rag", "shared"):
        return spelled(flow.start, rest[-1:]) if flow.start else None
    node = flow.source.nodes.get(root)
    if node is None:
        return None
    if reader is not None and node.type in CONTAINERS and node.id in flow.source.around(reader):
        inner = _inside(flow, node, rest, reader)
        if inner is not None:
            return inner
    return _output(flow, node, rest)


def exact(flow: Flow, selector: Path, reader: SourceNode | None) -> str | None:
    """What a selector names, as a value that is nothing but the reference; None for nothing."""
    path = reference(flow, selector, reader)
    return None if path is None else written(flow, selector, path)


def written(flow: Flow, selector: Path, path: str) -> str:
    """A reference as a template; the extension of a file has a dot in Dify, and none here."""
    node = flow.source.nodes.get(selector[0])
    kind = flow.kinds.get(node.type) if node else None
    is_file = kind is not None and node is not None and kind.gives_file(node, selector[1])
    dotted = is_file and selector[2:] == ("extension",)
    return f"{'.' if dotted else ''}{{{{{path}}}}}"


def loop_variable(label: str) -> str:
    """The name here of a loop variable."""
    name = native_id(label)
    return f"{name or 'variable'}_" if not name or name in TAKEN else name


def file_fields(way: Path) -> Path:
    """A way whose last step is an attribute of a file, by its name here."""
    return (*way[:-1], FILE_FIELDS.get(way[-1], way[-1]))


def _system(flow: Flow, rest: Path) -> str | None:
    if rest[0] == "query" and flow.chats:
        flow.reads_query = True
        return spelled(flow.start, rest)
    if rest[0] == "files":
        flow.reads_files = True
        return spelled(flow.start, rest)
    known = SYSTEM.get(rest[0])
    return None if known is None else spelled("sys", (known, *rest[1:]))


def _inside(flow: Flow, container: SourceNode, rest: Path, reader: SourceNode) -> str | None:
    """What a container provides to the nodes in it."""
    if rest[0] in ("item", "index"):
        if reader.parent == container.id:
            return spelled(rest[0], rest[1:])
        flow.captured.add(container.id)
        return spelled(flow.aux(container, "item"), rest)
    if container.type == "loop":
        return spelled(loop_variable(rest[0]), rest[1:])
    return None


def _output(flow: Flow, node: SourceNode, rest: Path) -> str | None:
    kind = flow.kinds.get(node.type)
    if kind is None:
        return spelled(flow.id_of(node), rest)
    if node.type == "start" and rest[0].startswith("sys"):
        parts = tuple(part for one in rest for part in one.split("."))
        return _system(flow, parts[1:]) if len(parts) > 1 else None
    root = flow.start if node.type == "start" and flow.start else flow.id_of(node)
    if rest[0] in FAILURE:
        return spelled(root, FAILURE[rest[0]])
    way = kind.spell(node, rest, flow) if kind.spell else None
    if way is None:
        way = (*kind.outputs.get(rest[0], rest[:1]), *rest[1:])
    if way[0].startswith("="):
        return spelled(way[0][1:], way[1:])
    return spelled(root, way)
