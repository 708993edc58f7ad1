"""Batch mode of a node: the node for each element of its lists, so many at a time."""

from __future__ import annotations

import itertools
from typing import Any

from runfold.importers.coze.canvas import Block
from runfold.importers.coze.fields import obj, plain, whole
from runfold.importers.coze.names import Outputs, element_names
from runfold.importers.coze.step import PROFILE, Step
from runfold.importers.coze.texts import Parts, Place, native, place_in
from runfold.importers.coze.types import members

MOST, AT_ONCE = 100, 10
"""Elements and those under way at a time, where Coze has 0 or nothing."""


def is_in_batches(block: Block) -> bool:
    """Whether batch mode of a node is on."""
    batch = obj(block.inputs.get("batch"))
    return batch.get("batchEnable") is True and bool(element_names(block))


def lists_of(step: Step) -> Any:
    """The lists that are gone through: one, or several in step."""
    lists = {
        name: native(step.input(declared, name))
        for name, declared in element_names(step.block).items()
    }
    return next(iter(lists.values())) if len(lists) == 1 else lists


def limit(step: Step, written: Any, default: int) -> Any:
    """A number of elements: 0 and nothing are the default of Coze."""
    value = step.literal(written)
    return native(value) if isinstance(value, Place) else max(whole(value) or default, 1)


def batch_config(step: Step, settings: dict[str, Any]) -> dict[str, Any]:
    """The configuration of a `batch`, without its body."""
    return {
        "items": lists_of(step),
        "batch_size": limit(step, settings.get("batchSize"), MOST),
        "concurrency": limit(step, settings.get("concurrentSize"), AT_ONCE),
        "max_batches": 1,
        "continue_on_error": False,
    }


def in_batches(
    step: Step, outputs: Outputs, chain: list[dict[str, Any]], node_id: str
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """What goes before, and the `batch` around the nodes of one in batch mode.

    Its output is a list of objects.
    """
    block = step.block
    outer = Step(block, step.canvas, step.names, step.draft, step.context, step.body, node_id)
    config = batch_config(outer, obj(block.inputs.get("batch")))
    last = chain[-1]["id"]
    fields: dict[str, Any] = {}
    for name in _fields(block):
        way = outputs.get(name, (name,))
        fields[name] = None if isinstance(way, Parts) else native(place_in(last, way))
    config |= {
        "nodes": chain,
        "edges": [
            {"source": one["id"], "target": other["id"]} for one, other in itertools.pairwise(chain)
        ],
        "output": fields,
    }
    node = {"id": node_id, "type": "batch", "config": config, "profile": PROFILE}
    return outer.before(), node | ({"name": block.title} if block.title else {})


def _fields(block: Block) -> list[str]:
    """What each element gives: the fields of the objects in the list that it declares."""
    for one in block.outputs:
        schema = obj(one.get("schema"))
        if one.get("type") == "list":
            return [name for name, _ in members(schema.get("schema"))]
    return [plain(one.get("name")) for one in block.outputs if plain(one.get("name"))]
