"""What `runfold check` says of nodes that ask models, by what the settings say that models take.

It is known only where it is declared (`RUNFOLD_LLM__MODELS`), and here executors are taken to have
the same declarations. What a file is, is known of an input that names its media types.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from runfold.errors import InvalidFile
from runfold.graph.bodies import bodies_of
from runfold.graph.definition import Finding, Input, Node, Workflow
from runfold.graph.kinds import kind_of
from runfold.graph.kinds.registry import config_fields
from runfold.graph.node_addresses import node_addresses
from runfold.settings import Settings
from runfold.values.files import is_file, read_file
from runfold.values.references import exact_ref, is_computed

TOOLS = "tools"


class Use(NamedTuple):
    """Something a node sends to its model, or has it do."""

    field: str
    """Of the configuration."""
    need: str
    """The ability it takes."""
    what: str
    is_certain: bool
    """Whether each run has it."""


def model_findings(workflow: Workflow, settings: Settings) -> list[Finding]:
    """Findings about nodes whose model does not take what they send."""
    if not settings.llm.models:
        return []
    addresses = node_addresses(workflow)
    return [
        one
        for path, node, inputs in _asking(workflow.nodes, "nodes", workflow.inputs)
        for one in _about(node, path, addresses.get(path, node.id), inputs, settings)
    ]


def _asking(
    nodes: tuple[Node, ...], path: str, inputs: Mapping[str, Input]
) -> Iterator[tuple[str, Node, Mapping[str, Input]]]:
    """Nodes that name a model, with their places, and the inputs that are read in them."""
    for index, node in enumerate(nodes):
        here = f"{path}[{index}]"
        kind = kind_of(node.type)
        if kind is not None and "model" in config_fields(kind):
            yield here, node, inputs
        if node.type == "agent":
            continue  # its rounds send what it says itself
        for body in bodies_of(node).values():
            # A name may be something else in there.
            yield from _asking(body.nodes, f"{here}.config.{body.path}nodes", {})


def _about(
    node: Node, path: str, address: str, inputs: Mapping[str, Input], settings: Settings
) -> Iterator[Finding]:
    from runfold_executor_llm.file_parts import UNSUPPORTED, abilities_of

    names = [node.config.get(name) or "" for name in ("model", "backup_model")]
    if any(not isinstance(name, str) or is_computed(name) for name in names):
        return
    model = names[0].strip() or settings.llm.default_model
    backup = names[1].strip()
    for use in _uses(node, inputs):
        if getattr(abilities_of(model, settings.llm), use.need):
            continue
        is_helped = backup and getattr(abilities_of(backup, settings.llm), use.need)
        level: Any = "warning" if is_helped or not use.is_certain else "error"
        code = "llm.tools_unsupported" if use.need == TOOLS else UNSUPPORTED[use.need]
        message = f"node {node.id!r}: model {model!r} takes no {use.what}"
        hint = f"RUNFOLD_LLM__MODELS says {use.need}: false"
        yield Finding(level, code, f"{path}.config.{use.field}", message, hint, address)


def _uses(node: Node, inputs: Mapping[str, Input]) -> Iterator[Use]:
    config = node.config
    match node.type:
        case "ocr" if config.get("engine", "model") == "model":
            yield Use("file", "vision", "picture", is_certain=True)
        case "extract" if config.get("mode") == "function_calling":
            yield Use("mode", TOOLS, "tools, as function_calling needs", is_certain=True)
        case "agent" if config.get("strategy", "function_calling") == "function_calling":
            yield Use("strategy", TOOLS, "tools: take strategy react, or auto", is_certain=True)
        case "llm" if config.get("tools") and config.get("tool_protocol", "native") == "native":
            yield Use("tools", TOOLS, "tools: take tool_protocol text", is_certain=True)
    for field, value in _sent(config):
        for need, what, is_certain in _needs(value, inputs):
            yield Use(field, need, what, is_certain)


def _sent(config: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """What stands where files may, with its place."""
    files = config.get("files")
    for value in files if isinstance(files, list) else [files]:
        yield "files", value
    messages = config.get("messages")
    for at, message in enumerate(messages if isinstance(messages, list) else ()):
        content = message.get("content") if isinstance(message, dict) else None
        for value in content if isinstance(content, list) else [content]:
            yield f"messages[{at}].content", value


def _needs(value: Any, inputs: Mapping[str, Input]) -> Iterator[tuple[str, str, bool]]:
    from runfold_executor_llm.file_parts import PARTS, held_in, sense_of

    kind = value.get("type") if isinstance(value, dict) else None
    sense = PARTS.get(kind) if isinstance(kind, str) else None
    inner = held_in(value) if sense else value
    ref = exact_ref(inner)
    if ref is not None and ref.root in inputs:
        declared = inputs[ref.root]
        needs = {sense_of(pattern) for pattern in declared.media_types}
        if len(needs) == 1 and (need := needs.pop()):
            what = f"{' or '.join(declared.media_types)}, as input {ref.root!r} is"
            yield need, what, declared.required or declared.default is not None
    elif is_file(inner):
        try:
            file = read_file(inner)
        except InvalidFile:
            return
        if need := sense_of(file.media_type):
            yield need, f"{file.kind}, as {file.name!r} is", True
    elif sense and not is_computed(inner):
        yield sense, f"part of type {kind}", True
