"""Pinning what `sub_workflow` nodes run, so that a run has all of it from the start."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from runfold.definitions.store import DefinitionStore, StoredDefinition
from runfold.errors import Conflict, NotFound
from runfold.graph.checks.calls import calls_in
from runfold.graph.definition import Workflow
from runfold.graph.kinds.sub_workflow import called, is_detached
from runfold.graph.loader import workflow_from_canonical
from runfold.graph.plan.plan import pinned_name

Call = tuple[str, str, str]
"""The place of a node, the id of the stored workflow that it makes a part of its own, and the
wanted version."""


async def stored_parts(
    store: DefinitionStore, calls: tuple[Call, ...]
) -> dict[str, StoredDefinition]:
    """The stored workflows that are parts of a workflow, by the names they are pinned under.

    Args:
        store: Where they are.
        calls: What the workflow calls.

    Raises:
        NotFound: One is not stored, or not in that version; says which node wants it.
        Conflict: One is archived.
    """
    found: dict[str, StoredDefinition] = {}
    left = list(calls)
    while left:
        place, workflow_id, version = left.pop()
        name = pinned_name(workflow_id, version)
        if name in found:
            continue
        try:
            stored = await store.runnable(workflow_id, version)
        except (NotFound, Conflict) as error:
            message = f"{place}: {error.message}"
            details = {**error.details, "path": place, "workflow": workflow_id}
            raise type(error)(message, code=error.code, details=details) from error
        found[name] = stored
        left += calls_of(workflow_from_canonical(stored.body), f"workflows.{name}.")
    return found


def with_parts(workflow: Workflow, parts: dict[str, StoredDefinition]) -> Workflow:
    """The workflow with its stored parts pinned in it."""
    pinned = {
        name: replace(workflow_from_canonical(part.body), version=part.version)
        for name, part in parts.items()
    }
    return replace(workflow, workflows={**workflow.workflows, **pinned})


def calls_of(workflow: Workflow, prefix: str = "") -> tuple[Call, ...]:
    """The stored workflows that are to be parts of this one.

    Those that its nodes begin as runs of their own are not among them.
    """
    return tuple(_calls(workflow, prefix))


def _calls(workflow: Workflow, prefix: str) -> Iterator[Call]:
    for path, node in calls_in(workflow.nodes, prefix):
        workflow_id, version = called(node.config)
        if not is_detached(node.config) and workflow_id not in workflow.workflows:
            yield path, workflow_id, version
    for name, own in workflow.workflows.items():
        for place, workflow_id, version in _calls(own, f"{prefix}workflows.{name}."):
            if workflow_id not in workflow.workflows:
                yield place, workflow_id, version
