"""What the http executors are asked on `runfold.query.fetch`: a URL's bytes as a file.

Nodes of other executors that read a page ask for it here, so that every request leaves by the one
guarded way out.
"""

from __future__ import annotations

from typing import Any

import msgspec

from runfold.errors import Failure

LONGEST = 2_000
"""Characters of a URL."""


class Fetch(msgspec.Struct, frozen=True, omit_defaults=True):
    """Get a URL, and store what it answers."""

    url: str
    timeout: float = 30.0
    """Seconds for everything, redirects included."""


class Fetched(msgspec.Struct, frozen=True, omit_defaults=True):
    """What came of it."""

    file: dict[str, Any] | None = None
    """The file value."""
    url: str = ""
    """Where it came from in the end."""
    error: Failure | None = None
    """Why there is no file: as of an `http_request` node."""
