"""The built files of the studio, read from the package. No HTTP here."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import NamedTuple

BUILT = files("runfold_studio") / "built"
NONCE = "RUNFOLD_NONCE"
"""Stands in the page where each answer has a word of its own."""
MEDIA_TYPES = {
    "css": "text/css",
    "js": "text/javascript",
    "png": "image/png",
    "svg": "image/svg+xml",
    "txt": "text/plain",
}


class Asset(NamedTuple):
    """A file that a browser loads."""

    body: bytes
    media_type: str


def is_built() -> bool:
    """Whether there is anything: a checkout may have the sources alone."""
    return (BUILT / "manifest.json").is_file()


@cache
def _names() -> frozenset[str]:
    manifest = json.loads((BUILT / "manifest.json").read_bytes())
    return frozenset(manifest["assets"])


@cache
def _page() -> str:
    return (BUILT / "index.html").read_text("utf-8")


def page(nonce: str) -> str:
    """The page that loads all else, where `is_built`.

    Args:
        nonce: What its style sheets and scripts are let through by, once.
    """
    return _page().replace(NONCE, nonce)


@cache
def asset(name: str) -> Asset | None:
    """A built file by its name below `built/`, or None when the build has no such file."""
    media_type = MEDIA_TYPES.get(name.rpartition(".")[2])
    if media_type is None or not is_built() or name not in _names():
        return None
    return Asset(BUILT.joinpath(*name.split("/")).read_bytes(), media_type)
