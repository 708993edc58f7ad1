"""Files of items: `{data, mimeType, fileName}` with their bytes in base64.

A file that is only named, as a native one is, has its bytes in a store: operations are pure and
cannot fetch them.
"""

from __future__ import annotations

import base64
import binascii
import mimetypes
from collections.abc import Mapping
from typing import Any

from runfold_executor_code.items.step import Item, ItemFailed

MOST_BYTES = 20 * 1024 * 1024
"""Bytes of one file."""
_UNITS = ("B", "kB", "MB", "GB")
_TYPES = {"ics": "text/calendar", "csv": "text/csv", "json": "application/json"}


def bytes_of(item: Item, name: str, index: int) -> bytes:
    """The bytes of a file of an item.

    Raises:
        ItemFailed: When it has none of that name, or they are not here.
    """
    files = item.get("binary") or {}
    found = files.get(name)
    if not isinstance(found, Mapping):
        known = ", ".join(files) or "none"
        message = f"The item has no file {name!r}: it has {known}"
        raise ItemFailed(index, message)
    data = found.get("data")
    if not isinstance(data, str):
        raise ItemFailed(index, f"the bytes of the file {name!r} are in a store, not in the item")
    if len(data) > MOST_BYTES * 4 // 3 + 4:
        raise ItemFailed(index, f"the file {name!r} is larger than {MOST_BYTES} bytes")
    try:
        return base64.b64decode(data, validate=False)
    except (binascii.Error, ValueError) as error:
        raise ItemFailed(index, f"the bytes of the file {name!r} are not base64") from error


def text_of(item: Item, name: str, index: int, encoding: str = "utf-8") -> str:
    """The text of a file of an item.

    Raises:
        ItemFailed: When there is none, or its encoding is not known.
    """
    data = bytes_of(item, name, index)
    try:
        return data.decode(encoding or "utf-8", "replace")
    except LookupError as error:
        raise ItemFailed(index, f"there is no encoding {encoding!r}") from error


def file_of(data: bytes, name: str = "", media_type: str = "") -> dict[str, Any]:
    """A file as items have it."""
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    known = media_type or _TYPES.get(extension) or mimetypes.guess_type(name)[0]
    kind = known or "application/octet-stream"
    made: dict[str, Any] = {
        "data": base64.b64encode(data).decode(),
        "mimeType": kind,
        "fileType": _type_of(kind),
        "fileSize": _size_of(len(data)),
    }
    if name:
        made["fileName"] = name
    extension = extension or (mimetypes.guess_extension(kind) or "").lstrip(".")
    if extension:
        made["fileExtension"] = extension
    return made


def _type_of(kind: str) -> str:
    if kind == "application/json":
        return "json"
    if kind == "application/pdf":
        return "pdf"
    first = kind.partition("/")[0]
    return first if first in ("text", "image", "video", "audio") else ""


def _size_of(size: int) -> str:
    number: float = size
    unit = 0
    while number >= 1000 and unit < len(_UNITS) - 1:  # noqa: PLR2004 -- of a kilobyte
        number /= 1000
        unit += 1
    shown = f"{number:.3g}" if number < 1000 else f"{number:.0f}"  # noqa: PLR2004 -- same
    return f"{shown} {_UNITS[unit]}"
