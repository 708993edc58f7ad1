"""A response that is kept as a file: its name, its media type, its bytes in the store."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote, urlsplit

from runfold.executor.files import AttemptFiles
from runfold.values.media_types import LONGEST_SIGNATURE, fits, media_type_of, sniffed
from runfold_executor_http.replies import Reply

_EXTENDED = re.compile(r"filename\*\s*=\s*utf-8''([^;]+)", re.IGNORECASE)
_QUOTED = re.compile(r'filename\s*=\s*"((?:[^"\\]|\\.)*)"', re.IGNORECASE)
_BARE = re.compile(r"filename\s*=\s*([^;\s\"]+)", re.IGNORECASE)


async def kept_as_file(reply: Reply, files: AttemptFiles) -> dict[str, Any]:
    """Store a response's body; returns the value that stands for it.

    A media type that the bytes contradict is not believed: many servers guess.
    """
    declared = media_type_of(reply.headers.get("content-type", ""))
    if not fits(declared, sniffed(reply.body[:LONGEST_SIGNATURE])):
        declared = ""
    return await files.write(reply.body, name=name_of(reply), media_type=declared)


def name_of(reply: Reply) -> str:
    """As the server names it, else the end of its URL's path."""
    said = reply.headers.get("content-disposition", "")
    if found := _EXTENDED.search(said):
        return unquote(found[1].strip())
    if found := _QUOTED.search(said):
        return re.sub(r"\\(.)", r"\1", found[1])
    if found := _BARE.search(said):
        return found[1]
    return unquote(urlsplit(reply.url).path.rpartition("/")[2])
