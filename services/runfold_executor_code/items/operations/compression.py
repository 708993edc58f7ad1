"""`compression`: files of items as archives, and archives as files."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from typing import Any

from runfold_executor_code.items.archives import NoArchive, gunzipped, gzipped, packed, unpacked
from runfold_executor_code.items.files import bytes_of, file_of
from runfold_executor_code.items.parameters import word
from runfold_executor_code.items.paths import names_in
from runfold_executor_code.items.step import Item, ItemFailed, Made, Step

_NAMED = 1.1
"""The version since which a file of gzip has a name and a place of its own."""
_COPIES = "__MACOSX"


def run(step: Step) -> list[list[Made]]:
    """Each item with the archive, or with the files that were in its archives."""
    made = []
    for index, item in enumerate(step.items):
        with step.guarded(index):
            written = step.of(index)
            reads = word(written.get("operation"), "decompress") == "decompress"
            try:
                files = (_read if reads else _written)(step, written, item, index)
            except NoArchive as error:
                raise ItemFailed(index, str(error)) from error
            made.append(Made(item["json"], files, paired=(0, index)))
    return [made]


def _asked(written: Mapping[str, Any]) -> list[str]:
    return names_in(written.get("binaryPropertyName") or "data")


def _said(item: Item, name: str) -> tuple[str, str]:
    """The name and the extension of a file."""
    files: Mapping[str, Any] = item.get("binary") or {}
    known = files.get(name) or {}
    title = str(known.get("fileName") or name)
    extension = str(known.get("fileExtension") or "") or title.rpartition(".")[2]
    return title, extension.lower()


def _read(_step: Step, written: Mapping[str, Any], item: Item, index: int) -> dict[str, Any]:
    prefix = word(written.get("outputPrefix"), "file_")
    found: dict[str, Any] = {}
    count = 0
    for place, name in enumerate(_asked(written)):
        data = bytes_of(item, name, index)
        title, extension = _said(item, name)
        format_ = _format_of(title, extension)
        if format_ == "gzip":
            found[f"{prefix}{place}"] = _unzipped(gunzipped(data), title)
            continue
        if not format_:
            raise ItemFailed(index, f'Unsupported archive format ".{extension}" of {name!r}')
        for path, one in unpacked(data, format_).items():
            if _COPIES not in path:
                found[f"{prefix}{count}"] = file_of(one, path.rpartition("/")[2])
                count += 1
    return found


def _format_of(title: str, extension: str) -> str:
    if extension == "tgz" or title.lower().endswith(".tar.gz"):
        return "targz"
    if extension in ("zip", "tar"):
        return extension
    return "gzip" if extension in ("gz", "gzip") else ""


def _unzipped(data: bytes, title: str) -> dict[str, Any]:
    """A file that was in gzip: its extension stands before that of gzip, or follows from it."""
    stem = title.partition(".")[0]
    inner = title.removesuffix(".gz") if title.endswith(".gz") else stem
    extension = inner.rpartition(".")[2] if "." in inner else "txt"
    kind = mimetypes.guess_type(f"a.{extension}")[0] or "application/octet-stream"
    return file_of(data, f"{stem}.{extension}", kind)


def _written(step: Step, written: Mapping[str, Any], item: Item, index: int) -> dict[str, Any]:
    format_ = word(written.get("outputFormat"), "zip" if step.version >= _NAMED else "")
    files = {name: (_said(item, name), bytes_of(item, name, index)) for name in _asked(written)}
    if format_ in ("zip", "tar", "targz"):
        data = packed({said[0]: one for said, one in files.values()}, format_)
        name = word(written.get("fileName")) or f"data.{format_.replace('targz', 'tar.gz')}"
        return {word(written.get("binaryPropertyOutput"), "data"): file_of(data, name)}
    if format_ != "gzip":
        raise ItemFailed(index, f"there is no format {format_!r}: choose zip, gzip, tar or targz")
    found = {}
    for place, (said, data) in enumerate(files.values()):
        key, name = _named(step, written, said, place)
        found[key] = file_of(gzipped(data), name, "application/gzip")
    return found


def _named(
    step: Step, written: Mapping[str, Any], said: tuple[str, str], place: int
) -> tuple[str, str]:
    """Where a file of gzip is put, and what it is called."""
    title, extension = said
    stem = title.partition(".")[0]
    if step.version < _NAMED:
        return f"{word(written.get('outputPrefix'), 'data')}{place}", f"{stem}.gzip"
    asked = word(written.get("fileName")).replace(".gz", "").replace(".gzip", "")
    key = f"{word(written.get('binaryPropertyOutput'), 'data')}{place or ''}"
    return key, f"{asked or stem}{f'.{extension}' if extension else ''}.gz"
