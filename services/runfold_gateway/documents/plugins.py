"""What is answered of a plugin's document."""

from __future__ import annotations

from typing import Any

import msgspec


class PluginText(msgspec.Struct, frozen=True):
    """A version with its document."""

    reference: str
    """What a node names it by: `name@sha256`."""
    document: dict[str, Any]
    """The OpenAPI document."""


def plugin_text(reference: str, document: bytes) -> bytes:
    """The same as JSON: a large document is not read once more for it."""
    return b'{"reference":%b,"document":%b}' % (msgspec.json.encode(reference), document)
