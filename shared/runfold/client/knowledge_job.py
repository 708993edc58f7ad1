"""The run that indexes documents: watched, cancelled and retried like any other."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

import msgspec

from runfold.contracts.requests import RunRequest
from runfold.errors import InvalidRequest
from runfold.graph.definition import Workflow
from runfold.graph.kinds.knowledge_index import read_chunking
from runfold.graph.loader import canonical_bytes, prepare
from runfold.values.knowledge_documents import documents_of

WORKFLOW = "knowledge_index"
"""Id of the workflow that its runs are listed under."""
NODE = "put"
"""Id of the nodes in it that index."""
LABEL = "knowledge_base"
"""The label that has the base's name."""


def job_request(
    base: str,
    documents: Sequence[Any],
    *,
    create: bool = False,
    embedding_model: str = "",
    metadata: dict[str, Any] | None = None,
    chunking: dict[str, Any] | None = None,
) -> RunRequest:
    """The request for a run that indexes documents.

    Args:
        base: The base's name.
        documents: As the entries of `documents` of a `knowledge_index` node.
        create: Whether the base is made when there is none.
        embedding_model: The base's model.
        metadata: Of all documents, under their own.
        chunking: How they are cut.

    Raises:
        InvalidRequest: `knowledge.chunking_invalid`; `knowledge.input_invalid`: what is not a
            document, none at all, or too many.
    """
    read_chunking(chunking)
    given = documents_of(documents=list(documents), metadata=metadata)
    if not given:
        message = "there is nothing to index: give at least one document"
        raise InvalidRequest(message, code="knowledge.input_invalid")
    inputs = {
        "base": base,
        "documents": [one.entry() for one in given],
        "create": create,
        "embedding_model": embedding_model,
        "chunking": chunking or {},
    }
    return RunRequest(
        workflow_id=WORKFLOW,
        inputs=inputs,
        labels={LABEL: base},
        definition=msgspec.Raw(canonical_bytes(job_workflow())),
    )


@cache
def job_workflow() -> Workflow:
    """The workflow of such runs."""
    file = resources.files("runfold.client") / "knowledge_job.yaml"
    workflow, _ = prepare(file.read_text(encoding="utf-8"))
    return workflow
