"""Small canvases of Coze, written shortly."""

from __future__ import annotations

import itertools
from typing import Any


def ref(node: str, name: str, type_: str = "string", **more: Any) -> dict[str, Any]:
    """An input that is an output of a node."""
    content = {"source": "block-output", "blockID": node, "name": name}
    return {"type": type_, **more, "value": {"type": "ref", "content": content}}


def lit(value: Any, type_: str = "string", **more: Any) -> dict[str, Any]:
    """An input that is written down."""
    return {"type": type_, **more, "value": {"type": "literal", "content": value}}


def params(**inputs: Any) -> list[dict[str, Any]]:
    """Inputs by name."""
    return [{"name": name, "input": value} for name, value in inputs.items()]


def out(name: str, type_: str = "string", **more: Any) -> dict[str, Any]:
    """The declaration of an output."""
    return {"name": name, "type": type_, **more}


def block(
    id_: str,
    kind: str,
    *outputs: dict[str, Any],
    inside: dict[str, Any] | None = None,
    **inputs: Any,
) -> dict[str, Any]:
    """A node."""
    data = {"nodeMeta": {"title": id_}, "inputs": inputs, "outputs": list(outputs)}
    node: dict[str, Any] = {"id": id_, "type": kind, "data": data}
    return node | ({"blocks": inside["nodes"], "edges": inside["edges"]} if inside else {})


def start(*outputs: dict[str, Any]) -> dict[str, Any]:
    """The start, whose outputs are the inputs of the workflow."""
    return block("100001", "1", *outputs)


def end(**inputs: Any) -> dict[str, Any]:
    """The end, which gives an object."""
    return block("900001", "2", terminatePlan="returnVariables", inputParameters=params(**inputs))


def edge(source: str, target: str, port: str = "") -> dict[str, Any]:
    """A connection."""
    return {"sourceNodeID": source, "targetNodeID": target, "sourcePortID": port}


def chain(*ids: str) -> list[dict[str, Any]]:
    """Connections from each node to the next."""
    return [edge(one, other) for one, other in itertools.pairwise(ids)]


def canvas(nodes: list[dict[str, Any]], edges: list[dict[str, Any]]) -> dict[str, Any]:
    """A canvas, or the body of a loop."""
    return {"nodes": nodes, "edges": edges, "versions": {"loop": "v2", "batch": "v2"}}


def text(id_: str, template: str, **inputs: Any) -> dict[str, Any]:
    """A text node that fills a template."""
    given = params(concatResult=lit(template), arrayItemConcatChar=lit(","))
    return block(
        id_,
        "15",
        out("output"),
        method="concat",
        concatParams=given,
        inputParameters=params(**inputs),
    )


def selector(id_: str, *conditions: tuple[Any, int, Any]) -> dict[str, Any]:
    """A selector, a branch for each condition."""
    branches = [
        {
            "condition": {
                "logic": 2,
                "conditions": [
                    {"left": {"input": left}, "operator": number, "right": {"input": right}}
                ],
            }
        }
        for left, number, right in conditions
    ]
    return block(id_, "8", branches=branches)
