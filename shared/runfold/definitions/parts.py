"""Pinning what `sub_workflow` nodes run, so that a run has all of it from the start."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from msgspec.structs import replace

from runfold.definitions.store import DefinitionStore, StoredDefinition
from runfold.errors import Conflict, NotFound
from runfold.graph.checks.calls import calls_in
from runfold.graph.definition import Workflow
from runfold.graph.kinds.sub_workflow import called, is_detached, may_be_missing
from runfold.graph.loader import canonical_bytes, workflow_from_canonical
from runfold.graph.plan.plan import pinned_name


class Call(NamedTuple):
    """A node that makes a stored workflow a part of its own."""

    place: str
    """Of the node."""
    workflow_id: str
    version: str
    """The wanted version; empty for the newest."""
    may_be_missing: bool = False
    """Whether the node fails when it is reached, instead."""


async def stored_parts(
    store: DefinitionStore, calls: tuple[Call, ...], own: Workflow | None = None
) -> dict[str, StoredDefinition]:
    """The stored workflows that are parts of a workflow, by the names they are pinned under.

    Args:
        store: Where they are.
        calls: What the workflow calls.
        own: The workflow, where it may be one that is not stored: what calls itself finds it.

    Raises:
        NotFound: One is not stored, or not in that version; says which node wants it.
        Conflict: One is archived.
    """
    found: dict[str, StoredDefinition] = {}
    left = list(calls)
    while left:
        place, workflow_id, version, may_be_missing = left.pop()
        name = pinned_name(workflow_id, version)
        if name in found:
            continue
        try:
            stored = await store.runnable(workflow_id, version)
        except (NotFound, Conflict) as error:
            if own is not None and workflow_id == own.id and not version:
                found[name] = StoredDefinition(own.id, own.version, canonical_bytes(own))
                continue
            if may_be_missing and isinstance(error, NotFound):
                continue
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
            yield Call(path, workflow_id, version, may_be_missing(node.config))
    for name, own in workflow.workflows.items():
        for call in _calls(own, f"{prefix}workflows.{name}."):
            if call.workflow_id not in workflow.workflows:
                yield call
