"""What Dify's clients ask about an app: its form, its limits, its name."""

from __future__ import annotations

from typing import Any

from runfold.conversations.limits import MAX_FILES
from runfold.graph.definition import Input, Workflow

MEGABYTE = 1024 * 1024
KINDS = ["image", "document", "audio", "video", "custom"]
_CONTROLS = {
    "number": "number",
    "integer": "number",
    "boolean": "checkbox",
    "object": "json_object",
    "file": "file",
    "files": "file-list",
    "string": "paragraph",
}
"""Type of an input → Dify's control for it; all others: paragraph."""


def parameters(workflow: Workflow, file_limit: int) -> dict[str, Any]:
    """The form of a workflow's inputs, and what else a client shows.

    Args:
        workflow: The workflow.
        file_limit: Bytes that an upload may have; 0: any number.
    """
    largest = file_limit // MEGABYTE
    off = {"enabled": False}
    return {
        "opening_statement": "",
        "suggested_questions": [],
        "suggested_questions_after_answer": off,
        "speech_to_text": off,
        "text_to_speech": {**off, "voice": "", "language": "", "autoPlay": "disabled"},
        "retriever_resource": {"enabled": True},
        "annotation_reply": off,
        "more_like_this": off,
        "sensitive_word_avoidance": {**off, "type": "", "configs": []},
        "user_input_form": [
            {_control(one): _field(name, one)}
            for name, one in workflow.inputs.items()
            if name != "query"
        ],
        "file_upload": {
            "enabled": True,
            "number_limits": MAX_FILES,
            "allowed_file_types": KINDS,
            "allowed_file_extensions": [],
            "allowed_file_upload_methods": ["local_file"],
            "image": {
                "enabled": True,
                "number_limits": MAX_FILES,
                "detail": "high",
                "transfer_methods": ["local_file"],
            },
        },
        "system_parameters": {
            "file_size_limit": largest,
            "image_file_size_limit": largest,
            "audio_file_size_limit": largest,
            "video_file_size_limit": largest,
            "workflow_file_upload_limit": MAX_FILES,
        },
    }


def info(workflow: Workflow) -> dict[str, Any]:
    """What an app is called."""
    return {
        "name": workflow.name or workflow.id,
        "description": workflow.description,
        "tags": sorted(workflow.labels),
        "mode": "advanced-chat",
        "author_name": "",
    }


def _control(one: Input) -> str:
    if one.enum and one.type in ("string", "any"):
        return "select"
    return _CONTROLS.get(one.type, "paragraph")


def _field(name: str, one: Input) -> dict[str, Any]:
    field: dict[str, Any] = {
        "label": one.description or name,
        "variable": name,
        "required": one.required,
        "default": "" if one.default is None else one.default,
        "hide": False,
    }
    if one.enum:
        field["options"] = [str(option) for option in one.enum]
    if one.type in ("file", "files"):
        field["allowed_file_types"] = KINDS
        field["allowed_file_extensions"] = []
        field["allowed_file_upload_methods"] = ["local_file"]
    return field
