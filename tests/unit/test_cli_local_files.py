"""Files of this machine as inputs: what is read, and what is refused."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from runfold.bus.memory.files import MemoryFiles
from runfold.cli.local_files import LocalFiles
from runfold.errors import ConfigurationError


async def test_a_file_is_known_before_it_is_stored(tmp_path: Path) -> None:
    path = tmp_path / "a .csv"
    path.write_bytes(b"a,b")
    files, store = LocalFiles(), MemoryFiles()
    value = files.value(str(path))
    assert value["$file"] == hashlib.sha256(b"a,b").hexdigest()
    assert (value["name"], value["media_type"], value["size"]) == ("a .csv", "text/csv", 3)
    await files.store(store, 10)
    found = await store.find(value["$file"])
    assert found is not None
    assert found.size == 3
    path.write_bytes(b"other")
    with pytest.raises(ConfigurationError, match="was changed"):
        await files.store(store, 10)


def test_what_cannot_be_read_twice_is_refused(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path, why in ((pipe, "pipe"), (tmp_path, "directory"), (tmp_path / "none", "No such")):
        with pytest.raises(ConfigurationError, match=why) as failed:
            LocalFiles().value(str(path))
        assert failed.value.code == "file.unreadable"
