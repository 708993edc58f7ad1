"""The failure of an attempt whose executor was installed without what the kind needs."""

from __future__ import annotations

from runfold.errors import NodeFailed
from runfold.graph.extras import how_to_install, missing


def need(extra: str, what: str) -> None:
    """Return when an extra is installed, or none is named.

    Args:
        extra: Its name.
        what: What needs it, for the message.

    Raises:
        NodeFailed: `extra.missing`, with the command that installs it.
    """
    if absent := missing(extra):
        message = (
            f"{what} needs the extra {extra!r}, which is not installed where its executor runs: "
            f"{how_to_install(extra)}"
        )
        details = {"extra": extra, "modules": list(absent)}
        raise NodeFailed(message, code="extra.missing", kind="input", details=details)
