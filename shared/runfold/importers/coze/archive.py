"""The zip files that the hosted product exports: the canvases in them.

Beside `MANIFEST.yml` such a file has `workflow/NAME-draft.yaml` and the workflows that it calls. An
older one has one member, which is a container of its own: `workflow/NAME-draft.json` lies in it as
plain text, or it is a zip in turn. What is read is bounded.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator

from runfold.errors import InvalidInputs
from runfold.importers.coze.shapes import shape_of
from runfold.importers.reading import read_value

MOST_MEMBERS = 500
MOST_BYTES = 64 * 1024 * 1024
"""Bytes of all members together, unpacked."""
MOST_TRIES = 200
"""Places at which JSON seems to begin, and does not, after which no more are looked at."""
_DEEPEST = 3
_BEGINS = re.compile(r'\{\s*"')
_NAMED = re.compile(rb"([^\x00-\x1f/\\\"':{}]{1,200}?)(?:-draft)?\.json")
_SUFFIX = re.compile(r"(?:-draft)?\.(?:json|flow|ya?ml)$")
_RAISED = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, ValueError)


def canvases_in(body: bytes) -> list[tuple[str, bytes]]:
    """The canvases of an exported zip: name and JSON text of each; none for any other bytes."""
    found: dict[str, bytes] = {}
    for name, text in _of_zip(body, [MOST_BYTES], 0):
        unique, number = name, 2
        while unique in found:
            if found[unique] == text:
                break
            unique, number = f"{name}-{number}", number + 1
        found[unique] = text
    return list(found.items())


def _of_zip(body: bytes, left: list[int], depth: int) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            for member in archive.infolist()[:MOST_MEMBERS]:
                if not member.is_dir():
                    yield from _of_member(
                        member.filename, _read(archive, member, left), left, depth
                    )
    except _RAISED:
        return


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo, left: list[int]) -> bytes:
    if member.file_size > left[0]:
        return b""
    # No more is unpacked than is said, and that counts for what is broken as well.
    left[0] -= member.file_size
    try:
        return archive.read(member)
    except _RAISED:
        return b""


def _of_member(name: str, body: bytes, left: list[int], depth: int) -> Iterator[tuple[str, bytes]]:
    if body.startswith(b"PK") and depth < _DEEPEST:
        inner = list(_of_zip(body, left, depth + 1))
        if inner:
            yield from inner
            return
    if name.endswith((".json", ".flow", ".yaml", ".yml")) and _is_canvas(body):
        yield _called(name), body
        return
    yield from _in_plain_text(body)


def _in_plain_text(body: bytes) -> Iterator[tuple[str, bytes]]:
    """Canvases that lie in other bytes, each behind its name."""
    text = body.decode("latin-1")
    decoder = json.JSONDecoder()
    names = list(_NAMED.finditer(body))
    end, failed = 0, 0
    for begun in _BEGINS.finditer(text):
        start = begun.start()
        if start < end or failed > MOST_TRIES:
            continue
        try:
            value, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            failed += 1
            continue
        if shape_of(value) is not None:
            before = [one for one in names if one.end() <= start]
            name = before[-1][1].decode("utf-8", "replace") if before else "workflow"
            yield _called(name), body[start:end]


def _is_canvas(body: bytes) -> bool:
    try:
        return shape_of(read_value(body)) is not None
    except InvalidInputs:
        return False


def _called(name: str) -> str:
    """A file's name without folders, suffix and `-draft`."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return _SUFFIX.sub("", last) or "workflow"
