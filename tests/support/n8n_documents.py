"""Small workflows of n8n, written short, and what importing one comes to."""

from __future__ import annotations

from typing import Any

from runfold.graph.loader import load_workflow
from runfold.importers.importer import Context
from runfold.importers.n8n import IMPORTER
from runfold.importers.report import Imported, Line

BASE, AI = "n8n-nodes-base", "@n8n/n8n-nodes-langchain"


def node(name: str, kind: str, version: float = 1, /, **more: Any) -> dict[str, Any]:
    """A node of `n8n-nodes-base`, or of any package when `kind` has a dot or begins with `ai:`."""
    if kind.startswith("ai:"):
        kind = f"{AI}.{kind[3:]}"
    type_ = kind if "." in kind else f"{BASE}.{kind}"
    made = {"name": name, "type": type_, "typeVersion": version, "position": [0, 0]}
    return {"id": f"id-{name}", "parameters": {}, **made, **more}


def flow(*nodes: dict[str, Any], links: str = "", **more: Any) -> dict[str, Any]:
    """A workflow. `links` is lines of `A > B`, `A.1 > B.1` or `Model -ai_languageModel> Agent`."""
    connections: dict[str, Any] = {}
    for line in filter(None, (one.strip() for one in links.splitlines())):
        source, _, rest = line.partition("-ai_") if "-ai_" in line else line.partition(" > ")
        kind, target = "main", rest
        if "-ai_" in line:
            kind, _, target = rest.partition("> ")
            kind = f"ai_{kind}"
        source, _, output = source.strip().partition(".")
        target, _, place = target.strip().partition(".")
        outputs = connections.setdefault(source, {}).setdefault(kind, [])
        while len(outputs) <= int(output or 0):
            outputs.append([])
        outputs[int(output or 0)].append({"node": target, "type": kind, "index": int(place or 0)})
    settings = {"executionOrder": "v1"}
    made = {"name": "Flow", "nodes": list(nodes), "connections": connections, "settings": settings}
    return {**made, **more}


def imported(document: Any, **context: Any) -> Imported:
    """A document's import; asserts that its definition passes the checks."""
    found = IMPORTER.read(document, Context(**{"name": "flow", **context}))
    definition = {key: one for key, one in found.definition.items() if key != "origin"}
    loaded = load_workflow(definition)
    assert not [one for one in loaded.findings if one.level == "error"], loaded.findings
    return found


def natives(found: Imported) -> dict[str, dict[str, Any]]:
    """The native nodes of the definition by id, those inside others too."""
    by_id: dict[str, dict[str, Any]] = {}

    def walk(nodes: list[dict[str, Any]]) -> None:
        for one in nodes:
            by_id[one["id"]] = one
            walk(one.get("config", {}).get("nodes", []))

    walk(found.definition["nodes"])
    for workflow in found.definition.get("workflows", {}).values():
        walk(workflow["nodes"])
    return by_id


def line_of(found: Imported, name: str) -> Line:
    """The line of a node of the source; asserts that it has one alone."""
    (line,) = (one for one in found.report if one.node == name)
    return line


def edges(found: Imported) -> set[tuple[str, str, str]]:
    """The edges of the definition itself."""
    return {
        (one["source"], one.get("port", "out"), one["target"]) for one in found.definition["edges"]
    }
