"""Loop, and what stands in one: set variable, break, continue."""

from __future__ import annotations

from typing import Any

from runfold.graph.definition import OUT
from runfold.graph.kinds import kind_of
from runfold.graph.kinds.asking import TIMEOUT
from runfold.graph.kinds.question import INCOMPLETE
from runfold.importers.coze.batch_mode import lists_of
from runfold.importers.coze.canvas import BATCH as BATCH_TYPE
from runfold.importers.coze.canvas import LOOP as LOOP_TYPE
from runfold.importers.coze.canvas import Block
from runfold.importers.coze.fields import at, obj, plain, rows, whole
from runfold.importers.coze.names import Outputs, collected_names, variable_names
from runfold.importers.coze.step import Built, Kind, Step
from runfold.importers.coze.texts import Either, Path, Place, native

MOST_ROUNDS = 10_000
"""Rounds of a loop that goes on until a break: Coze has no bound, and a loop here needs one."""


def _loop(step: Step) -> Built:
    block = step.block
    names, collected = variable_names(block), collected_names(block)
    variables = {
        names[plain(one.get("name"))]: native(step.input(one.get("input"), plain(one.get("name"))))
        for one in rows(block.inputs.get("variableParameters"))
        if plain(one.get("name"))
    }
    nodes, edges = step.body(block.id)
    for output in block.outputs:
        made = collected.get(plain(output.get("name")))
        if made is not None:
            _collect(step, output, made, nodes, edges)
    config: dict[str, Any] = {
        **_rounds(step),
        "variables": variables | {name: [] for name in collected.values()},
        "nodes": nodes
        or [
            {
                "id": step.draft.fresh_id(f"{step.id}_nothing"),
                "type": "values",
                "config": {"outputs": {}},
            }
        ],
        "edges": edges,
        "keep": "last",
    }
    return Built(type="loop", config=config, is_task=False)


def _rounds(step: Step) -> dict[str, Any]:
    inputs = step.block.inputs
    match inputs.get("loopType"):
        case "count":
            count = step.literal(inputs.get("loopCount"))
            return {"count": native(count) if isinstance(count, Place) else whole(count) or 0}
        case "infinite":
            return {"infinite": True, "max_iterations": MOST_ROUNDS}
        case _:
            return {"items": lists_of(step) or []}


def _collect(
    step: Step,
    output: dict[str, Any],
    variable: str,
    nodes: list[dict[str, Any]],
    edges: list[dict[str, Any]],
) -> None:
    """Append what a node inside gave to a variable, right after the node."""
    value = step.value(output.get("input"))
    source = value.root if isinstance(value, Place) else ""
    place = next((at for at, node in enumerate(nodes) if node["id"] == source), None)
    if place is None:
        return
    assignment = {"variable": variable, "operation": "append", "value": native(value)}
    following = [edge for edge in edges if edge["source"] == source and "port" not in edge]
    for edge in following:
        target = next(node for node in nodes if node["id"] == edge["target"])
        if target.get("type") == "assign" and target["id"].startswith(f"{source}_kept"):
            target["config"]["assignments"].append(assignment)
            return
    kept = step.draft.fresh_id(f"{source}_kept")
    for edge in following:
        edge["source"] = kept
    edges += [{"source": source, "target": kept, **port} for port in _leaving(nodes[place])]
    config = {"assignments": [assignment]}
    nodes.insert(place + 1, {"id": kept, "type": "assign", "config": config, "profile": "coze"})


def _leaving(node: dict[str, Any]) -> list[dict[str, str]]:
    """The ports at which a node goes on, as edges name them."""
    kind = kind_of(node["type"])
    ports = kind.ports(node["config"]) if kind is not None else (OUT,)
    if OUT in ports:
        return [{}]
    return [{"port": port} for port in ports if port not in (TIMEOUT, INCOMPLETE)]


def _loop_outputs(block: Block) -> Outputs:
    names = variable_names(block)
    found: dict[str, Path | Either] = {
        name: (made,) for name, made in collected_names(block).items()
    }
    for one in block.outputs:
        name, content = plain(one.get("name")), obj(at(one, "input", "value", "content"))
        first, _, rest = plain(content.get("name")).partition(".")
        if plain(content.get("blockID")) == block.id and first in names:
            found[name] = (names[first], *(rest.split(".") if rest else ()))
    return found


def _set_variable(step: Step) -> Built:
    block = step.block
    around = step.canvas.blocks.get(block.parent)
    names = variable_names(around) if around is not None and around.type == LOOP_TYPE else {}
    assignments: list[dict[str, Any]] = []
    for one in rows(block.inputs.get("inputParameters")):
        left = obj(at(one, "left", "value", "content"))
        variable, _, inner = plain(left.get("name")).partition(".")
        if variable not in names or inner:
            step.notes.append(f"{left.get('name')!r} is not a variable of the loop: it is not set")
            continue
        right = step.input(obj(one.get("right")), "right")
        if _is_set(right, assignments):
            right = step.kept(right, "right")
        assignments.append({"variable": names[variable], "value": native(right)})
    if not assignments:
        return Built(type="values", config={"outputs": {}}, is_task=False)
    return Built(type="assign", config={"assignments": assignments}, is_task=False)


def _is_set(value: Any, assignments: list[dict[str, Any]]) -> bool:
    """Whether a value is one that an assignment before it changes: Coze reads all before any."""
    return isinstance(value, Place) and any(one["variable"] == value.root for one in assignments)


def _break(step: Step) -> Built:
    return _ending(step, "break", (LOOP_TYPE,))


def _continue(step: Step) -> Built:
    return _ending(step, "continue", (LOOP_TYPE, BATCH_TYPE))


def _ending(step: Step, type_: str, inside: tuple[str, ...]) -> Built:
    around = step.canvas.blocks.get(step.block.parent)
    if around is not None and around.type in inside:
        return Built(type=type_, config={}, is_task=False)
    step.notes.append("it is in no loop: it does nothing")
    return Built(type="values", config={"outputs": {}}, is_task=False)


LOOP = Kind("Loop", _loop, _loop_outputs)
SET_VARIABLE = Kind("Set variable", _set_variable)
BREAK = Kind("Break", _break)
CONTINUE = Kind("Continue", _continue)
