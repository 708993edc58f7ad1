"""The short form in which guides print workflows of Dify: nodes that name what follows them.

    nodes:
      - {id: sort, type: llm, model: gpt-4o, prompt: "{{#Sys.Text#}}", outputs: [check]}
      - id: check
        type: if
        conditions: [{variable: sort, operator: contains, value: order, output: orders}]
        default_output: others

No release of Dify reads it; it is what people copy. What the text leaves open is settled as a
reader would, and said: an output that is no node is the node whose id begins with it; nodes that
nothing leads to are the body of the iterator before them.
"""

from __future__ import annotations

import re
from typing import Any

from runfold.importers.draft import Draft
from runfold.importers.importer import Context
from runfold.importers.report import Imported

_TYPES = frozenset(
    ("start", "end", "llm", "if", "if-else", "iterator", "iteration", "variable_assigner")
)
_REFERENCE = re.compile(r"\{\{#([^#{}|]+)#\s*(\|[^{}]*)?\}\}")
_QUERY = "query"


def recognises_printed(document: Any) -> bool:
    """Whether a document is of this form."""
    nodes = document.get("nodes") if isinstance(document, dict) else None
    if not isinstance(nodes, list) or not nodes or "connections" in document or "edges" in document:
        return False
    if not all(isinstance(node, dict) and isinstance(node.get("id"), str) for node in nodes):
        return False
    types = [node.get("type") for node in nodes]
    is_printed = any("outputs" in node or "default_output" in node for node in nodes)
    return is_printed and all(isinstance(one, str) and one in _TYPES for one in types)


def read_printed(document: Any, context: Context) -> Imported:
    """A document of this form as a definition."""
    return _Printed(document, context).imported()


class _Printed:
    """One document while it is read."""

    def __init__(self, document: dict[str, Any], context: Context) -> None:
        self._nodes: list[dict[str, Any]] = document["nodes"]
        self._context = context
        name = str(document.get("name") or context.name)
        self._draft = Draft("dify", name, name, taken=("query", "item", "index"))
        self._inputs: dict[str, Any] = {}
        self._variables: dict[str, Any] = {}
        for node in self._nodes:
            if node["type"] == node["id"] == "start":
                self._draft.ids["start"] = "start"
            self._draft.id_of(node["id"])
            if node["type"] == "variable_assigner" and isinstance(node.get("variable"), str):
                self._variables[node["variable"]] = [] if node.get("append") else None

    def imported(self) -> Imported:
        """The whole document."""
        led_to = {target for node in self._nodes for target, _, _ in self._targets(node)}
        body = self._body(led_to)
        outer = [node for node in self._nodes if node["id"] not in body]
        definition = self._draft.definition
        definition["nodes"] = [self._node(node, body) for node in outer]
        definition["edges"] = self._edges(outer)
        if self._inputs:
            definition["inputs"] = self._inputs
        if self._variables:
            definition["variables"] = self._variables
        return self._draft.imported()

    def _body(self, led_to: set[str]) -> dict[str, dict[str, Any]]:
        """Nodes of the iterator's body: those it has after it that nothing outside leads to."""
        iterators = [at for at, one in enumerate(self._nodes) if one["type"].startswith("iterat")]
        if not iterators:
            return {}
        body: dict[str, dict[str, Any]] = {}
        for node in self._nodes[iterators[0] + 1 :]:
            led_from_body = any(
                target == node["id"] for one in body.values() for target, _, _ in self._targets(one)
            )
            if node["id"] not in led_to or led_from_body:
                body[node["id"]] = node
        return body

    # --- nodes ------------------------------------------------------------------------------------

    def _node(self, node: dict[str, Any], body: dict[str, dict[str, Any]]) -> dict[str, Any]:
        made: dict[str, Any] = {"id": self._draft.id_of(node["id"]), "name": node["id"]}
        match node["type"]:
            case "llm":
                made |= {"type": "llm", "config": self._llm(node)}
            case "if" | "if-else":
                made |= {"type": "selector", "profile": "dify", "config": self._selector(node)}
            case "iterator" | "iteration":
                made |= {"type": "loop", "config": self._loop(node, body)}
            case "variable_assigner":
                made |= {"type": "assign", "config": self._assign(node)}
            case other:
                made |= {"type": other}
        self._say(node, body)
        return made

    def _say(self, node: dict[str, Any], body: dict[str, dict[str, Any]]) -> None:
        lost = [said for target, _, said in self._targets(node) if not target]
        if lost:
            reason = f"no node is called {', '.join(map(repr, lost))}: nothing follows there"
            self._draft.line(node["id"], node["type"], "approximated", reason)
        elif node["type"].startswith("iterat") and body:
            reason = f"its body is {', '.join(body)}: nothing else leads there"
            self._draft.line(node["id"], node["type"], "approximated", reason)
        else:
            self._draft.line(node["id"], node["type"])

    def _llm(self, node: dict[str, Any]) -> dict[str, Any]:
        config: dict[str, Any] = {"prompt": self._text(str(node.get("prompt") or " "))}
        model = node.get("model")
        if isinstance(model, str) and model:
            config["model"] = self._context.models.get(model, model)
            if model not in self._context.models:
                hint = "the same name here, or map it with --models"
                self._draft.need("model", model, node["id"], hint)
        return config

    def _selector(self, node: dict[str, Any]) -> dict[str, Any]:
        branches = []
        for at, one in enumerate(_conditions(node)):
            left = self._reference(str(one.get("variable", "")))
            condition = {
                "left": left,
                "operator": str(one.get("operator") or "contains"),
                "right": one.get("value"),
            }
            branches.append({"id": f"case_{at + 1}", "condition": condition})
        return {"branches": branches}

    def _loop(self, node: dict[str, Any], body: dict[str, dict[str, Any]]) -> dict[str, Any]:
        items = self._text(str(node.get("iterator_list") or "{{#Sys.items#}}"))
        inner = list(body.values())
        config: dict[str, Any] = {"items": items, "nodes": [self._node(one, {}) for one in inner]}
        config["edges"] = self._edges(inner)
        most = node.get("max_iterations")
        if isinstance(most, int) and most > 0:
            config["max_items"] = most
        return config

    def _assign(self, node: dict[str, Any]) -> dict[str, Any]:
        operation = "append" if node.get("append") else "set"
        value = node.get("value")
        value = self._text(value.rstrip("\n")) if isinstance(value, str) else value
        variable = node.get("variable")
        return {
            "assignments": [{"variable": variable, "operation": operation, "value": value}],
        }

    # --- edges ------------------------------------------------------------------------------------

    def _targets(self, node: dict[str, Any]) -> list[tuple[str, str, str]]:
        """What follows a node: the id there, the port, and the name as it is written."""
        if node["type"] in ("if", "if-else"):
            named = [
                (str(one.get("output", "")), f"case_{at + 1}")
                for at, one in enumerate(_conditions(node))
            ]
            named.append((str(node.get("default_output", "")), "else"))
            return [(self._called(said), port, said) for said, port in named if said]
        outputs = node.get("outputs")
        said = [
            one for one in (outputs if isinstance(outputs, list) else ()) if isinstance(one, str)
        ]
        return [(self._called(one), "out", one) for one in said]

    def _called(self, said: str) -> str:
        ids = [node["id"] for node in self._nodes]
        if said in ids:
            return said
        return next((one for one in ids if said and one.startswith(said)), "")

    def _edges(self, nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
        ids = {node["id"] for node in nodes}
        edges = []
        for node in nodes:
            for target, port, _ in self._targets(node):
                if target in ids:
                    edge = {"source": self._draft.id_of(node["id"])}
                    edge["target"] = self._draft.id_of(target)
                    edges.append(edge if port == "out" else {**edge, "port": port})
        return edges

    # --- texts ------------------------------------------------------------------------------------

    def _text(self, text: str) -> str:
        return _REFERENCE.sub(
            lambda found: self._reference(found[1].strip(), (found[2] or "").strip()), text
        )

    def _reference(self, said: str, filters: str = "") -> str:
        """A name of the form as a reference of runfold's."""
        path = said.split(".")
        known = {node["id"] for node in self._nodes}
        if path[0].lower() == "sys":
            name = path[-1]
            here = _QUERY if name.lower() in ("text", "query") else name
            if here == _QUERY:
                self._inputs.setdefault(here, {"type": "string", "default": ""})
            else:
                self._inputs.setdefault(here, {"type": "any"})
        elif path[0] in known:
            here = ".".join((self._draft.id_of(path[0]), *(path[1:] or ["output"])))
        else:
            here = said
        return f"{{{{{here}{' ' + filters if filters else ''}}}}}"


def _conditions(node: dict[str, Any]) -> list[dict[str, Any]]:
    conditions = node.get("conditions")
    found = conditions if isinstance(conditions, list) else ()
    return [one for one in found if isinstance(one, dict)]
