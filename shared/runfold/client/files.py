"""The files of a deployment as people are shown them, a page at a time."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from runfold.bus.ports.files import Files, StoredFile
from runfold.contracts.cursors import run_before, run_cursor
from runfold.values.files import FileValue, clean_name
from runfold.values.media_types import UNKNOWN, FileKind, media_type_of


class ListedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file: the value that stands for it, and since when it is there."""

    file: Annotated[str, Meta(description="Its id: the sha256 of its bytes.")] = msgspec.field(
        name="$file"
    )
    name: Annotated[str, Meta(description="As it was stored last.")]
    media_type: Annotated[str, Meta(description="As it was stored last.")]
    size: Annotated[int, Meta(description="In bytes.")]
    kind: Annotated[FileKind, Meta(description="What sort of file its media type is.")]
    sha256: Annotated[str, Meta(description="The same as its id.")]
    extension: Annotated[str, Meta(description="Of its name, without the dot.")]
    stored_at: Annotated[
        float | None,
        Meta(description="Unix seconds at which it was stored last; null: it is not known."),
    ]
    touched_at: Annotated[
        float,
        Meta(
            description="Unix seconds at which it was stored, or kept for what was about to name "
            "it: the list's order, and what its expiry counts from when nothing names it."
        ),
    ]


class FileList(msgspec.Struct, frozen=True, kw_only=True):
    """A page of files, the one that was stored or touched last first."""

    items: list[ListedFile]
    next_cursor: str | None


async def listed_files(files: Files, *, limit: int, cursor: str = "") -> FileList:
    """A page of files.

    Raises:
        InvalidRequest: `cursor.invalid`.
        BusUnavailable: The store cannot be reached.
    """
    before = run_before(cursor) if cursor else None
    found = await files.newest(limit=limit + 1, before=before)
    page = found[:limit]
    following = run_cursor(page[-1].seq) if len(found) > limit else None
    return FileList(items=[_listed(one.file) for one in page], next_cursor=following)


def _listed(stored: StoredFile) -> ListedFile:
    # What others put into the store has any name and any media type, or none.
    media_type = media_type_of(stored.media_type) or UNKNOWN
    name = clean_name(stored.name, media_type)
    value = FileValue(stored.sha256, name, media_type, stored.size).value()
    times = {"stored_at": stored.stored_at, "touched_at": stored.time}
    return msgspec.convert(value | times, ListedFile)
