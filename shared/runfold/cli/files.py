"""`runfold files`: bytes into the store of files, and out of it."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from runfold.bus.ports.files import unknown_file
from runfold.bus.uploads import store_file
from runfold.cli.local_files import pieces, unreadable
from runfold.cli.outcome import OK, say
from runfold.cli.output import print_json, print_table
from runfold.cli.stack import open_stack, settings_for
from runfold.client.files import listed_files
from runfold.values.files import is_sha256


async def put(
    path: Path, name: str, media_type: str, server: str, data_dir: Path | None, *, as_json: bool
) -> int:
    """Store a file and print the value that stands for it.

    Raises:
        ConfigurationError: It cannot be read.
        InvalidFile: It is of another media type than is said.
        PayloadTooLarge: It is over the limit.
    """
    settings = settings_for(server, data_dir)
    async with open_stack(settings, ()) as stack:
        file = await store_file(
            stack.bus.files,
            pieces(path),
            name=name or path.name,
            media_type=media_type,
            limit=settings.file_limit,
        )
    value = msgspec.json.encode(file.value()).decode()
    print(value if as_json else f"{file.sha256}  {file.name}  {file.media_type}  {file.size} bytes")
    return OK


async def listed(
    limit: int, cursor: str, server: str, data_dir: Path | None, *, as_json: bool
) -> int:
    """Print a page of files, the one that was stored or touched last first.

    Raises:
        InvalidRequest: The cursor cannot be.
    """
    async with open_stack(settings_for(server, data_dir), ()) as stack:
        page = await listed_files(stack.bus.files, limit=limit, cursor=cursor)
    if as_json:
        print_json(page)
        return OK
    rows = [
        (one.sha256, one.size, one.media_type, _when(one.stored_at), one.name) for one in page.items
    ]
    print_table(("ID", "BYTES", "MEDIA TYPE", "STORED", "NAME"), rows)
    if page.next_cursor is not None:
        say(f"there are more: --cursor {page.next_cursor}")
    return OK


def _when(at: float | None) -> str:
    return "" if at is None else datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")


async def get(file_id: str, to: Path | None, server: str, data_dir: Path | None) -> int:
    """Write a file's bytes to a path, or to standard output.

    Raises:
        NotFound: There is no such file.
        ConfigurationError: The path cannot be written.
    """
    async with open_stack(settings_for(server, data_dir), ()) as stack:
        files = stack.bus.files
        if not is_sha256(file_id) or await files.find(file_id) is None:
            raise unknown_file(file_id[:80])
        try:
            opened = sys.stdout.buffer if to is None else to.open("wb")
            try:
                async for piece in files.read(file_id):
                    await asyncio.to_thread(opened.write, piece)
                opened.flush()
            finally:
                if to is not None:
                    opened.close()
        except OSError as error:
            raise unreadable(to or Path("-"), error) from error
    return OK
