"""Files as values: what stands in inputs, outputs and events for bytes that are in a store.

    {"$file": "<sha256>", "name": "report.pdf", "media_type": "application/pdf", "size": 1234,
     "kind": "document", "sha256": "<sha256>", "extension": "pdf"}

The last three follow from the others: templates, conditions and programs read them as they read
any field. The bytes themselves are never in a value.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from runfold.errors import InvalidFile
from runfold.values.media_types import EXTENSIONS, FileKind, kind_of, media_type_of

MARK = "$file"
"""The field by which a value is known to be a file."""
LONGEST_NAME = 255
"""Characters of a file's name."""
UNNAMED: Final = "file"
"""What a file without a name is called, perhaps with an extension."""
MOST_SIZE = 2**53 - 1

_SHA256 = re.compile(r"[0-9a-f]{64}")
_PLACE = re.compile(r"[^\W\d][\w-]*")


class FileValue(msgspec.Struct, frozen=True):
    """A file value, read and checked."""

    sha256: str
    """Of its bytes, in hex: also its id."""
    name: str
    media_type: str
    """Without parameters."""
    size: int
    """In bytes."""

    @property
    def kind(self) -> FileKind:
        """What sort of file its media type is."""
        return kind_of(self.media_type)

    @property
    def extension(self) -> str:
        """Of its name, in lower case and without the dot; by its media type when it has none."""
        stem, dot, extension = self.name.rpartition(".")
        if dot and stem and extension:
            return extension.lower()
        return EXTENSIONS.get(self.media_type, "")

    def value(self) -> dict[str, Any]:
        """The value that stands for it."""
        return {
            MARK: self.sha256,
            "name": self.name,
            "media_type": self.media_type,
            "size": self.size,
            "kind": self.kind,
            "sha256": self.sha256,
            "extension": self.extension,
        }


def is_file(value: Any) -> bool:
    """Whether a value means to be a file; `read_file` says whether it is one."""
    return isinstance(value, dict) and MARK in value


def is_sha256(text: Any) -> bool:
    """Whether a value is the id of a file."""
    return isinstance(text, str) and _SHA256.fullmatch(text) is not None


def read_file(value: Any) -> FileValue:
    """A file value taken apart.

    What follows from other fields may be absent, and is not looked at.

    Raises:
        InvalidFile: `file.invalid`, naming the field that is wrong.
    """
    if not is_file(value):
        message = (
            f"not a file: a file is an object with the field {MARK!r}, as an upload returns it"
        )
        raise InvalidFile(message)
    sha256, name = value[MARK], value.get("name")
    if not is_sha256(sha256):
        raise _wrong(MARK, "must be the sha256 of the file in 64 hex digits")
    if not isinstance(name, str) or clean_name(name) != name:
        raise _wrong("name", f"must be a file's name without a path, of 1 to {LONGEST_NAME}")
    media_type = value.get("media_type")
    if not isinstance(media_type, str) or media_type_of(media_type) != media_type:
        raise _wrong("media_type", "must be a media type without parameters, as application/pdf")
    size = value.get("size")
    if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= MOST_SIZE:
        raise _wrong("size", "must be the number of bytes")
    return FileValue(sha256, name, media_type, size)


def _wrong(field: str, reason: str) -> InvalidFile:
    return InvalidFile(f"file value: {field} {reason}", details={"field": field})


def clean_name(name: str, media_type: str = "") -> str:
    """A name fit for a file: no path, no control characters, not too long; `file` without one."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(one for one in last if unicodedata.category(one) not in ("Cc", "Cf", "Cs"))
    while kept != (bare := kept.strip().strip(".")):
        kept = bare  # a space may stand behind a dot, and a dot behind that
    kept = kept or UNNAMED
    if len(kept) > LONGEST_NAME:
        stem, dot, extension = kept.rpartition(".")
        room = LONGEST_NAME - len(extension) - 1
        kept = f"{stem[:room]}.{extension}" if dot and room > LONGEST_NAME // 2 else ""
        kept = kept or f"{stem}{dot}{extension}"[:LONGEST_NAME]
        kept = clean_name(kept)
    if kept == UNNAMED and media_type in EXTENSIONS:
        return f"{UNNAMED}.{EXTENSIONS[media_type]}"
    return kept


def may_have_files(value: Any) -> bool:
    """Whether a JSON value may have files in it: a look that costs little, however large it is."""
    try:
        return f'"{MARK}"'.encode() in msgspec.json.encode(value)
    except (TypeError, ValueError, OverflowError, RecursionError):
        return True  # what cannot be written is refused elsewhere


def files_in(value: Any, place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """All values in a JSON value that mean to be files, with their places: `docs[2].cover`."""
    left: list[tuple[str, Any]] = [(place, value)]
    while left:
        where, inner = left.pop()
        if is_file(inner):
            yield where, inner
        elif isinstance(inner, dict):
            left += [(_below(where, key), one) for key, one in reversed(inner.items())]
        elif isinstance(inner, list | tuple):
            left += [(f"{where}[{at}]", inner[at]) for at in reversed(range(len(inner)))]


def _below(where: str, key: str) -> str:
    if not _PLACE.fullmatch(key):
        return f"{where}['{key}']"
    return f"{where}.{key}" if where else key
