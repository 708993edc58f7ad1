"""`llm` → llm."""

from __future__ import annotations

from typing import Any

from runfold.exporters.dify.errors import write_errors
from runfold.exporters.dify.kind import WrittenKind
from runfold.exporters.dify.kinds.models import SETTINGS, write_model
from runfold.exporters.dify.room import Room
from runfold.exporters.writing import NotMappable, Writing

OUTPUTS = {
    "output": ("text",),
    "structured": ("structured_output",),
    "reasoning": ("reasoning_content",),
    "usage": ("usage",),
}
_ASKED = ("prompt", "messages", "system_prompt", "history", "history_window")
_HISTORY = "{{sys.history}}"
_ROLES = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}
_PLACE, _CONTEXT = "<context/>", "{{#context#}}"
_ALL = 500
"""Rounds of a window that an import sets where Dify takes all."""


def _write(writing: Writing, room: Room) -> None:
    config = writing.config
    write_model(writing, (*SETTINGS, "response_format"))
    writing.put("prompt_template", _ASKED, lambda: _prompts(config, room)[0])
    writing.put("prompt_config", _ASKED, lambda: {"jinja2_variables": _prompts(config, room)[1]})
    if config.get("history"):
        writing.put("memory", _ASKED, lambda: _memory(config, room))
    writing.put("context", "context", lambda: _context(config.get("context"), room))
    writing.put("vision", ("files", "image_detail"), lambda: _vision(config, room))
    if isinstance(config.get("response_format"), dict):
        schema = config["response_format"]
        writing.put("structured_output", "response_format", lambda: {"schema": schema})
        writing.put("structured_output_enabled", "response_format", lambda: True)
    writing.use("on_length", "stream")
    write_errors(writing, OUTPUTS)


def _spoken(config: dict[str, Any]) -> list[dict[str, Any]]:
    """All that is said, in its order."""
    found = []
    if config.get("system_prompt"):
        found.append({"role": "system", "content": config["system_prompt"]})
    found += config.get("messages") or []
    if config.get("prompt"):
        found.append({"role": "user", "content": config["prompt"]})
    return found


def _prompts(config: dict[str, Any], room: Room) -> tuple[list[Any], list[dict[str, Any]]]:
    """The messages, and the variables that those in Jinja2 declare."""
    written, variables = [], []
    spoken = _spoken(config)
    if config.get("history"):
        if not spoken or spoken[-1].get("role") != "user":
            message = "after a history Dify asks what the user said last"
            raise NotMappable(message)
        spoken = spoken[:-1]
    for one in spoken:
        role = _ROLES.get(str(one.get("role", ""))) if isinstance(one, dict) else None
        if role is None:
            message = "Dify has messages of system, user and assistant, each a text"
            raise NotMappable(message)
        prompt, declared = _prompt(one.get("content"), room)
        written.append({"role": role, **prompt})
        variables += [one for one in declared if one not in variables]
    return written, variables


def _prompt(content: Any, room: Room) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    if isinstance(content, list):
        message = "parts of a message have no counterpart in Dify: give files as `files`"
        raise NotMappable(message)
    try:
        return {"text": room.text(content).replace(_PLACE, _CONTEXT)}, []
    except NotMappable:
        if not isinstance(content, str) or ("{%" not in content and "|" not in content):
            raise
    text, declared = room.jinja(content)
    return {"edition_type": "jinja2", "jinja2_text": text, "text": text}, declared


def _memory(config: dict[str, Any], room: Room) -> dict[str, Any]:
    if config["history"] != _HISTORY or not room.chats:
        message = "Dify knows the history of its own conversation alone"
        raise NotMappable(message)
    rounds = config.get("history_window", 2 * _ALL) // 2
    asked = room.text(_spoken(config)[-1].get("content"))
    return {
        "query_prompt_template": asked,
        "window": {"enabled": rounds != _ALL, "size": rounds if rounds != _ALL else 50},
    }


def _context(context: Any, room: Room) -> dict[str, Any]:
    if context is None:
        return {"enabled": False, "variable_selector": []}
    return {"enabled": True, "variable_selector": room.selector(context)}


def _vision(config: dict[str, Any], room: Room) -> dict[str, Any]:
    if not config.get("files"):
        return {"enabled": False}
    configs: dict[str, Any] = {"variable_selector": room.selector(config["files"])}
    if config.get("image_detail") in ("low", "high"):
        configs["detail"] = config["image_detail"]
    return {"enabled": True, "configs": configs}


KIND = WrittenKind(type="llm", write=_write, outputs=OUTPUTS)
