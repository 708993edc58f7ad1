"""Files as the API writes them."""

from __future__ import annotations

import msgspec

from runfold.values.files import FileValue
from runfold.values.media_types import FileKind


class FileDocument(msgspec.Struct):
    """A file: the value that stands for it wherever a file is asked for."""

    file: str = msgspec.field(name="$file")
    """Its id: the sha256 of its bytes."""
    name: str
    media_type: str
    size: int
    """In bytes."""
    kind: FileKind
    """What sort of file its media type is."""
    sha256: str
    """The same as its id."""
    extension: str
    """Of its name, without the dot; by its media type when it has none."""


def file_document(file: FileValue) -> FileDocument:
    """The document of a file value."""
    return msgspec.convert(file.value(), FileDocument)
