"""ZIP files that documents are: looked at before anything in them is unpacked."""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from runfold.zips import NotAZip, NotUnpacked, Zip, is_encrypted
from runfold_executor_data.documents.reading import Unreadable

MOST_ENTRIES = 10_000
MOST_UNPACKED = 200 * 1024 * 1024
"""Bytes of all entries together."""
MOST_TIMES = 200
"""How many times as large as its archive what is in it may be, over `_SMALL`."""
_SMALL = 10 * 1024 * 1024
_HEAD = 4096
"""Bytes in which XML has declared what it declares, unless it hides it."""


class Archive:
    """An archive that is fit to be read.

    Args:
        body: Its bytes.

    Raises:
        Unreadable: It is damaged, encrypted, or would be too large.
    """

    def __init__(self, body: bytes) -> None:
        try:
            self._zip = Zip(body)
        except NotAZip as error:
            raise Unreadable("malformed", f"it is no ZIP: {error}") from error
        self._infos = {info.filename: info for info in self._zip.members}
        self._check(len(body))

    def _check(self, size: int) -> None:
        infos = self._zip.members
        if len(infos) > MOST_ENTRIES:
            raise Unreadable("limit", f"it has {len(infos)} entries, over {MOST_ENTRIES}")
        unpacked = sum(info.file_size for info in infos)
        if unpacked > MOST_UNPACKED:
            message = f"it unpacks to {unpacked} bytes, over {MOST_UNPACKED}"
            raise Unreadable("limit", message)
        if unpacked > _SMALL and unpacked > size * MOST_TIMES:
            message = f"it unpacks to {unpacked // size} times its size, over {MOST_TIMES}"
            raise Unreadable("limit", message)
        if any(is_encrypted(info) for info in infos):
            raise Unreadable("encrypted", "it is encrypted")

    def names(self) -> list[str]:
        """The names of its entries."""
        return list(self._infos)

    def has(self, name: str) -> bool:
        """Whether there is an entry."""
        return name in self._infos

    def read(self, name: str) -> bytes:
        """An entry's bytes. Raises `Unreadable`."""
        info = self._infos.get(name)
        if info is None:
            raise _missing(name)
        with _telling(name):
            return self._zip.read(info, MOST_UNPACKED)

    def head(self, name: str) -> bytes:
        """The first bytes of an entry. Raises `Unreadable`."""
        if not self.has(name):
            raise _missing(name)
        with _telling(name):
            return self._zip.begin(self._infos[name], _HEAD)

    def xml(self, name: str) -> Any:
        """The root element of an entry that is XML. Raises `Unreadable`."""
        return parse_xml(self.read(name), name)

    def with_part(self, name: str, content: bytes) -> bytes:
        """The archive with an entry that says something else."""
        body = io.BytesIO()
        with zipfile.ZipFile(body, "w") as written:
            for one in self._infos:
                written.writestr(one, content if one == name else self.read(one))
        return body.getvalue()

    def related(self, name: str) -> dict[str, tuple[str, str]]:
        """What a part of an Office document refers to: id → (last word of its type, name)."""
        folder, _, file = name.rpartition("/")
        place = posixpath.join(folder, "_rels", f"{file}.rels")
        if not self.has(place):
            return {}
        found = {}
        for one in self.xml(place):
            if not isinstance(one.tag, str) or one.get("TargetMode") == "External":
                continue
            target = one.get("Target", "")
            path = target[1:] if target.startswith("/") else posixpath.join(folder, target)
            sort = one.get("Type", "").rpartition("/")[2]
            found[one.get("Id", "")] = sort, posixpath.normpath(path)
        return found

    def part(self, name: str, sort: str) -> str:
        """The name of the part of a sort that a part refers to; empty when there is none."""
        for kind, path in self.related(name).values():
            if kind == sort and self.has(path):
                return path
        return ""


def _missing(name: str) -> Unreadable:
    return Unreadable("malformed", f"its part {name!r} is missing")


@contextmanager
def _telling(name: str) -> Iterator[None]:
    """What is wrong with an entry, as that of the document."""
    try:
        yield
    except NotUnpacked as error:
        raise Unreadable("malformed", f"its part {name!r} cannot be read: {error}") from error


def parse_xml(body: bytes, name: str) -> Any:
    """The root element of XML. No entity is resolved and nothing is fetched.

    Raises:
        Unreadable: It is not XML, or nested too deep.
    """
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        what = str(error)
        if "depth" in what.lower() or "huge" in what.lower():
            raise Unreadable("limit", f"its part {name!r} is too large or deep: {what}") from error
        raise Unreadable("malformed", f"its part {name!r} is not XML: {what}") from error
    if root is None:
        raise Unreadable("malformed", f"its part {name!r} is empty")
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and any(True for _ in declared.iterentities()):
        # What they stand for is not read, so the text would not be whole.
        raise Unreadable("malformed", f"its part {name!r} declares entities of its own")
    return root


def local(element: Any) -> str:
    """An element's name without its namespace; empty for comments and the like."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: Any, name: str) -> str:
    """An attribute by its name without a namespace; empty when there is none."""
    value = element.get(name)
    if value is not None:
        return str(value)
    for key, found in element.attrib.items():
        if key.rpartition("}")[2] == name:
            return str(found)
    return ""


def child(element: Any, name: str) -> Any:
    """The first child of a name, or None."""
    return next((one for one in element if local(one) == name), None)


def office_properties(archive: Archive) -> dict[str, Any]:
    """What an Office document says of itself."""
    name = archive.part("", "core-properties")
    if not name:
        return {}
    wanted = {
        "title": "title",
        "creator": "author",
        "subject": "subject",
        "keywords": "keywords",
        "language": "language",
        "created": "created",
        "modified": "modified",
    }
    found = {}
    for one in archive.xml(name):
        text = (one.text or "").strip()
        if local(one) in wanted and text:
            found[wanted[local(one)]] = text[:1000]
    return found
