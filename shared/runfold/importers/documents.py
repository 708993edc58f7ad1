"""The documents in a file, each with the importer that knows it: one, a list of them, or a zip's.

What of a zip is no document, and what cannot be read, is named with the reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from runfold.errors import InvalidInputs, RunfoldError
from runfold.graph.reading.nodes import MAX_NODES
from runfold.importers.importer import Importer
from runfold.importers.reading import read_value, text_of
from runfold.importers.repair import nodes_in
from runfold.importers.table import EMBEDDED, IMPORTERS
from runfold.importers.zip_files import MARKS, Member, members_of
from runfold.zips import NotAZip

_NAMED = 5
"""Files that a message names."""
_DRAFT = "-draft"
"""What the hosted product of Coze writes behind the names of what it exports."""


class SourceFile(msgspec.Struct, frozen=True):
    """One file to import."""

    name: str
    """What it is called, without its suffix: the id that others call its workflow by."""
    body: bytes


class Refused(msgspec.Struct, frozen=True):
    """A file, or a member of a zip, that is not a workflow of any format or cannot be read."""

    name: str
    error: RunfoldError
    within: str = ""
    """Name of the zip that it is a member of."""
    file: SourceFile | None = None
    """What was given: the file itself, or that zip."""


class PassedOver(msgspec.Struct, frozen=True):
    """A member of a zip that is no workflow, nor means to be one: a picture, a manifest."""

    name: str
    within: str
    """Name of the zip."""
    reason: str


class Document(msgspec.Struct, frozen=True):
    """One document that an importer knows."""

    name: str
    importer: Importer
    value: Any
    text: str


def documents_in(file: SourceFile) -> list[Document | Refused | PassedOver]:
    """The documents in a file, and what else is in it.

    Raises:
        InvalidInputs: `import.unreadable` or `import.not_a_workflow`, where there is none of the
            first two.
    """
    if file.body.startswith(MARKS):
        return _of_zip(file)
    found = list(_recognised(file.name, file.body))
    if not found:
        message = (
            f"{file.name or 'the document'} is not a workflow that runfold knows: neither an "
            "export of Dify, Coze or n8n nor a definition of runfold's own"
        )
        raise InvalidInputs(message, code="import.not_a_workflow")
    return [*found]


def _of_zip(file: SourceFile) -> list[Document | Refused | PassedOver]:
    named = file.name or "the document"
    found: list[Document | Refused | PassedOver] = []
    seen: dict[str, str] = {}
    try:
        for member in members_of(file.body):
            found += _of_member(member, file, seen)
    except NotAZip as error:
        message = f"{named} is a zip that cannot be opened, or cut off: {error}"
        raise InvalidInputs(message, code="import.not_a_workflow") from error
    if all(isinstance(one, PassedOver) for one in found):
        names = ", ".join(one.name for one in found[:_NAMED] if isinstance(one, PassedOver))
        more = ", …" if len(found) > _NAMED else ""
        held = f"without a workflow among its {len(found)} files: {names}{more}"
        message = f"{named} is a zip {held if found else 'without a file in it'}"
        raise InvalidInputs(message, code="import.not_a_workflow")
    return found


def _of_member(
    member: Member, file: SourceFile, seen: dict[str, str]
) -> Iterator[Document | Refused | PassedOver]:
    """What a member of a zip is. `seen`: name of a document → its text."""
    match member.what:
        case "no_document":
            yield PassedOver(member.path, file.name, member.why)
            return
        case "refused":
            message = f"a file in a zip was not read: {member.why}"
            error = InvalidInputs(message, code="import.unreadable")
            yield Refused(member.path, error, file.name, file)
            return
        case "unpacked":
            pass
    try:
        found = _told(member)
    except RunfoldError as error:
        yield Refused(member.path, error, file.name, file)
        return
    if not found:
        yield PassedOver(member.path, file.name, "it is not a workflow")
    for one in found:
        name, number = one.name, 2
        while seen.get(name, one.text) != one.text:
            name, number = f"{one.name}-{number}", number + 1
        if name in seen:
            yield PassedOver(
                member.path, file.name, f"the same, byte for byte, as {name} before it"
            )
            continue
        seen[name] = one.text
        yield Document(name, one.importer, one.value, one.text)


def _told(member: Member) -> list[Document]:
    """The documents that a member is, or that lie in it. Raises `import.unreadable`."""
    if not member.is_text and not member.body.lstrip().startswith((b"{", b"[")):
        return _embedded(member.body)
    try:
        found = list(_recognised(member.stem.removesuffix(_DRAFT), member.body))
    except RunfoldError:
        inside = _embedded(member.body)
        if not inside and member.is_text:
            raise
        return inside
    return found or _embedded(member.body)


def _embedded(body: bytes) -> list[Document]:
    return [one for name, inner in EMBEDDED(body) for one in _recognised(name, inner)]


def _recognised(name: str, body: bytes) -> Iterator[Document]:
    """What a file is. Raises `import.unreadable`."""
    yield from _known(name, read_value(body), text_of(body))


def _known(name: str, value: Any, text: str) -> Iterator[Document]:
    for importer in IMPORTERS:
        if importer.recognises(value):
            _check_size(value)
            yield Document(name, importer, value, text)
            return
    if isinstance(value, list):
        for number, one in enumerate(value):
            inner = msgspec.json.encode(one).decode()
            yield from _known(f"{name}-{number + 1}" if number else name, one, inner)


def _check_size(document: Any) -> None:
    """Refuse what takes minutes to import and passes no check at the end.

    Raises:
        InvalidInputs: `import.unreadable`, for more nodes than a workflow may have.
    """
    count = sum(1 for _ in nodes_in(document))
    if count > MAX_NODES:
        message = f"the document has {count} nodes, and at most {MAX_NODES} fit into a workflow"
        raise InvalidInputs(message, code="import.unreadable")
