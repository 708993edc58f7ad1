"""Conversations of a user and their messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runfold.importers.coze.canvas import Block
from runfold.importers.coze.fields import whole
from runfold.importers.coze.names import Outputs
from runfold.importers.coze.step import BEFORE, Build, Built, Kind, Step
from runfold.importers.coze.texts import Parts, Path, Place, native

_NAMED = {"conversationName": "name"}
_CONVERSATIONS = """def main(params):
    return {
        "conversationList": [
            {"conversationName": one.get("name"), "conversationId": one.get("conversation_id")}
            for one in params["found"] or []
        ]
    }
"""
_LISTED = """def main(params):
    return {
        **params,
        "messageList": [
            {
                "messageId": one.get("message_id"),
                "role": one.get("role"),
                "contentType": "text",
                "content": one.get("content"),
            }
            for one in params["messageList"] or []
        ],
    }
"""
_MESSAGE = Parts(
    {
        "messageId": ("message_id",),
        "role": ("message", "role"),
        "contentType": "text",
        "content": ("message", "content"),
    }
)
_NUMBERS = {"limit": 100, "rounds": 100}
"""Settings that are numbers, and the most that each may be."""


def _build(type_: str, names: Mapping[str, str], fixed: Mapping[str, Any] | None = None) -> Build:
    def build(step: Step) -> Built:
        config: dict[str, Any] = dict(fixed or {})
        for ours, theirs in names.items():
            value = step.inputs.get(ours)
            if theirs in _NUMBERS:
                number = native(value) if isinstance(value, Place) else whole(value)
                if number is not None:
                    most = _NUMBERS[theirs]
                    config[theirs] = (
                        max(min(number, most), 1) if isinstance(number, int) else number
                    )
            elif value is not None:
                config[theirs] = native(value)
            elif theirs in ("message_id", "content", "name"):
                config[theirs] = ""
        return Built(type=type_, config=config)

    return build


def _outputs(ways: Mapping[str, Path | Parts]) -> Any:
    def outputs(_block: Block) -> Outputs:
        return ways

    return outputs


def _list(step: Step) -> Built:
    params = {"found": f"{{{{{BEFORE}.conversations}}}}"}
    config = {"code": _CONVERSATIONS, "params": params}
    after = {"id": step.id, "type": "code", "config": config}
    given: Outputs = {"conversationList": ("conversations",)}
    return Built(type="conversation_list", config={}, after=[after], given=given)


def _messages(step: Step) -> Built:
    built = _build(
        "message_list",
        {**_NAMED, "limit": "limit", "beforeId": "before", "afterId": "after"},
    )(step)
    read = {"messageList": "messages", "firstId": "first_id", "lastId": "last_id"}
    read |= {"hasMore": "has_more"}
    params = {name: f"{{{{{BEFORE}.{way}}}}}" for name, way in read.items()}
    config = {"code": _LISTED, "params": params}
    built.after = [{"id": step.id, "type": "code", "config": config}]
    built.given = {name: (way,) for name, way in read.items()}
    return built


CREATE = Kind(
    "Create conversation",
    _build("conversation_create", _NAMED),
    _outputs({"isExisted": ("existed",), "conversationId": ("conversation_id",)}),
)
UPDATE = Kind(
    "Update conversation",
    _build("conversation_update", {**_NAMED, "newConversationName": "new_name"}),
    _outputs({"conversationId": ("conversation_id",)}),
)
DELETE = Kind("Delete conversation", _build("conversation_delete", _NAMED), _outputs({}))
LIST = Kind("Conversation list", _list)
HISTORY = Kind(
    "Conversation history",
    _build("conversation_history", {**_NAMED, "rounds": "rounds"}),
    _outputs({"messageList": ("messages",)}),
)
CLEAR = Kind("Clear conversation", _build("conversation_clear", _NAMED), _outputs({}))
MESSAGE_LIST = Kind("Message list", _messages)
MESSAGE_CREATE = Kind(
    "Create message",
    _build("message_create", {**_NAMED, "role": "role", "content": "content"}),
    _outputs({"message": _MESSAGE, "messageId": ("message_id",)}),
)
MESSAGE_EDIT = Kind(
    "Edit message",
    _build("message_edit", {**_NAMED, "messageId": "message_id", "newContent": "content"}),
    _outputs({}),
)
MESSAGE_DELETE = Kind(
    "Delete message",
    _build("message_delete", {**_NAMED, "messageId": "message_id"}),
    _outputs({}),
)
