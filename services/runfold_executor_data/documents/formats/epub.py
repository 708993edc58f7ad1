"""epub: the chapters of a book in the order of its spine."""

from __future__ import annotations

import posixpath
from typing import Any
from urllib.parse import unquote

from runfold_executor_data.documents.formats.archives import Archive, attribute, child, local
from runfold_executor_data.documents.formats.html import rendered
from runfold_executor_data.documents.formats.plain import decoded
from runfold_executor_data.documents.reading import Document, Job, Page, Text, Unreadable

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_PAGES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")
_SAID = {
    "title": "title",
    "creator": "author",
    "language": "language",
    "date": "created",
    "publisher": "publisher",
    "identifier": "identifier",
}


def read_epub(body: bytes, job: Job) -> Document:
    """The text of a book, a page for each file of its spine."""
    archive = Archive(body)
    package = _package(archive)
    root = archive.xml(package)
    folder = package.rpartition("/")[0]
    encrypted = _encrypted(archive)
    counted = Text(job.most)
    pages: list[Page] = []
    warnings: list[str] = []
    for name in _spine(root, folder):
        if name in encrypted:
            raise Unreadable("encrypted", "its chapters are encrypted")
        if not archive.has(name):
            warnings.append(f"a chapter is missing: {name[:200]}")
            continue
        html, said = decoded(archive.read(name), inside=True)
        text, head = rendered(html)
        warnings += [f"{name[:200]}: {one}" for one in said]
        if text:
            pages.append(Page(len(pages) + 1, counted.room(text), head.get("title", "")))
    if not pages and warnings:
        raise Unreadable("malformed", "none of its chapters is there")
    return Document(
        kind="epub",
        text="\n\n".join(page.text for page in pages),
        pages=pages,
        metadata=_metadata(root),
        warnings=warnings[:20],
    )


def _package(archive: Archive) -> str:
    if archive.has(_CONTAINER):
        for one in archive.xml(_CONTAINER).iter():
            if local(one) == "rootfile" and archive.has(path := attribute(one, "full-path")):
                return path
    found = next((name for name in archive.names() if name.endswith(".opf")), "")
    if not found:
        raise Unreadable("malformed", "it names no package document")
    return found


def _spine(root: Any, folder: str) -> list[str]:
    """The names of the files of a book in reading order, each once."""
    items, order = {}, []
    for one in root.iter():
        if local(one) == "item" and attribute(one, "media-type") in _PAGES:
            href = unquote(attribute(one, "href").partition("#")[0])
            items[attribute(one, "id")] = posixpath.normpath(posixpath.join(folder, href))
        elif local(one) == "itemref":
            order.append(attribute(one, "idref"))
    return list(dict.fromkeys(items[one] for one in order if one in items))


def _encrypted(archive: Archive) -> set[str]:
    """Files that are encrypted; fonts often are, and are not read."""
    if not archive.has(_ENCRYPTION):
        return set()
    return {
        unquote(attribute(one, "URI"))
        for one in archive.xml(_ENCRYPTION).iter()
        if local(one) == "CipherReference"
    }


def _metadata(root: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in child(root, "metadata") if child(root, "metadata") is not None else ():
        text = " ".join((one.text or "").split())
        if local(one) in _SAID and text:
            found.setdefault(_SAID[local(one)], text[:1000])
    return found
