"""Files in messages, as the parts that the API has for them.

A file value may stand in a message's list of parts, or in a part where its bytes go. What a model
does not take is refused before anything is sent, where the settings say so.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from runfold.contracts.whole_text import whole_text
from runfold.errors import InvalidFile, NodeFailed
from runfold.executor.node import NodeContext
from runfold.settings import LLMSettings, ModelAbilities
from runfold.values.files import FileValue, is_file, read_file

Detail = Literal["auto", "low", "high"]
Sense = Literal["vision", "audio", "documents"]

_SENSES: dict[str, Sense] = {
    "image": "vision",
    "video": "vision",
    "audio": "audio",
    "document": "documents",
}
_FORMATS = {
    "audio/mpeg": "mp3",
    "audio/mp3": "mp3",
    "audio/wav": "wav",
    "audio/wave": "wav",
    "audio/x-wav": "wav",
    "audio/vnd.wave": "wav",
}
"""What the API calls kinds of audio; others go by their file's extension."""
_AS_TEXT = ("application/json", "application/xml", "application/yaml", "application/x-yaml")
_BYTES_IN = ("image_url", "input_audio", "file", "video_url")
"""Types of parts, and the members that hold their bytes."""
_UNSUPPORTED: dict[Sense, str] = {
    "vision": "llm.no_vision",
    "audio": "llm.no_audio",
    "documents": "llm.no_documents",
}


class _Found(NamedTuple):
    file: FileValue
    value: Any


async def with_files(
    ctx: NodeContext, messages: list[dict[str, Any]], model: str, detail: Detail = "auto"
) -> list[dict[str, Any]]:
    """The messages with the bytes of their files in them.

    Args:
        ctx: Of the attempt.
        messages: In which file values stand.
        model: Its name, with its provider where it has one.
        detail: How closely images are to be looked at.

    Raises:
        NodeFailed: `llm.no_vision`, `llm.no_audio` and `llm.no_documents` for a model that does not
            take them, `llm.file_unsupported` for a file of another kind, `llm.files_too_large`, and
            what `ctx.files.read` raises.
    """
    found = [
        one
        for message in messages
        if isinstance(message.get("content"), list)
        for part in message["content"]
        if (one := _file_in(part)) is not None
    ]
    if not found:
        return messages
    settings = ctx.settings.llm
    model = model.strip() or settings.default_model
    _refuse(found, abilities_of(model, settings), model, settings.max_file_bytes)
    bodies: dict[str, bytes] = {}
    for one in found:
        if one.file.sha256 not in bodies:
            bodies[one.file.sha256] = await ctx.files.read(one.value, limit=settings.max_file_bytes)
    return [
        {**message, "content": [_part(part, bodies, detail) for part in message["content"]]}
        if isinstance(message.get("content"), list)
        else message
        for message in messages
    ]


def abilities_of(model: str, settings: LLMSettings) -> ModelAbilities:
    """What the settings say that a model takes: by its name, or without its provider."""
    names = (model, model.partition("/")[2])
    return next((settings.models[one] for one in names if one in settings.models), ModelAbilities())


def file_list(files: Any) -> list[Any]:
    """The file values of a setting: one, a list, or nothing.

    Raises:
        NodeFailed: `file.invalid`, for what is not a file.
    """
    if files in (None, "", []):
        return []
    listed = files if isinstance(files, list | tuple) else [files]
    for at, one in enumerate(listed):
        if not is_file(one):
            message = f"files[{at}] is not a file: it is to be a file value, as an upload gives it"
            raise NodeFailed(message, code="file.invalid", kind="input")
    return list(listed)


def _file_in(part: Any) -> _Found | None:
    value = _value_in(part)
    if value is None:
        return None
    return _Found(_read(value), value)


def _value_in(part: Any) -> Any:
    """The file value in a part; None when there is none."""
    if is_file(part):
        return part
    if not isinstance(part, Mapping):
        return None
    held = next((part[name] for name in _BYTES_IN if name in part), None)
    inner = held.get("url") if isinstance(held, Mapping) and not is_file(held) else held
    return inner if is_file(inner) else None


def _read(value: Any) -> FileValue:
    try:
        return read_file(value)
    except InvalidFile as error:
        raise NodeFailed(error.message, code=error.code, kind="input") from error


def _refuse(found: list[_Found], abilities: ModelAbilities, model: str, most: int) -> None:
    """Fail for files that cannot be sent."""
    for file, _ in found:
        sense = "documents" if _is_text(file) else _SENSES.get(file.kind)
        if sense is None:
            message = (
                f"file {file.name!r} of type {file.media_type} cannot be sent to a model: it is "
                "neither an image, audio, video nor a document"
            )
            raise NodeFailed(message, code="llm.file_unsupported", kind="input")
        if not _is_text(file) and not getattr(abilities, sense):
            message = (
                f"model {model!r} takes no {file.kind}, as {file.name!r} is "
                f"(RUNFOLD_LLM__MODELS says {sense}: false)"
            )
            details = {"model": model, "file": file.sha256}
            raise NodeFailed(message, code=_UNSUPPORTED[sense], kind="input", details=details)
    size = sum({file.sha256: file.size for file, _ in found}.values())
    if size > most:
        message = (
            f"the files of the request have {size} bytes, the limit is {most} "
            "(RUNFOLD_LLM__MAX_FILE_BYTES)"
        )
        raise NodeFailed(message, code="llm.files_too_large", kind="limit")


def _is_text(file: FileValue) -> bool:
    """Whether a file is sent as text: the API's part for files takes PDF, and hardly more."""
    kind = file.media_type
    return kind.startswith("text/") or kind in _AS_TEXT or kind.endswith(("+json", "+xml"))


def _part(part: Any, bodies: dict[str, bytes], detail: Detail) -> Any:
    value = _value_in(part)
    if value is None:
        return part
    file = _read(value)
    given = {} if is_file(part) else dict(part)
    about = next((one for name in _BYTES_IN if isinstance(one := given.get(name), Mapping)), {})
    kept = {name: one for name, one in about.items() if name in ("detail", "filename")}
    return _made(file, bodies[file.sha256], {"detail": detail, **kept})


def _made(file: FileValue, body: bytes, about: dict[str, Any]) -> dict[str, Any]:
    """The API's part for a file."""
    if _is_text(file):
        text = whole_text(body.decode("utf-8-sig", errors="replace"))
        return {"type": "text", "text": f"File {file.name}:\n{text}"}
    encoded = base64.b64encode(body).decode()
    url = f"data:{file.media_type};base64,{encoded}"
    match file.kind:
        case "image":
            detail = {} if about["detail"] == "auto" else {"detail": about["detail"]}
            return {"type": "image_url", "image_url": {"url": url, **detail}}
        case "video":
            return {"type": "video_url", "video_url": {"url": url}}
        case "audio":
            form = _FORMATS.get(file.media_type) or file.extension or "wav"
            return {"type": "input_audio", "input_audio": {"data": encoded, "format": form}}
        case _:
            name = about.get("filename") or file.name
            return {"type": "file", "file": {"filename": name, "file_data": url}}
