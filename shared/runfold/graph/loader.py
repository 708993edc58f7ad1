"""Loading a workflow: JSON or YAML in, the canonical definition and everything found out.

`prepare` is what every way into the system uses: load, check, and refuse with all findings.
"""

from __future__ import annotations

from typing import Any

import msgspec
import yaml

from runfold.errors import InvalidWorkflow, RunfoldError
from runfold.graph.checks import check
from runfold.graph.definition import Finding, Input, Settings, Workflow
from runfold.graph.durations import parse_duration
from runfold.graph.findings import Findings, nearest, unescaped
from runfold.graph.free_names import free_names
from runfold.graph.reading import read_edges, read_nodes

MAX_DOCUMENT = 4 * 1024 * 1024
"""Bytes of a document that is still read."""
_KEYS = frozenset(
    (
        *("id", "name", "description", "inputs", "closed_inputs", "variables"),
        *("nodes", "edges", "settings", "version"),
    )
)

_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.Decoder(Workflow).decode


class Loaded(msgspec.Struct, frozen=True):
    """What came of loading a document."""

    workflow: Workflow | None
    """None when there is nothing to check."""
    findings: tuple[Finding, ...]


def prepare(source: bytes | str | dict[str, Any]) -> tuple[Workflow, tuple[Finding, ...]]:
    """A workflow fit to be stored and run, with the findings that are no errors.

    Raises:
        InvalidWorkflow: With all findings, when any is an error.
    """
    loaded = load_workflow(source)
    errors = [finding for finding in loaded.findings if finding.level == "error"]
    if loaded.workflow is None or errors:
        first = errors[0]
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        message = f"invalid workflow: {first.path}: {first.message}{more}"
        raise InvalidWorkflow(message, loaded.findings)
    return loaded.workflow, loaded.findings


def load_workflow(source: bytes | str | dict[str, Any]) -> Loaded:
    """Read and check a document; never raises for what it says."""
    found = Findings()
    document = _parsed(source, found)
    if document is None:
        return Loaded(None, tuple(found.all))
    workflow = _read(document, found)
    if workflow is None:
        return Loaded(None, tuple(found.all))
    found.all += check(workflow)
    return Loaded(workflow, tuple(found.all))


def canonical_bytes(workflow: Workflow) -> bytes:
    """The definition as it is stored and pinned: the same bytes for the same workflow."""
    return _encode(workflow)


def workflow_from_canonical(body: bytes) -> Workflow:
    """The workflow of canonical bytes."""
    return _decode(body)


def _parsed(source: bytes | str | dict[str, Any], found: Findings) -> dict[str, Any] | None:
    if isinstance(source, dict):
        document: Any = source
    else:
        if len(source) > MAX_DOCUMENT:
            found.error("document.too_large", "", f"over {MAX_DOCUMENT} bytes")
            return None
        try:
            document = _text_parsed(source)
        except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
            what = " ".join(str(error).split())
            found.error("document.unreadable", "", f"neither JSON nor YAML: {what}")
            return None
    if not isinstance(document, dict):
        found.error("document.not_object", "", "a workflow is an object with id and nodes")
        return None
    return unescaped(document)  # type: ignore[no-any-return]  # an object stays one


def _text_parsed(source: bytes | str) -> Any:
    text = unescaped(source.decode() if isinstance(source, bytes) else source)
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return yaml.safe_load(text)


def _read(document: dict[str, Any], found: Findings) -> Workflow | None:
    for key in document:
        if key not in _KEYS:
            hint = nearest(str(key), _KEYS)
            found.error("document.unknown_key", str(key), f"a workflow has no {key!r}", hint)
    workflow_id = document.get("id")
    if not isinstance(workflow_id, str) or not workflow_id:
        found.error("workflow.id", "id", "a workflow needs an id")
        workflow_id = ""
    variables = document.get("variables") or {}
    if not isinstance(variables, dict):
        found.error("workflow.variables", "variables", "variables must be an object")
        variables = {}
    nodes = read_nodes(document.get("nodes"), "nodes", found)
    if not nodes:
        if not found.failed:
            found.error("workflow.empty", "nodes", "a workflow needs at least one node")
        return None
    edges = read_edges(document.get("edges"), nodes, "", found)
    declared = document.get("inputs")
    inputs = _read_inputs(declared or {}, found)
    workflow = Workflow(
        id=workflow_id,
        name=str(document.get("name") or ""),
        description=str(document.get("description") or ""),
        inputs=inputs,
        closed_inputs=bool(document.get("closed_inputs", declared is not None)),
        variables=variables,
        nodes=nodes,
        edges=edges,
        settings=_read_settings(document.get("settings"), found),
    )
    if declared is not None:
        return workflow
    implied = {name: Input(required=True) for name in free_names(workflow)}
    for name in implied:
        found.info("input.inferred", "inputs", f"{name!r} is taken to be a required input")
    return msgspec.structs.replace(workflow, inputs=implied)


def _read_inputs(document: Any, found: Findings) -> dict[str, Input]:
    if not isinstance(document, dict):
        found.error("workflow.inputs", "inputs", "inputs must be an object of declarations")
        return {}
    inputs = {}
    for name, declaration in document.items():
        fields = {"type": declaration} if isinstance(declaration, str) else declaration
        try:
            inputs[str(name)] = msgspec.convert(fields or {}, Input)
        except msgspec.ValidationError as error:
            found.error("input.declaration", f"inputs.{name}", str(error))
    return inputs


def _read_settings(document: Any, found: Findings) -> Settings:
    if document is None:
        return Settings()
    fields = dict(document) if isinstance(document, dict) else {}
    try:
        if fields.get("timeout") is not None:
            fields["timeout"] = parse_duration(fields["timeout"])
        return msgspec.convert(fields, Settings)
    except (msgspec.ValidationError, RunfoldError) as error:
        found.error("workflow.settings", "settings", str(error))
        return Settings()
