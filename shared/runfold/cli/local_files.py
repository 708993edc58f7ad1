"""Files of this machine as inputs: `--input report=@report.pdf`.

What a file is as a value is known before anything is connected; its bytes are stored once there is
a store.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from runfold.bus.ports.files import Files
from runfold.bus.uploads import store_file
from runfold.errors import ConfigurationError
from runfold.values.files import FileValue, clean_name
from runfold.values.media_types import LONGEST_SIGNATURE, chosen

PIECE = 1024 * 1024
"""Bytes read at a time."""


class LocalFiles:
    """Files that were named on the command line."""

    def __init__(self) -> None:
        self._paths: dict[str, Path] = {}

    def value(self, text: str) -> dict[str, Any]:
        """The value that stands for a file. Raises `ConfigurationError` when it is not readable."""
        path = Path(text)
        digest, size, head = hashlib.sha256(), 0, b""
        try:
            _refuse_once_read(path)
            with path.open("rb") as opened:
                while piece := opened.read(PIECE):
                    head = head or piece[:LONGEST_SIGNATURE]
                    digest.update(piece)
                    size += len(piece)
        except OSError as error:
            raise unreadable(path, error) from error
        media_type = chosen("", path.name, head)
        name = clean_name(path.name, media_type)
        self._paths[digest.hexdigest()] = path
        return FileValue(digest.hexdigest(), name, media_type, size).value()

    async def store(self, files: Files, limit: int) -> None:
        """Store the bytes of all of them.

        Raises:
            ConfigurationError: A file was changed meanwhile, or cannot be read.
            PayloadTooLarge: One is over the limit.
        """
        for sha256, path in self._paths.items():
            stored = await store_file(files, pieces(path), name=path.name, limit=limit)
            if stored.sha256 != sha256:
                message = f"{path} was changed while it was read: run the command again"
                raise ConfigurationError(message, code="file.unreadable")


def _refuse_once_read(path: Path) -> None:
    """Refuse a pipe or a device: a file is read twice, for its value and to be stored."""
    if path.exists() and not path.is_file() and not path.is_dir():
        message = (
            f"{path} is a pipe or a device, which can be read once: write it into a file, or store "
            "it by `runfold files put --json` and give the value as the input"
        )
        raise ConfigurationError(message, code="file.unreadable")


async def pieces(path: Path) -> AsyncIterator[bytes]:
    """A file's bytes. Raises `ConfigurationError` when it cannot be read."""
    try:
        with path.open("rb") as opened:
            while piece := await asyncio.to_thread(opened.read, PIECE):
                yield piece
    except OSError as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: OSError) -> ConfigurationError:
    """An error for a file of this machine that cannot be read or written."""
    return ConfigurationError(f"cannot open {path}: {error.strerror}", code="file.unreadable")
