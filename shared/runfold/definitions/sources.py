"""The text of a workflow as its author wrote it: bytes, and whether they are JSON or YAML.

Its comments, order and short forms are nowhere else: a definition has what they come to.
"""

from __future__ import annotations

import re

import msgspec

JSON = "application/json"
YAML = "application/yaml"
_OBJECT = re.compile(r'\s*(?:\{\s*(?:["}]|$)|\[)')
"""How a text begins that was meant as JSON."""
_LOOKED_AT = 1024
"""Bytes of a text that tell which of the two it is."""
_MARK = "\ufeff"


class Source(msgspec.Struct, frozen=True):
    """A workflow's text."""

    body: bytes
    """As it was written; it need not be readable."""
    media_type: str = JSON

    @property
    def text(self) -> str:
        """The text for people; what is not UTF-8 is shown as U+FFFD."""
        return self.body.decode(errors="replace")


def source_of(body: bytes, said: str = "") -> Source:
    """A text with its media type.

    Args:
        body: The text.
        said: The media type that came with it; JSON is believed only where it looks so, as many
            clients say so of everything.
    """
    if "yaml" in said.lower():
        return Source(body, YAML)
    text = body[:_LOOKED_AT].decode(errors="replace").removeprefix(_MARK)
    is_json = "json" in said.lower() and text.lstrip().startswith("{")
    is_json = is_json or _OBJECT.match(text) is not None
    return Source(body, JSON if is_json else YAML)


def packed(source: Source) -> bytes:
    """The bytes under which a text is stored: a line with the media type, and the text."""
    return source.media_type.encode() + b"\n" + source.body


def unpacked(stored: bytes) -> Source:
    """The text that was stored."""
    media_type, _, body = stored.partition(b"\n")
    return Source(body, media_type.decode())
