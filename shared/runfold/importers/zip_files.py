"""What lies in a zip, zips in it included: each member once, unpacked, or with why it is not.

Bounded in all. Which members are workflows is not decided here, only which plainly are not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from runfold.zips import NotAZip, NotUnpacked, Zip, name_of

MARKS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
"""What a zip begins with: one with members, an empty one, one of several disks."""
MOST_MEMBERS = 10_000
"""Members that a zip may have, folders included, for any to be looked at."""
MOST_DOCUMENTS = 500
"""Members that are unpacked."""
MOST_BYTES = 64 * 1024 * 1024
"""Bytes of all members together, unpacked."""
DEEPEST = 3
"""Zips within each other."""
_DOCUMENTS = frozenset(("json", "yml", "yaml", "flow"))
_ARCHIVES = frozenset(("7z", "rar", "gz", "tgz", "tar", "bz2", "xz", "zst"))
_NEVER = frozenset(
    (
        *("png", "jpg", "jpeg", "gif", "webp", "svg", "ico", "bmp", "tif", "tiff", "avif"),
        *("mp3", "mp4", "wav", "ogg", "mov", "avi", "webm", "ttf", "otf", "woff", "woff2"),
        *("md", "rst", "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "csv", "tsv"),
        *("html", "htm", "css", "js", "ts", "tsx", "jsx", "mjs", "cjs", "py", "sh", "lock"),
        *("toml", "ini", "cfg", "xml", "log", "exe", "dll", "so"),
    )
)
"""Endings of what is no document of any format."""

What = Literal["unpacked", "refused", "no_document"]


class Member(msgspec.Struct, frozen=True):
    """One member of a zip."""

    path: str
    """Its name in the zip, behind the names of the zips around it."""
    what: What
    body: bytes = b""
    why: str = ""
    """Why it was not unpacked."""

    @property
    def is_text(self) -> bool:
        """Whether its name says that it is JSON or YAML."""
        return _ending(self.path) in _DOCUMENTS

    @property
    def stem(self) -> str:
        """Its name without folders and ending."""
        name = self.path.rpartition("/")[2]
        return name.rpartition(".")[0] or name


def members_of(body: bytes) -> Iterator[Member]:
    """The members of a zip in its order, folders left out.

    Raises:
        NotAZip: It cannot be opened, or has too many members.
    """
    walk = _Walk()
    yield from walk.of(walk.opened(body), "", 1)


class _Walk:
    """What is left of the bounds, over a zip and those in it."""

    def __init__(self) -> None:
        self._members = MOST_MEMBERS
        self._documents = MOST_DOCUMENTS
        self._bytes = MOST_BYTES

    def opened(self, body: bytes) -> Zip:
        """A zip with no more members than are left. Raises `NotAZip`."""
        found = Zip(body)
        count = len(found.members)
        if count > self._members:
            message = f"it has {count} members, and of a zip {MOST_MEMBERS} are looked at in all"
            raise NotAZip(message)
        self._members -= count
        return found

    def of(self, archive: Zip, around: str, depth: int) -> Iterator[Member]:
        """The members of an opened zip, whose own path is `around`."""
        for info in archive.members:
            if info.is_dir():
                continue
            path = around + _printable(name_of(info))
            if why := _no_document(path):
                yield Member(path, "no_document", why=why)
                continue
            if why := self._unopened(path):
                yield Member(path, "refused", why=why)
                continue
            self._documents -= 1
            try:
                body = archive.read(info, self._bytes)
            except NotUnpacked as error:
                # What is damaged was unpacked as far as it went.
                self._bytes -= info.file_size if error.reason == "damaged" else 0
                yield Member(path, "refused", why=_advised(error))
                continue
            self._bytes -= info.file_size
            if body.startswith(MARKS):
                yield from self._inside(body, path, depth)
            else:
                yield Member(path, "unpacked", body)

    def _unopened(self, path: str) -> str:
        """Why a file is not even opened; empty when it is."""
        if _ending(path) in _ARCHIVES:
            return "an archive of another kind: unpack it, and name the files in it"
        if self._documents == 0:
            return f"of a zip {MOST_DOCUMENTS} files are read in all: make several zips of it"
        return ""

    def _inside(self, body: bytes, path: str, depth: int) -> Iterator[Member]:
        if depth == DEEPEST:
            why = f"a zip is opened {DEEPEST} deep: unpack it, and import it by itself"
            yield Member(path, "refused", why=why)
            return
        try:
            inner = self.opened(body)
        except NotAZip as error:
            yield Member(path, "refused", why=f"it is a zip, and {error}")
            return
        yield from self.of(inner, f"{path}/", depth + 1)


def _no_document(path: str) -> str:
    """Why a file is no document, by its name; empty when it may be one."""
    *folders, name = path.split("/")
    if "__MACOSX" in folders or name.startswith(".") or name.lower() == "thumbs.db":
        return "a file of an operating system's or an editor's own"
    ending = _ending(path)
    return f"no document: its name ends in .{ending}" if ending in _NEVER else ""


def _printable(name: str) -> str:
    """A name without what a terminal would carry out, and what turns text around."""
    return "".join(one if one.isprintable() else "\ufffd" for one in name)


def _ending(path: str) -> str:
    _, dot, ending = path.rpartition("/")[2].rpartition(".")
    return ending.lower() if dot else ""


def _advised(error: NotUnpacked) -> str:
    match error.reason:
        case "encrypted" | "method":
            return f"{error}: unpack the zip, and name the files"
        case "too_large":
            return f"{error}: of a zip {MOST_BYTES} bytes are unpacked in all"
        case "damaged":
            return str(error)
