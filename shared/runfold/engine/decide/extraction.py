"""The task that extracts fields from an answer, and how often it was tried."""

from __future__ import annotations

from runfold.contracts.tasks import Task
from runfold.engine.decide.effects import Dispatch
from runfold.engine.decide.node_context import NodeContext
from runfold.engine.evolve.extraction import failed_to_extract
from runfold.engine.state.nodes import NodeState
from runfold.graph.kinds.extract import KIND as EXTRACT
from runfold.ids import attempt_id
from runfold.values.references import prune, references_in

_ROOT = "_asked"
"""Root name by which the task's configuration refers to the answer. The text itself is an input, so
that nothing in it is read as a template."""


def tries_of_extraction(node: NodeState) -> int:
    """How often the answer was given to a model, if that is what failed; else 0."""
    if node.waiting is not None and failed_to_extract(node):
        return node.attempt - node.waiting.attempt + 1
    return 0


def extraction(ctx: NodeContext) -> Dispatch:
    """The task that reads the answer of a node."""
    state, node, planned = ctx.state, ctx.node, ctx.planned
    config = dict(ctx.config["extract"])
    config.pop("max_follow_ups", None)
    inputs = prune(references_in(config), ctx.lookup)
    asked = {
        "text": node.answer.feedback if node.answer else "",
        "question": node.waiting.message if node.waiting else "",
        "known": node.outputs.get("fields", {}),
    }
    task = Task(
        run_id=state.run_id,
        workflow_id=state.workflow_id,
        node_id=planned.id,
        node_type=EXTRACT.type,
        scope=ctx.scope,
        attempt=node.attempt,
        config=config | {name: f"{{{{{_ROOT}.{name}}}}}" for name in asked},
        inputs=inputs | {_ROOT: asked},
        timeout=planned.timeout,
        traceparent=state.traceparent,
        part=EXTRACT.type,
        profile=planned.profile,
    )
    return Dispatch(EXTRACT.group, task, attempt_id(state.run_id, ctx.address, node.attempt))
