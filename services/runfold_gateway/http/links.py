"""Links to what a request has made or found."""

from __future__ import annotations

from urllib.parse import quote


def link_to(*segments: str) -> str:
    """The path of a resource for a `Location` header, its ids percent-encoded."""
    return "/".join(("/api", *(quote(segment, safe="") for segment in segments)))
