"""The documents that a `knowledge_index` node is given, each with what it is called. Pure."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from runfold.errors import InvalidFile, NodeFailed
from runfold.graph.kinds.knowledge_index import KnowledgeIndexConfig
from runfold.values.files import MARK, read_file
from runfold.values.json_text import text_of

MOST_DOCUMENTS = 1000
"""Documents of one node."""
_MEMBERS = frozenset(("id", "name", "title", "source", "metadata", "text", "content", "file"))


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """One document: a text, a file or a URL."""

    id: str
    name: str
    source: str = ""
    metadata: dict[str, Any] = {}
    text: str | None = None
    file: dict[str, Any] | None = None
    url: str = ""


def documents_of(config: KnowledgeIndexConfig) -> list[Given]:
    """All documents of a configuration, in the order of its fields.

    Raises:
        NodeFailed: `knowledge.input_invalid`, with the place of what is not a document, of a second
            one with the same id, and of one too many.
    """
    found: list[tuple[str, Given]] = []
    text = text_of(config.text)
    if text.strip():
        entry = {"text": text, "id": config.id, "name": config.name, "source": config.source}
        found.append(("text", _from_object(entry, "text", config.metadata)))
    found += (
        (place, _from_any(one, place, config.metadata))
        for place, one in _listed(config.documents, "documents")
    )
    found += (
        (place, _from_object({"file": one}, place, config.metadata))
        for place, one in _listed(config.files, "files")
    )
    found += (
        (place, _from_url(one, place, config.metadata))
        for place, one in _listed(config.urls, "urls")
    )
    if len(found) > MOST_DOCUMENTS:
        message = f"{len(found)} documents, and one node indexes at most {MOST_DOCUMENTS}"
        raise NodeFailed(message, code="knowledge.input_invalid", kind="limit")
    _check_ids(found)
    return [one for _, one in found]


def _listed(value: Any, field: str) -> list[tuple[str, Any]]:
    if value in (None, "", []):
        return []
    if not isinstance(value, list):
        return [(field, value)]
    return [(f"{field}[{at}]", one) for at, one in enumerate(value)]


def _from_any(value: Any, place: str, metadata: dict[str, Any]) -> Given:
    if isinstance(value, str):
        return _from_object({"text": value}, place, metadata)
    if not isinstance(value, dict):
        raise _invalid(place, "is to be a text, or an object with `text` or `file`")
    if MARK in value:
        return _from_object({"file": value}, place, metadata)
    for name in value:
        if name not in _MEMBERS:
            raise _invalid(place, f"has {name!r}, which a document has not: is it metadata?")
    return _from_object(value, place, metadata)


def _from_object(value: dict[str, Any], place: str, metadata: dict[str, Any]) -> Given:
    file, text = value.get("file"), value.get("text", value.get("content"))
    own = value.get("metadata") or {}
    if not isinstance(own, dict):
        raise _invalid(f"{place}.metadata", "is to be an object")
    if (file is None) == (text is None):
        raise _invalid(place, "is to have `text` or `file`, one of them")
    if text is not None and not isinstance(text, str):
        raise _invalid(f"{place}.text", f"is to be a text, not {type(text).__name__}")
    source = _word(value, "source", place)
    name = _word(value, "name", place) or _word(value, "title", place)
    if file is not None:
        name = name or _file_name(file, place)
    elif not text or not text.strip():
        raise _invalid(f"{place}.text", "is empty")
    chosen = _word(value, "id", place) or source or name
    return Given(
        id=chosen or f"sha256:{hashlib.sha256((text or '').encode()).hexdigest()[:32]}",
        name=name or source or chosen or _beginning(text or ""),
        source=source,
        metadata={**metadata, **own},
        text=text,
        file=file,
    )


def _from_url(value: Any, place: str, metadata: dict[str, Any]) -> Given:
    if not isinstance(value, str) or not value.strip().startswith(("http://", "https://")):
        raise _invalid(place, "is to be a URL that begins with http:// or https://")
    url = value.strip()
    return Given(id=url, name="", source=url, metadata=metadata, url=url)


def _file_name(file: Any, place: str) -> str:
    try:
        return read_file(file).name
    except InvalidFile as error:
        raise _invalid(place, error.message) from error


def _word(value: dict[str, Any], member: str, place: str) -> str:
    found = value.get(member)
    if found is None or isinstance(found, str):
        return (found or "").strip()
    if isinstance(found, int | float) and not isinstance(found, bool):
        return text_of(found)
    raise _invalid(f"{place}.{member}", f"is to be a text, not {type(found).__name__}")


def _beginning(text: str) -> str:
    """What a text without a name is called: how it begins."""
    words = " ".join(text[:200].split())
    return words if len(words) <= 60 else f"{words[:59]}…"  # noqa: PLR2004 -- a line of a table


def _check_ids(found: list[tuple[str, Given]]) -> None:
    places: dict[str, str] = {}
    for place, one in found:
        if one.id in places:
            what = f"and {places[one.id]} have the id {one.id[:80]!r}: give them ids of their own"
            raise _invalid(place, f"{what}, as `documents: [{{file, id}}]`")
        places[one.id] = place


def _invalid(place: str, what: str) -> NodeFailed:
    return NodeFailed(f"{place} {what}", code="knowledge.input_invalid", kind="input")
