"""Selector, loop, batch, question, sub-workflow."""

from __future__ import annotations

from typing import Any

from runfold.importers.coze_plus.step import Built, Kind, Step
from runfold.importers.draft import native_id
from runfold.values.operators import operator_named

_ITEM = "each_item"
"""Id of the node in a body that the guide leaves out: it gives the item."""


def _selector(step: Step) -> Built:
    listed = step.node.inputs.get("branches")
    branches: list[dict[str, Any]] = []
    ports: dict[str, str] = {}
    for number, one in enumerate(listed if isinstance(listed, list) else (), 1):
        given = one if isinstance(one, dict) else {}
        port = str(given.get("port") or f"branch_{number}")
        branch_id = native_id(port) or f"branch_{number}"
        if branch_id in ("else", "error") or branch_id in ports.values():
            branch_id = f"branch_{number}"
        ports[port] = branch_id
        branch = {"id": branch_id, "condition": _condition(step, given.get("condition"))}
        branches.append(branch | ({"name": given["name"]} if given.get("name") else {}))
    for name in (step.constant("else_port"), "else", "default", "branch_else"):
        ports.setdefault(str(name or "else"), "else")
    config = {"branches": branches or [{"id": "branch_1", "condition": False}]}
    return Built("selector", config, ports=ports)


def _condition(step: Step, written: Any) -> Any:
    given = written if isinstance(written, dict) else {}
    listed = given.get("conditions")
    if isinstance(listed, list) and listed:
        logic = str(given.get("logic", "and")).lower()
        members = [_condition(step, one) for one in listed]
        return {logic if logic in ("and", "or") else "and": members}
    operator = operator_named(given.get("operator"))
    left = step.native(given.get("field", given.get("left")))
    if operator is None or not (isinstance(left, str) and left.startswith("{{")):
        return False
    right = given.get("value", given.get("right"))
    return {"left": left, "operator": operator, "right": step.native(right)}


def _body() -> dict[str, Any]:
    node = {"id": _ITEM, "type": "values", "config": {"outputs": {"value": "{{item}}"}}}
    return {"nodes": [node], "edges": [], "output": f"{{{{{_ITEM}.value}}}}"}


_NO_BODY = "the guide prints no body for it: each result is the item"


def _loop(step: Step) -> Built:
    config = {"items": step.value("array", "items") or [], **_body()}
    most = step.constant("max_iterations")
    if isinstance(most, int) and not isinstance(most, bool) and most > 0:
        config["max_iterations"] = most
    return Built("loop", config, "approximated", _NO_BODY)


def _batch(step: Step) -> Built:
    config = {"items": step.value("array", "items") or [], **_body()}
    for theirs, ours in (("batch_size", "batch_size"), ("max_parallelism", "concurrency")):
        number = step.constant(theirs)
        if isinstance(number, int) and not isinstance(number, bool) and number > 0:
            config[ours] = number
    return Built("batch", config, "approximated", _NO_BODY)


def _question(step: Step) -> Built:
    listed = step.constant("options")
    texts = [
        str(one.get("name", one.get("text", ""))) if isinstance(one, dict) else str(one)
        for one in (listed if isinstance(listed, list) else ())
    ]
    config: dict[str, Any] = {"question": step.text("question") or ""}
    ports: dict[str, str] = {}
    if texts:
        config["options"] = [
            {"id": f"branch_{at}", "text": text} for at, text in enumerate(texts, 1)
        ]
        config["allow_text"] = True
        ports = {one["id"]: one["id"] for one in config["options"]} | {"*": "default"}
    return Built("question", config, ports=ports)


def _sub_workflow(step: Step) -> Built:
    written = step.constant("workflow_id")
    name = str(written) if isinstance(written, str | int) else ""
    called = step.context.callable.get(name) or native_id(name) or "workflow"
    inputs = step.value("parameters", "inputs")
    config = {"workflow": called, "inputs": inputs if isinstance(inputs, dict) else {}}
    if name in step.context.callable:
        return Built("sub_workflow", config)
    hint = "import it beside this one, or store it under this id"
    step.need("workflow", name or called, hint)
    return Built("sub_workflow", config, "approximated", f"workflow {name or '?'}: {hint}")


def _outside(step: Step) -> Built:
    reason = f"{step.node.type} is outside of a loop: it does nothing"
    return Built("values", {"outputs": {}}, "approximated", reason)


KINDS = {
    "Selector": Kind(_selector),
    "If": Kind(_selector),
    "Loop": Kind(_loop, {"results": ("output",), "iteration_count": ("count",)}),
    "Batch": Kind(_batch, {"results": ("output",)}),
    "Break": Kind(_outside),
    "Continue": Kind(_outside),
    "QuestionAnswer": Kind(_question, {"USER_RESPONSE": ("answer",)}),
    "SubWorkflow": Kind(_sub_workflow),
}
