"""The documents that are given to be indexed, each with what it is called. Pure.

"a text"        {text, id, name, source, metadata}        {file: …, id}        {url: …}
"""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from runfold.errors import InvalidFile, InvalidRequest
from runfold.values.files import MARK, UNNAMED, FileValue, read_file
from runfold.values.json_text import text_of

MOST_DOCUMENTS = 1000
"""Documents of one node, and of one job."""
_MEMBERS = frozenset(
    ("id", "name", "title", "source", "metadata", "text", "content", "file", "url")
)
FILE_SOURCE = "file:"
"""What the source of a file begins with that has no other: its sha256 follows."""


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """One document: a text, a file or a URL."""

    id: str
    name: str
    source: str = ""
    metadata: dict[str, Any] = {}
    text: str | None = None
    file: dict[str, Any] | None = None
    url: str = ""

    def origin(self) -> str:
        """What its text can be read from again, as of `Document`."""
        if self.file is not None:
            return f"{FILE_SOURCE}{self.file[MARK]}"
        return "url" if self.url and self.url == self.source else "text"

    def entry(self) -> dict[str, Any]:
        """It, as an entry of `documents`."""
        about = {"id": self.id, "name": self.name, "source": self.source}
        content = {"text": self.text, "file": self.file, "url": self.url or None}
        return {
            **{name: value for name, value in {**about, **content}.items() if value},
            **({"metadata": self.metadata} if self.metadata else {}),
        }


def documents_of(
    *,
    text: dict[str, Any] | None = None,
    documents: Any = None,
    files: Any = None,
    urls: Any = None,
    metadata: dict[str, Any] | None = None,
) -> list[Given]:
    """All documents that are given.

    Args:
        text: One document, with its `text`.
        documents: One, or a list of them.
        files: A file value, or a list of them.
        urls: One, or a list of them.
        metadata: Of all of them, under their own.

    Raises:
        InvalidRequest: `knowledge.input_invalid`, with the place of what is not a document, of a
            second one with the same id, and of one too many.
    """
    shared = metadata or {}
    found: list[tuple[str, Given]] = []
    if text is not None:
        found.append(("text", _from_object(text, "text", shared)))
    for place, one in _listed(documents, "documents"):
        found.append((place, _from_any(one, place, shared)))
    for place, one in _listed(files, "files"):
        found.append((place, _from_object({"file": one}, place, shared)))
    for place, one in _listed(urls, "urls"):
        found.append((place, _from_object({"url": one}, place, shared)))
    if len(found) > MOST_DOCUMENTS:
        message = f"{len(found)} documents, and one node indexes at most {MOST_DOCUMENTS}"
        raise InvalidRequest(message, code="knowledge.input_invalid")
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
        raise _invalid(place, "is to be a text, or an object with `text`, `file` or `url`")
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
    url = value.get("url")
    if sum(one is not None for one in (file, text, url)) != 1:
        raise _invalid(place, "is to have `text`, `file` or `url`, one of them")
    if text is not None and not isinstance(text, str):
        raise _invalid(f"{place}.text", f"is to be a text, not {type(text).__name__}")
    source, chosen = _word(value, "source", place), _word(value, "id", place)
    name = _word(value, "name", place) or _word(value, "title", place)
    metadata = {**metadata, **own}
    if url is not None:
        at = _url(url, place if len(value) == 1 else f"{place}.url")
        return Given(id=chosen or at, name=name, url=at, source=source or at, metadata=metadata)
    if file is not None:
        read = _file(file, place)
        return Given(
            id=chosen or source or name or _known_by(read),
            name=name or read.name,
            file=file,
            source=source or f"{FILE_SOURCE}{read.sha256}",
            metadata=metadata,
        )
    if not text or not text.strip():
        raise _invalid(f"{place}.text", "is empty")
    known = chosen or source or name
    return Given(
        id=known or f"sha256:{hashlib.sha256(text.encode()).hexdigest()[:32]}",
        name=name or source or chosen or _beginning(text.replace("\0", " ")),
        text=text,
        source=source,
        metadata=metadata,
    )


def _url(value: Any, place: str) -> str:
    if not isinstance(value, str) or not value.strip().startswith(("http://", "https://")):
        raise _invalid(place, "is to be a URL that begins with http:// or https://")
    return value.strip()


def _file(file: Any, place: str) -> FileValue:
    try:
        return read_file(file)
    except InvalidFile as error:
        raise _invalid(place, error.message) from error


def _known_by(file: FileValue) -> str:
    """A file's name; its hash if it is called as files without a name are, which are many."""
    stem = file.name.partition(".")[0]
    return f"sha256:{file.sha256[:32]}" if stem == UNNAMED else file.name


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


def _invalid(place: str, what: str) -> InvalidRequest:
    return InvalidRequest(f"{place} {what}", code="knowledge.input_invalid")
