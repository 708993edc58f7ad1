"""What an app has around its graph: how it greets, what it takes, what has no counterpart here."""

from __future__ import annotations

from typing import Any

from runfold.importers.dify.reading import flag_at, list_at, object_at, text_at

_KEPT = ("opening_statement", "suggested_questions", "file_upload", "retriever_resource")
_OF_CLIENTS = {
    "speech_to_text": "speech to text",
    "text_to_speech": "text to speech",
    "suggested_questions_after_answer": "suggested questions after an answer",
    "more_like_this": "more like this",
    "annotation_reply": "answers from annotations",
}


def kept(features: dict[str, Any]) -> dict[str, Any]:
    """What of an app's features is kept in the origin of the definition."""
    found = {}
    for name in _KEPT:
        value = features.get(name)
        is_off = isinstance(value, dict) and not flag_at(value, "enabled", default=True)
        if value not in (None, "", [], {}) and not is_off:
            found[name] = value
    return found


def takes_files(features: dict[str, Any]) -> bool:
    """Whether a message of the app may come with files."""
    upload = object_at(features, "file_upload")
    return flag_at(upload, "enabled") or flag_at(object_at(upload, "image"), "enabled")


def remarks(features: dict[str, Any]) -> list[str]:
    """What is to be said of features that are not here."""
    off = [
        said
        for name, said in _OF_CLIENTS.items()
        if flag_at(object_at(features, name), "enabled") or flag_at(features, name)
    ]
    found = [f"what a client has to offer itself: {', '.join(off)}"] if off else []
    avoided = object_at(features, "sensitive_word_avoidance")
    if flag_at(avoided, "enabled"):
        kind = text_at(avoided, "type") or "keywords"
        found.append(f"messages are not moderated here ({kind}): put a node before the model")
    tools = list_at(features, "external_data_tools")
    if tools:
        found.append("values of external data tools have to be given as inputs")
    return found
