"""Media types: how they are written, which kind of file each is, and what bytes show of theirs.

A signature says what bytes are; most types have none. What shows no type may be of any.
"""

from __future__ import annotations

import re
from typing import Literal

FileKind = Literal["image", "audio", "video", "document", "other"]

UNKNOWN = "application/octet-stream"
LONGEST_SIGNATURE = 4096
"""Bytes from the beginning of a file that `sniffed` has to be given, when there are as many."""

_TOKEN = r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}"  # noqa: S105 -- a pattern, not a secret
_MEDIA_TYPE = re.compile(rf"{_TOKEN}/{_TOKEN}")
_DOCUMENTS = re.compile(
    r"text/.*|application/(?:pdf|json|xml|rtf|msword|epub\+zip|yaml|toml|x-yaml|.*\+(?:json|xml)"
    r"|vnd\.(?:ms-(?:excel|powerpoint|word).*|openxmlformats-officedocument\..*"
    r"|oasis\.opendocument\..*))"
)

EXTENSIONS = {
    "application/epub+zip": "epub",
    "application/gzip": "gz",
    "application/json": "json",
    "application/msword": "doc",
    "application/pdf": "pdf",
    "application/rtf": "rtf",
    "application/vnd.ms-excel": "xls",
    "application/vnd.ms-powerpoint": "ppt",
    "application/vnd.oasis.opendocument.presentation": "odp",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/xml": "xml",
    "application/yaml": "yaml",
    "application/zip": "zip",
    "audio/flac": "flac",
    "audio/mp4": "m4a",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/wav": "wav",
    "image/bmp": "bmp",
    "image/gif": "gif",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/svg+xml": "svg",
    "image/tiff": "tiff",
    "image/webp": "webp",
    "text/css": "css",
    "text/csv": "csv",
    "text/html": "html",
    "text/javascript": "js",
    "text/markdown": "md",
    "text/plain": "txt",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/webm": "webm",
}
"""The usual extension of a media type."""

_BY_EXTENSION = {extension: name for name, extension in EXTENSIONS.items()} | {
    "htm": "text/html",
    "jpeg": "image/jpeg",
    "log": "text/plain",
    "oga": "audio/ogg",
    "tif": "image/tiff",
    "yml": "application/yaml",
}

_ALIASES = {
    "application/x-gzip": "application/gzip",
    "application/x-pdf": "application/pdf",
    "application/x-yaml": "application/yaml",
    "application/x-zip-compressed": "application/zip",
    "audio/mp3": "audio/mpeg",
    "audio/vnd.wave": "audio/wav",
    "audio/wave": "audio/wav",
    "audio/x-flac": "audio/flac",
    "audio/x-m4a": "audio/mp4",
    "audio/x-wav": "audio/wav",
    "image/jpg": "image/jpeg",
    "image/x-ms-bmp": "image/bmp",
    "image/x-png": "image/png",
    "text/rtf": "application/rtf",
    "text/xml": "application/xml",
    "text/yaml": "application/yaml",
}

_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"%PDF-", "application/pdf"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"II*\0", "image/tiff"),
    (0, b"MM\0*", "image/tiff"),
    (8, b"WEBPVP8", "image/webp"),
    (8, b"WAVEfmt ", "audio/wav"),
    (0, b"fLaC", "audio/flac"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"OggS", "application/ogg"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"PK\x05\x06", "application/zip"),
    (0, b"\x1f\x8b\x08", "application/gzip"),
    (0, b"{\\rtf", "application/rtf"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (0, b"\x1aE\xdf\xa3", "video/x-matroska"),
    (4, b"ftyp", "video/mp4"),
)
"""Where bytes stand, which, and the media type of what has them."""

_CONTAINERS = {
    "application/gzip": re.compile(r"application/(?:gzip|.*\+gzip|x-.*tar|x-tgz|x-compressed.*)"),
    "application/ogg": re.compile(r"(?:application|audio|video)/(?:ogg|opus|vorbis|.*\+ogg)"),
    "application/x-ole-storage": re.compile(
        r"application/(?:x-ole-storage|msword|vnd\.ms-.*|x-msi|vnd\.visio)"
    ),
    "application/zip": re.compile(
        r"application/(?:zip|.*\+zip|java-archive|vnd\.(?:openxmlformats|oasis|android|ms-|google).*)"
    ),
    "audio/mpeg": re.compile(r"audio/.*"),
    "image/tiff": re.compile(r"image/.*"),
    "video/mp4": re.compile(r"(?:video/(?:mp4|quicktime|3gpp2?|x-m4v)|audio/(?:mp4|aac)|image/.*)"),
    "video/x-matroska": re.compile(r"(?:video|audio)/(?:webm|x-matroska|matroska)"),
}
"""Formats that hold others: which media types each may be."""


_SHOWN = frozenset(
    (
        "application/pdf",
        "application/zip",
        "application/gzip",
        "audio/flac",
        "audio/wav",
        "image/gif",
        "image/jpeg",
        "image/png",
        "image/webp",
    )
)
"""Media types whose bytes always show them."""


def media_type_of(text: str) -> str:
    """A media type in its plain form, lower case and without parameters; empty when it is none."""
    plain = text.partition(";")[0].strip().lower()
    plain = _ALIASES.get(plain, plain)
    return plain if _MEDIA_TYPE.fullmatch(plain) else ""


def is_pattern(text: str) -> bool:
    """Whether a text is a media type, or all those of a sort: `image/*`."""
    return media_type_of(text.removesuffix("*") + "x" if text.endswith("/*") else text) != ""


def kind_of(media_type: str) -> FileKind:
    """Which kind of file a media type is."""
    match media_type.partition("/")[0]:
        case "image":
            return "image"
        case "audio":
            return "audio"
        case "video":
            return "video"
        case _:
            return "document" if _DOCUMENTS.fullmatch(media_type) else "other"


def sniffed(head: bytes) -> str:
    """The media type that the first bytes of a file show; empty when they show none."""
    for at, signature, media_type in _SIGNATURES:
        if head[at : at + len(signature)] == signature:
            return media_type
    return "application/pdf" if b"%PDF-" in head[:1024] else ""


def by_name(name: str) -> str:
    """The media type that a file's name stands for; empty when none is known."""
    return _BY_EXTENSION.get(name.rpartition(".")[2].lower(), "") if "." in name else ""


def fits(declared: str, shown: str) -> bool:
    """Whether bytes that show a media type, or none, may be of the declared one."""
    if declared in (shown, UNKNOWN):
        return True
    if not shown:
        return declared not in _SHOWN
    container = _CONTAINERS.get(shown)
    return container is not None and container.fullmatch(declared) is not None


def chosen(declared: str, name: str, head: bytes) -> str:
    """The media type of a file: the declared one, else by its bytes, its name, or as text.

    Args:
        declared: In its plain form; empty or `UNKNOWN` when nothing was declared.
        name: The file's name.
        head: Its first bytes.
    """
    if declared not in ("", UNKNOWN):
        return declared
    shown, named = sniffed(head), by_name(name)
    if named and fits(named, shown):
        return named
    return shown or (UNKNOWN if _is_no_text(head) else "text/plain")


def _is_no_text(head: bytes) -> bool:
    if b"\0" in head:
        return True
    try:
        head.decode()
    except UnicodeDecodeError as error:
        # A character may be cut in two where the head ends.
        return error.start < len(head) - 3
    return False
