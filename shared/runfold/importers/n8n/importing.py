"""A document of n8n as a definition: its parts made, wired, begun and ended, and its report."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from runfold.importers.draft import Draft, native_id
from runfold.importers.importer import Context
from runfold.importers.n8n.beginning import begun
from runfold.importers.n8n.document import NOTE, Document, Node, read_document
from runfold.importers.n8n.ending import ended
from runfold.importers.n8n.feeds import feeds_of
from runfold.importers.n8n.graph import Graph
from runfold.importers.n8n.outputs import placed
from runfold.importers.n8n.parts import mcp_servers
from runfold.importers.n8n.parts.table import make
from runfold.importers.n8n.pinned import cases_of
from runfold.importers.n8n.plain import as_count, as_text
from runfold.importers.n8n.regions import places_of, reading
from runfold.importers.n8n.reporting import Differences, report
from runfold.importers.n8n.room import BEGIN, Part, Room
from runfold.importers.n8n.settings import settings_of
from runfold.importers.n8n.shapes import workflows_in
from runfold.importers.n8n.sources import gathered
from runfold.importers.n8n.starts import started
from runfold.importers.n8n.wiring import Wiring, wired
from runfold.importers.report import Imported

_TAKEN = (BEGIN, "trigger", "items", "query", "args", "tool", "around", "json", "conversation")
"""Names that no node may have, since something else is read by them."""
_COLORS = {2: "orange", 3: "red", 4: "green", 5: "blue", 6: "purple", 7: "gray"}
"""Of notes by their number; the first is the usual one."""
_DEEPEST = 3
"""Documents in nodes of documents."""


def read(document: Any, context: Context) -> Imported:
    """A document as a definition, with a report. Never raises for what the document says."""
    found = workflows_in(document)
    if not found:
        draft = Draft("n8n", context.name, context.name)
        draft.line("", "document", "unsupported", "there is no workflow in it")
        draft.definition["nodes"] = [{"id": BEGIN, "type": "start"}]
        draft.definition["edges"] = []
        return draft.imported()
    draft = drafted(found[0], context, 0)
    for further in found[1:]:
        brought = drafted(further, context, 0)
        draft.lines += brought.lines
        inner = {key: one for key, one in brought.definition.items() if key != "origin"}
        if inner["id"] != draft.definition["id"]:
            draft.definition.setdefault("workflows", {})[inner["id"]] = inner
    return draft.imported()


def drafted(written: dict[str, Any], context: Context, depth: int) -> Draft:
    """One workflow as a definition that is being made."""
    document = read_document(written, context.name)
    links, lost = placed(document)
    document = replace(document, links=links)
    workflow_id = native_id(document.name).strip("-_")[:60] or "imported"
    draft = Draft("n8n", workflow_id, document.name, taken=_TAKEN)
    wiring = wired(started(document))
    before = wiring
    places = places_of(wiring, draft)
    wiring = places.wiring
    lost += tuple(link for link in before.main if link not in wiring.main)
    rounds = frozenset(name for name, loop in places.home.items() if loop is not None)

    def bring(inner: Any, room: Room, title: str) -> str:
        return _brought(inner, room, title, depth)

    room = Room(
        draft,
        context,
        wiring,
        lambda reader, name: reading(places, reader, name),
        feeds_of(places),
        rounds,
        make=make,
        bring=bring,
    )
    parts = {name: _part(wiring.document.nodes[name], room) for name in places.home}
    graph = Graph(places, parts, draft)
    nodes, edges = graph.region(places.root, None)
    entering, entry_edges = begun(places, parts, draft)
    last, last_edges = ended(nodes, edges, room)
    draft.definition |= _about(document, wiring)
    draft.definition["nodes"] = [*entering, *nodes, *last]
    draft.definition["edges"] = [*entry_edges, *edges, *last_edges]
    settings = settings_of(wiring, draft)
    if settings:
        draft.definition["settings"] = settings
    if room.workflows:
        draft.definition["workflows"] = room.workflows
    cases = cases_of(document, parts)
    if cases:
        draft.definition["tests"] = cases
    _keep(document, draft)
    report(
        document,
        wiring,
        parts,
        room,
        Differences((*lost, *graph.unplaced), gathered(places)),
    )
    return draft


def _part(node: Node, room: Room) -> Part:
    return make(node, room)


def _about(document: Document, wiring: Wiring) -> dict[str, Any]:
    """What the definition says of itself, and its inputs."""
    inputs: dict[str, Any] = {
        "items": {"type": "array", "description": "Items to begin with, instead of the trigger's."}
    }
    triggers = [document.nodes[one] for one in wiring.entries if one in document.nodes]
    if len(wiring.entries) > 1:
        names = ", ".join(one.title for one in triggers)[:400]
        told = f"Which trigger to begin at: {names}"
        inputs["trigger"] = {"type": "string", "default": "", "description": told}
    if any(one.kind in ("chatTrigger", "manualChatTrigger") for one in triggers):
        inputs["query"] = {"type": "string", "description": "The message of the chat."}
    if any(one.kind == mcp_servers.KIND for one in triggers):
        inputs["tool"] = {"type": "string", "default": "", "description": "The tool to call."}
        inputs["args"] = {"type": "object", "description": "Its arguments."}
    found: dict[str, Any] = {"inputs": inputs, "closed_inputs": False}
    if document.description:
        found["description"] = document.description[:2000]
    return found


def _keep(document: Document, draft: Draft) -> None:
    """Keep what the definition has no place for: notes, pinned items, the execution order."""
    origin = draft.definition.setdefault("origin", {})
    origin["execution_order"] = document.order
    notes = [node for node in document.nodes.values() if node.kind == NOTE]
    if notes:
        origin["notes"] = [_kept(node) for node in notes]
    for node in notes:
        given = node.parameters
        draft.note(
            node.id or node.name,
            as_text(given.get("content")),
            node.position,
            (given.get("width"), given.get("height")),
            _color(given.get("color")),
        )
    pinned = {
        draft.ids[name]: items for name, items in document.pinned.items() if name in draft.ids
    }
    if pinned:
        origin["pinned"] = pinned


def _kept(note: Node) -> dict[str, Any]:
    """A note as the origin has it."""
    return {
        "id": note.id,
        "name": note.title,
        "content": note.parameters.get("content", ""),
        "position": {"x": note.position[0], "y": note.position[1]},
    }


def _color(written: Any) -> str:
    """The colour of a note: n8n numbers seven of them, newer documents write `#rrggbb`."""
    if isinstance(written, str) and written.startswith("#"):
        return written
    return _COLORS.get(as_count(written, 0), "")


def _brought(inner: Any, room: Room, title: str, depth: int) -> str:
    """Import a document that stands in a node, as one of the definition's own workflows."""
    found = workflows_in(inner)
    if not found or depth >= _DEEPEST:
        return ""
    brought = drafted(found[0], replace(room.context, name=title), depth + 1)
    for line in brought.lines:
        if line.result != "mapped":
            room.draft.need("workflow", f"{title}: {line.node}", title, line.reason)
    definition = {key: one for key, one in brought.definition.items() if key != "origin"}
    workflows = definition.pop("workflows", {})
    workflow_id = room.draft.fresh_id(f"{definition['id']}_called")
    room.workflows[workflow_id] = {**definition, "id": workflow_id}
    room.workflows.update(workflows)
    return workflow_id
