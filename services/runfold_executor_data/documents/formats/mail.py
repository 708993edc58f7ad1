"""eml: who wrote what to whom; attachments are named, not read."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from typing import Any

from runfold.values.charsets import codec_of
from runfold_executor_data.documents.formats.html import rendered
from runfold_executor_data.documents.formats.plain import clean, decoded, tidy
from runfold_executor_data.documents.reading import Document, Job, Text, Unreadable

_HEADERS = ("From", "To", "Cc", "Date", "Subject")
_LONGEST = 2000
"""Characters of a header that are kept."""
MOST_PARTS = 1000


def read_eml(body: bytes, job: Job) -> Document:
    """The text of a message, below its sender, receivers, date and subject."""
    message = message_from_bytes(body, policy=policy.compat32)
    if not any(message.get(name) for name in (*_HEADERS, "Message-ID", "Received")):
        raise Unreadable("malformed", "it has no headers of a message")
    headers = {name: text for name in _HEADERS if (text := _header(message, name))}
    texts, attachments, warnings = _parts(message)
    head = "\n".join(f"{name}: {text}" for name, text in headers.items())
    text = Text(job.most).room(tidy("\n\n".join((head, *texts))))
    metadata: dict[str, Any] = {name.lower(): text for name, text in headers.items()}
    if "Subject" in headers:
        metadata["title"] = headers["Subject"]
    if attachments:
        metadata["attachments"] = attachments
        warnings.append(f"{len(attachments)} attachments are not read")
    return Document(kind="eml", text=text, metadata=metadata, warnings=warnings)


def _header(message: Message, name: str) -> str:
    value = message.get(name)
    if value is None:
        return ""
    try:
        text = str(make_header(decode_header(str(value))))
    except (MessageError, ValueError, LookupError):
        text = str(value)
    return " ".join(clean(text).split())[:_LONGEST]


def _parts(message: Message) -> tuple[list[str], list[dict[str, Any]], list[str]]:
    """The texts of a message, its attachments, and what has to be said of them."""
    texts: list[str] = []
    attachments: list[dict[str, Any]] = []
    warnings: list[str] = []
    left, seen = [message], 0
    while left:
        part, seen = left.pop(0), seen + 1
        if seen > MOST_PARTS:
            raise Unreadable("limit", f"it has over {MOST_PARTS} parts")
        inner: Any = part.get_payload()
        kind = part.get_content_type()
        inner = [one for one in inner if isinstance(one, Message)] if part.is_multipart() else None
        if kind == "multipart/alternative" and inner:
            left.insert(0, _preferred(inner))
        elif kind == "message/rfc822" or part.get_filename() or _is_attached(part):
            attachments.append(_attachment(part))
        elif inner is not None:
            left[:0] = inner
        elif kind.startswith("text/"):
            text, said = _text(part, kind)
            texts.append(text)
            warnings += said
        else:
            attachments.append(_attachment(part))
    return texts, attachments, warnings


def _is_attached(part: Message) -> bool:
    return (part.get_content_disposition() or "") == "attachment"


def _preferred(parts: list[Message]) -> Message:
    """Of the forms of one text: the plain one, unless it is empty; else HTML, else the last."""
    for kind in ("text/plain", "text/html"):
        for part in parts:
            if part.get_content_type() == kind and _payload(part).strip():
                return part
    return parts[-1]


def _text(part: Message, kind: str) -> tuple[str, list[str]]:
    said = part.get_content_charset() or ""
    text, warnings = decoded(_payload(part), codec_of(said) or "", inside=kind == "text/html")
    return (rendered(text)[0] if kind == "text/html" else text.strip()), warnings


def _payload(part: Message) -> bytes:
    found = part.get_payload(decode=True)
    return found if isinstance(found, bytes) else b""


def _attachment(part: Message) -> dict[str, Any]:
    name = clean(str(part.get_filename() or "")).strip()
    return {
        "name": name[:255],
        "media_type": part.get_content_type()[:100],
        "size": len(_payload(part)),
    }
