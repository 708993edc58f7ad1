"""Checks a request for a run against the workflow that it names.

The intake checks before it begins the run. The outbox checks before it sends the request of a
detached `sub_workflow`, so that the node that asks is told what cannot begin.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from runfold.contracts.callbacks import check_callbacks
from runfold.contracts.labels import check_labels
from runfold.contracts.requests import RunRequest
from runfold.definitions.pinning import Pinned, Pinning
from runfold.graph.definition import Workflow
from runfold.graph.inputs import bind_inputs
from runfold.graph.safe_names import with_safe_names
from runfold.values.json_text import text_of
from runfold.values.references import lookup_in
from runfold.values.templates import render

ALL_RUNS = "*"
"""The concurrency key of a workflow whose runs share their slots."""


class Accepted(NamedTuple):
    """What a run begins with."""

    pinned: Pinned
    inputs: dict[str, Any]
    concurrency_key: str


async def accepted_run(request: RunRequest, pinning: Pinning) -> Accepted:
    """Find the definition and bind the inputs.

    Raises:
        NotFound: No such workflow or version.
        InvalidWorkflow: A definition in the request that fails the checks.
        InvalidInputs: Missing or surplus inputs, or inputs of another type.
        InvalidRequest: Labels or callbacks that cannot be.
    """
    check_labels(request.labels)
    check_callbacks(request.callbacks)
    if request.definition:
        pinned = await pinning.given(bytes(request.definition), request.version)
    else:
        pinned = await pinning.stored(request.workflow_id, request.version)
    inputs = bind_inputs(pinned.workflow, request.inputs)
    return Accepted(pinned, inputs, concurrency_key(pinned.workflow, inputs))


def concurrency_key(workflow: Workflow, inputs: dict[str, object]) -> str:
    """The key whose slots a run needs one of; empty: none."""
    if workflow.settings.concurrency is None:
        return ""
    limit = with_safe_names(workflow).settings.concurrency or workflow.settings.concurrency
    return text_of(render(limit.key, lookup_in(workflow.variables | inputs))) or ALL_RUNS
