"""How a stored plugin is referred to: `petstore`, or one version of it, `petstore@<sha256>`."""

from __future__ import annotations

import re

from runfold.errors import InvalidRequest
from runfold.ids import is_id

_VERSION = re.compile(r"[0-9a-f]{8,64}")


def split_reference(reference: str) -> tuple[str, str]:
    """A reference as a name and the beginning of a hash, which is empty for the newest version.

    Raises:
        InvalidRequest: `plugin.reference`.
    """
    name, at, version = reference.partition("@")
    if not is_id(name) or (at and not _VERSION.fullmatch(version)):
        message = (
            f"{reference[:120]!r} names no plugin: write its name, or its name, @ and the first 8 "
            "or more hex digits of a version's sha256"
        )
        raise InvalidRequest(message, code="plugin.reference")
    return name, version


def reference_for(name: str, sha256: str) -> str:
    """The reference to one version."""
    return f"{name}@{sha256}"
