"""Conversations and their messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runfold.importers.coze_plus.step import Built, Kind, Step

_NAMES = {
    "name": ("conversation_name", "conversationName", "name"),
    "conversation_id": ("conversation_id",),
    "role": ("role",),
    "content": ("content", "message"),
}
_MOST = 100


def _build(type_: str, *settings: str) -> Callable[[Step], Built]:
    def build(step: Step) -> Built:
        config: dict[str, Any] = {}
        for setting in settings:
            if setting in _NAMES:
                value = step.value(*_NAMES[setting])
                if value is not None:
                    config[setting] = value
            else:
                number = step.constant(setting)
                if isinstance(number, int) and not isinstance(number, bool) and number > 0:
                    config[setting] = min(number, _MOST)
        if "name" in settings and type_ == "conversation_create":
            config.setdefault("name", "")
        if "content" in settings:
            config.setdefault("content", "")
        return Built(type_, config)

    return build


KINDS = {
    "CreateConversation": Kind(_build("conversation_create", "name")),
    "ConversationList": Kind(_build("conversation_list", "limit")),
    "ConversationHistory": Kind(
        _build("conversation_history", "name", "conversation_id", "rounds")
    ),
    "CreateMessage": Kind(_build("message_create", "name", "conversation_id", "role", "content")),
    "MessageList": Kind(_build("message_list", "name", "conversation_id", "limit")),
}
