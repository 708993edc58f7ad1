"""Loading a workflow: JSON or YAML in, the canonical definition and everything found out.

`prepare` is what every way into the system uses: load, check, and refuse with all findings.
"""

from __future__ import annotations

from typing import Any

import msgspec

from runfold.errors import InvalidWorkflow
from runfold.graph.checks import check
from runfold.graph.checks.cases import check_cases
from runfold.graph.definition import Finding, Input, Workflow
from runfold.graph.findings import Findings
from runfold.graph.free_names import free_names
from runfold.graph.node_addresses import node_addresses
from runfold.graph.reading.declarations import (
    read_inputs,
    read_labels,
    read_settings,
    read_text,
    read_variables,
)
from runfold.graph.reading.document import read_document
from runfold.graph.reading.edges import read_edges
from runfold.graph.reading.nodes import read_nodes
from runfold.graph.reading.places import Places

_KEYS = frozenset(
    (
        *("id", "name", "description", "labels", "inputs", "closed_inputs", "variables"),
        *("conversation", "environment"),
        *("nodes", "edges", "settings", "version", "workflows", "origin", "tests"),
    )
)

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Workflow).decode


class Loaded(msgspec.Struct, frozen=True):
    """What came of loading a document."""

    workflow: Workflow | None
    """None when there is nothing to check."""
    findings: tuple[Finding, ...]
    id: str = ""
    """What the document says its id is, also where there is nothing to check."""


def prepare(source: bytes | str | dict[str, Any]) -> tuple[Workflow, tuple[Finding, ...]]:
    """A workflow fit to be stored and run, with the findings that are no errors.

    Raises:
        InvalidWorkflow: With all findings, when any is an error.
    """
    return accepted(load_workflow(source))


def accepted(loaded: Loaded) -> tuple[Workflow, tuple[Finding, ...]]:
    """A loaded workflow that is fit to be stored and run. Raises what `prepare` raises."""
    errors = [finding for finding in loaded.findings if finding.level == "error"]
    if loaded.workflow is None or errors:
        first = errors[0]
        where = f"{first.path}: " if first.path else ""
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        message = f"invalid workflow: {where}{first.message}{more}"
        raise InvalidWorkflow(message, loaded.findings)
    return loaded.workflow, loaded.findings


def load_workflow(
    source: bytes | str | dict[str, Any], places: Places | None = None, workflow_id: str = ""
) -> Loaded:
    """Read and check a document; never raises for what it says.

    Args:
        source: The document.
        places: Of an object: where its paths stand in the text that it was read from.
        workflow_id: The id it is to have; empty: any.
    """
    found = Findings()
    found.places = places
    document = read_document(source, found)
    if document is None:
        return Loaded(None, found.in_order())
    workflow = _checked(document, found)
    named = document.get("id")
    named = named if isinstance(named, str) else ""
    if workflow_id and named and named != workflow_id:
        message = f"the document is workflow {named!r}, and is stored as {workflow_id!r}"
        found.error("workflow.id_mismatch", "id", message)
    return Loaded(workflow, found.in_order(), named)


def canonical_bytes(workflow: Workflow) -> bytes:
    """The definition as it is stored and pinned: the same bytes for the same document.

    Keys stay in the author's order, since it can decide what happens: the rules of a `text_filter`,
    the properties of a schema that a model fills in, the fields of a form.
    """
    return _encode(workflow)


def workflow_from_canonical(body: bytes) -> Workflow:
    """The workflow of canonical bytes."""
    return _decode(body)


def _checked(document: dict[str, Any], found: Findings) -> Workflow | None:
    """The workflow of a document, with all there is to say about it in `found`."""
    workflow = _read(document, found)
    if workflow is not None:
        check(workflow, found)
        check_cases(document.get("tests"), workflow, found)
        if found.all:
            found.name_nodes(node_addresses(workflow))
    return workflow


def _read(document: dict[str, Any], found: Findings) -> Workflow | None:
    for key in document:
        if key not in _KEYS:
            hint = found.nearest(key, _KEYS)
            found.error("document.unknown_key", key, f"a workflow has no {key!r}", hint)
    nodes = read_nodes(document.get("nodes"), "nodes", found)
    if document.get("nodes") == []:
        found.error("workflow.empty", "nodes", "a workflow needs at least one node")
    declared = document.get("inputs")
    workflow = Workflow(
        id=_read_id(document.get("id"), found),
        name=read_text(document, "name", "workflow.name", "", found),
        description=read_text(document, "description", "workflow.description", "", found),
        labels=read_labels(document.get("labels"), found),
        inputs=read_inputs(declared, found),
        closed_inputs=_read_closed(document, found),
        variables=read_variables(document, "variables", found),
        conversation=read_variables(document, "conversation", found),
        environment=read_variables(document, "environment", found),
        nodes=nodes,
        edges=read_edges(document.get("edges"), nodes, "", found),
        settings=read_settings(document.get("settings"), found),
        workflows=_read_workflows(document.get("workflows"), found),
    )
    if not nodes:
        return None
    return workflow if declared is not None else _with_implied_inputs(workflow, found)


def _read_workflows(documents: Any, found: Findings) -> dict[str, Workflow]:
    """The workflows that a document brings along for its `sub_workflow` nodes, each checked."""
    if documents is None:
        return {}
    if not isinstance(documents, dict):
        message = "workflows must be an object of workflows by id"
        found.error("workflow.workflows", "workflows", message)
        return {}
    workflows = {}
    for name, document in documents.items():
        path = f"workflows.{name}"
        if not isinstance(document, dict):
            found.error("workflow.workflows", path, f"workflow {name!r} must be an object")
            continue
        inner = Findings()
        workflow = _checked({"id": name.partition("@")[0], **document}, inner)
        if workflow is not None:
            workflows[name] = workflow
        found.take_over(inner.all, path, name)
    return workflows


def _read_id(value: Any, found: Findings) -> str:
    if isinstance(value, str) and value:
        return value
    said = "" if value is None else f": text, not {value!r}"
    found.error("workflow.id", "id", f"a workflow needs an id{said}")
    return ""


def _read_closed(document: dict[str, Any], found: Findings) -> bool:
    closed = document.get("closed_inputs")
    if closed is None:
        return document.get("inputs") is not None
    if not isinstance(closed, bool):
        message = f"closed_inputs must be true or false, not {closed!r}"
        found.error("workflow.closed_inputs", "closed_inputs", message)
    return closed is True


def _with_implied_inputs(workflow: Workflow, found: Findings) -> Workflow:
    implied = {name: Input(required=True) for name in free_names(workflow)}
    for name in implied:
        found.info("input.inferred", "inputs", f"{name!r} is taken to be a required input")
    return msgspec.structs.replace(workflow, inputs=implied)
