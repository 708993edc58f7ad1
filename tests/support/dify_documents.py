"""Small documents of Dify, put together node by node."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Object = dict[str, Any]


def node(node_id: str, kind: str, within: str = "", **data: Any) -> Object:
    """One node; `within` is the container that it is in."""
    made: Object = {
        "id": node_id,
        "type": "custom",
        "position": {"x": 0, "y": 0},
        "data": {"type": kind, "title": node_id, **data},
    }
    return {**made, "parentId": within} if within else made


def edge(source: str, target: str, handle: str | None = "source") -> Object:
    """One edge."""
    return {"source": source, "target": target, "sourceHandle": handle, "data": {}}


def document(
    nodes: Iterable[Object],
    edges: Iterable[tuple[str, ...]],
    mode: str = "workflow",
    *,
    environment: Iterable[Object] = (),
    conversation: Iterable[Object] = (),
    features: Object | None = None,
) -> Object:
    """A whole document."""
    return {
        "app": {"mode": mode, "name": "Small"},
        "kind": "app",
        "version": "0.5.0",
        "workflow": {
            "graph": {"nodes": list(nodes), "edges": [edge(*one) for one in edges]},
            "environment_variables": list(environment),
            "conversation_variables": list(conversation),
            "features": features or {},
        },
    }


def start(*variables: tuple[str, str, bool], node_id: str = "s") -> Object:
    """A start node: name, type and whether it is required, of each variable."""
    listed = [
        {"variable": name, "label": name, "type": kind, "required": required}
        for name, kind, required in variables
    ]
    return node(node_id, "start", variables=listed)


def end(node_id: str = "e", **outputs: str) -> Object:
    """An end node: output → selector, `node.name`."""
    listed = [
        {"variable": name, "value_selector": selector.split(".")}
        for name, selector in outputs.items()
    ]
    return node(node_id, "end", outputs=listed)


def declared(variables: dict[str, str] | None) -> list[Object]:
    """Variables of a node by name, with their selectors."""
    return [
        {"variable": name, "value_selector": selector.split(".")}
        for name, selector in (variables or {}).items()
    ]


def code(
    node_id: str,
    program: str,
    outputs: dict[str, str],
    variables: dict[str, str] | None = None,
    **data: Any,
) -> Object:
    """A code node in Python, unless another language is said."""
    return node(
        node_id,
        "code",
        **{
            "code": program,
            "code_language": "python3",
            "variables": declared(variables),
            "outputs": {name: {"type": kind, "children": None} for name, kind in outputs.items()},
            **data,
        },
    )


def gives(node_id: str, value: str, kind: str) -> Object:
    """A code node whose output `v` is a Python expression."""
    return code(node_id, f"def main():\n    return {{'v': {value}}}\n", {"v": kind})


def template(node_id: str, text: str, **data: Any) -> Object:
    """A Jinja2 template; `variables` as name → selector."""
    variables = declared(data.pop("variables", None))
    return node(node_id, "template-transform", template=text, variables=variables, **data)


def condition(selector: str, operator: str, value: Any = "", kind: str = "string") -> Object:
    """One comparison."""
    return {
        "variable_selector": selector.split("."),
        "comparison_operator": operator,
        "value": value,
        "varType": kind,
    }


def if_else(node_id: str, *cases: tuple[str, list[Object]], **data: Any) -> Object:
    """An if-else node: handle and conditions of each case, all of which have to hold."""
    listed = [
        {"case_id": handle, "logical_operator": "and", "conditions": conditions}
        for handle, conditions in cases
    ]
    return node(node_id, "if-else", cases=listed, **data)


def change(target: str, operation: str, value: Any = None, source: str = "constant") -> Object:
    """One change of an assigner: a constant, or a selector as `node.name`."""
    given = value.split(".") if source == "variable" and isinstance(value, str) else value
    return {
        "variable_selector": target.split("."),
        "operation": operation,
        "input_type": source,
        "value": given,
    }


def assigner(node_id: str, *items: Object, within: str = "") -> Object:
    """An assigner of the second version."""
    return node(node_id, "assigner", within, version="2", items=list(items))


def variable(name: str, kind: str, value: Any) -> Object:
    """A variable of the environment or of a conversation."""
    return {"name": name, "value_type": kind, "value": value}


def iteration(items: str, output: str, **data: Any) -> list[Object]:
    """An iteration `I` with its start node."""
    made = node(
        "I",
        "iteration",
        iterator_selector=items.split("."),
        output_selector=output.split("."),
        start_node_id="Is",
        **data,
    )
    return [made, node("Is", "iteration-start", "I")]


def loop(*breaks: Object, **variables: int) -> list[Object]:
    """A loop `L` of 10 rounds at most, with numbers that live from round to round."""
    listed = [
        {"label": name, "var_type": "number", "value_type": "constant", "value": str(value)}
        for name, value in variables.items()
    ]
    made = node(
        "L",
        "loop",
        loop_count=10,
        logical_operator="and",
        break_conditions=list(breaks),
        loop_variables=listed,
        start_node_id="Ls",
    )
    return [made, node("Ls", "loop-start", "L")]


def llm(node_id: str, *prompts: tuple[str, str], **data: Any) -> Object:
    """A model node: role and text of each prompt."""
    listed = [{"role": role, "text": text} for role, text in prompts]
    model = {"provider": "openai", "name": "gpt-4o-mini", "mode": "chat", "completion_params": {}}
    return node(node_id, "llm", model=model, prompt_template=listed, **data)
