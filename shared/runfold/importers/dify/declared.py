"""What a graph declares beside its nodes: environment, variables of conversations, inputs."""

from __future__ import annotations

from typing import Any

from runfold.importers.dify.flow import Flow, references_of
from runfold.importers.dify.kinds.start import declare
from runfold.importers.dify.reading import json_in, number_of, text_at
from runfold.importers.dify.usage import INLINE, reads_of
from runfold.importers.draft import native_id

_EMPTY: dict[str, Any] = {"string": "", "number": 0, "integer": 0, "boolean": False, "object": {}}


def declare_environment(flow: Flow) -> None:
    """Constants as `environment`; secrets as secrets, which have to be given here."""
    found: dict[str, Any] = {}
    shown = _shown(flow)
    for one in flow.source.environment:
        name = text_at(one, "name")
        plain = native_id(name)
        if not plain:
            continue
        kind = text_at(one, "value_type").lower()
        if kind == "secret" and name in shown:
            flow.environment[name] = "env"
            found[plain] = ""
            hint = "a branch or an answer reads this secret: it is a variable, seen in the log"
            flow.draft.need("variable", plain, "", hint)
        elif kind == "secret":
            flow.environment[name] = "secrets"
            hint = "its value stayed in the system that it comes from"
            flow.draft.need("secret", plain, "", hint)
        else:
            flow.environment[name] = "env"
            found[plain] = _value(one.get("value"), kind)
    if found:
        flow.draft.definition["environment"] = found


def _shown(flow: Flow) -> dict[str, None]:
    """Environment variables that are read where no secrets are known."""
    inline = (node for node in flow.source.nodes.values() if node.type in INLINE)
    return reads_of(inline, references_of).get("env", {})


def declare_conversation(flow: Flow) -> None:
    """Variables of a conversation, and what they begin as."""
    found: dict[str, Any] = {}
    for one in flow.source.conversation:
        name = text_at(one, "name")
        plain = native_id(name)
        if plain:
            flow.conversation[name] = plain
            found[plain] = _value(one.get("value"), text_at(one, "value_type").lower())
    if found:
        flow.draft.definition["conversation"] = found


def declare_pipeline(flow: Flow) -> dict[str, str]:
    """Variables of a pipeline as inputs; `{name: reference}`."""
    found = {}
    for one in flow.source.pipeline:
        if text_at(one, "variable", "name"):
            name, reference = declare(flow, one, required=one.get("required") is True)
            found[name] = reference
    return found


def _value(value: Any, kind: str) -> Any:
    if kind == "number":
        return number_of(value) or 0
    if kind == "integer":
        return int(number_of(value) or 0)
    if kind == "boolean":
        return str(value).strip().lower() == "true"
    if kind in ("string", "secret"):
        return value if isinstance(value, str) else "" if value is None else str(value)
    if kind.startswith("array"):
        made = json_in(value)
        return made if isinstance(made, list) else []
    if kind == "object":
        made = json_in(value)
        return made if isinstance(made, dict) else {}
    return _EMPTY.get(kind) if value is None else value
