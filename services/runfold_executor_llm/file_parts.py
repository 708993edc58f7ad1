"""Files in messages, as the parts that the API has for them.

A file value may stand in a message's list of parts, or in a part where its bytes go. What a model
does not take is refused before anything is sent, where the settings say so.
"""

from __future__ import annotations

import base64
import codecs
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from runfold.contracts.whole_text import whole_text
from runfold.errors import InvalidFile, NodeFailed
from runfold.executor.node import NodeContext
from runfold.settings import LLMSettings, ModelAbilities
from runfold.values.files import FileValue, is_file, read_file
from runfold.values.media_types import EXTENSIONS, kind_of

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
"""What the API calls kinds of audio; others go by their usual extension, or their media type."""
_AS_TEXT = ("application/json", "application/xml", "application/yaml", "application/x-yaml")
PARTS: dict[str, Sense] = {
    "image_url": "vision",
    "input_audio": "audio",
    "file": "documents",
    "video_url": "vision",
}
"""Types of parts, which are also the members that hold their bytes, and what takes them."""
UNSUPPORTED: dict[str, str] = {
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
    contents = [one for each in messages if isinstance(one := each.get("content"), list)]
    parts = [part for content in contents for part in content if isinstance(part, Mapping)]
    if not parts:
        return messages
    settings = ctx.settings.llm
    model = model.strip() or settings.default_model
    abilities = abilities_of(model, settings)
    _refuse_parts(parts, abilities, model)
    found = [one for part in parts if (one := _file_in(part)) is not None]
    if not found:
        return messages
    _refuse(found, abilities, model, settings.max_file_bytes)
    bodies: dict[str, bytes] = {}
    sent, most = 0, settings.max_file_bytes
    for one in found:
        if one.file.sha256 not in bodies:
            bodies[one.file.sha256] = await ctx.files.read(one.value, limit=most)
        # By what was read: a value may say less of its size than there is.
        sent += len(bodies[one.file.sha256])
        _refuse_size(sent, most)
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
    held = held_in(part)
    return held if is_file(held) else None


def held_in(part: Any) -> Any:
    """What a part has where its bytes go: a file value, a URL or data; itself if it is a file."""
    if is_file(part):
        return part
    if not isinstance(part, Mapping):
        return None
    held = next((part[name] for name in PARTS if name in part), None)
    return held.get("url") if isinstance(held, Mapping) and not is_file(held) else held


def _read(value: Any) -> FileValue:
    try:
        return read_file(value)
    except InvalidFile as error:
        raise NodeFailed(error.message, code=error.code, kind="input") from error


def _refuse_parts(parts: list[Mapping[str, Any]], abilities: ModelAbilities, model: str) -> None:
    """Fail for parts with bytes or addresses of their own that the model does not take."""
    for part in parts:
        kind = part.get("type")
        sense = PARTS.get(kind) if isinstance(kind, str) else None
        if sense is not None and _value_in(part) is None and not getattr(abilities, sense):
            raise unsupported(sense, model, f"part of type {kind}", {})


def unsupported(sense: Sense, model: str, what: str, details: dict[str, Any]) -> NodeFailed:
    """A failure for what the settings say that a model does not take."""
    message = f"model {model!r} takes no {what} (RUNFOLD_LLM__MODELS says {sense}: false)"
    about = {"model": model, **details}
    return NodeFailed(message, code=UNSUPPORTED[sense], kind="input", details=about)


def sense_of(media_type: str) -> Sense | None:
    """What a model needs to take a file; None for what is sent as text, or not at all."""
    return None if _goes_as_text(media_type) else _SENSES.get(kind_of(media_type))


def _refuse(found: list[_Found], abilities: ModelAbilities, model: str, most: int) -> None:
    """Fail for files that cannot be sent."""
    for file, _ in found:
        sense = sense_of(file.media_type)
        if sense is None and not _goes_as_text(file.media_type):
            message = (
                f"file {file.name!r} of type {file.media_type} cannot be sent to a model: it is "
                "neither an image, audio, video nor a document"
            )
            raise NodeFailed(message, code="llm.file_unsupported", kind="input")
        if sense is not None and not getattr(abilities, sense):
            what = f"{file.kind}, as {file.name!r} is"
            raise unsupported(sense, model, what, {"file": file.sha256})
    # Each is sent as often as it is there.
    _refuse_size(sum(file.size for file, _ in found), most)


def _refuse_size(size: int, most: int) -> None:
    if size > most:
        message = (
            f"the files of the request have {size} bytes, the limit is {most} "
            "(RUNFOLD_LLM__MAX_FILE_BYTES)"
        )
        raise NodeFailed(message, code="llm.files_too_large", kind="limit")


def _goes_as_text(media_type: str) -> bool:
    """Whether a file is sent as text: the API's part for files takes PDF, and hardly more."""
    return (
        media_type.startswith("text/")
        or media_type in _AS_TEXT
        or media_type.endswith(("+json", "+xml"))
    )


def _text(file: FileValue, body: bytes) -> str:
    """The text of a file: UTF-8, or UTF-16 that says so.

    Raises:
        NodeFailed: `llm.file_unsupported`, for bytes in another encoding: letters would be lost.
    """
    is_wide = body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = body.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise _not_text(file, error.start) from error
    if "\0" in text:
        raise _not_text(file, text.index("\0"))
    return whole_text(text)


def _not_text(file: FileValue, at: int) -> NodeFailed:
    message = (
        f"file {file.name!r} of type {file.media_type} is not UTF-8 text, from byte {at} on: "
        "store it as UTF-8, so that no letter of it is lost"
    )
    details = {"file": file.sha256}
    return NodeFailed(message, code="llm.file_unsupported", kind="input", details=details)


def _part(part: Any, bodies: dict[str, bytes], detail: Detail) -> Any:
    value = _value_in(part)
    if value is None:
        return part
    file = _read(value)
    given = {} if is_file(part) else dict(part)
    about = next((one for name in PARTS if isinstance(one := given.get(name), Mapping)), {})
    kept = {name: one for name, one in about.items() if name in ("detail", "filename")}
    return _made(file, bodies[file.sha256], {"detail": detail, **kept})


def _made(file: FileValue, body: bytes, about: dict[str, Any]) -> dict[str, Any]:
    """The API's part for a file."""
    if _goes_as_text(file.media_type):
        return {"type": "text", "text": f"File {file.name}:\n{_text(file, body)}"}
    encoded = base64.b64encode(body).decode()
    url = f"data:{file.media_type};base64,{encoded}"
    match file.kind:
        case "image":
            detail = {} if about["detail"] == "auto" else {"detail": about["detail"]}
            return {"type": "image_url", "image_url": {"url": url, **detail}}
        case "video":
            return {"type": "video_url", "video_url": {"url": url}}
        case "audio":
            kind = file.media_type
            form = _FORMATS.get(kind) or EXTENSIONS.get(kind) or kind.partition("/")[2]
            return {"type": "input_audio", "input_audio": {"data": encoded, "format": form}}
        case _:
            name = about.get("filename") or file.name
            return {"type": "file", "file": {"filename": name, "file_data": url}}
