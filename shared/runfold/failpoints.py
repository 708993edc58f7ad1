"""Named places at which a test makes a process die, stop or fail; nothing happens without one.

`RUNFOLD_FAILPOINTS="scheduler.sent=kill@3,executor.result_stored=kill"` kills this process with
SIGKILL the third time it passes the first, or the first time it passes the second. `stop` freezes
it with SIGSTOP, `raise` raises. A point that is not named costs one look into an empty dict.
"""

from __future__ import annotations

import os
import signal

NAMES = (
    "scheduler.deciding",
    "scheduler.sent",
    "scheduler.acked",
    "scheduler.telling",
    "scheduler.told",
    "subject.stored",
    "request.carried_out",
    "request.said",
    "scheduler.answering",
    "wait.noted",
    "signal.written",
    "executor.taken",
    "executor.running",
    "executor.result_stored",
    "knowledge.batch",
    "knowledge.added",
    "knowledge.finished",
    "projection.folded",
    "projection.written",
    "archive.written",
    "archive.noted",
    "object.marked",
    "object.emptied",
    "gateway.streaming",
)
"""Every fail point there is, in the order a run passes them."""


class FailpointReached(RuntimeError):
    """Raised by a fail point set to `raise`."""


def parse(text: str) -> dict[str, tuple[str, int]]:
    """`name=action@count,…` as name → (action, passes left).

    Raises:
        ValueError: For a name or an action that does not exist.
    """
    found: dict[str, tuple[str, int]] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, action = part.partition("=")
        verb, _, count = action.partition("@")
        if name not in NAMES or verb not in ("kill", "stop", "raise"):
            message = f"fail point {part!r}: names are {', '.join(NAMES)}; kill, stop or raise"
            raise ValueError(message)
        found[name] = (verb, int(count or 1))
    return found


_armed = parse(os.environ.get("RUNFOLD_FAILPOINTS", ""))


def failpoint(name: str) -> None:
    """Pass a named place."""
    if _armed and name in _armed:
        _reached(name)


def _reached(name: str) -> None:
    action, left = _armed[name]
    if left > 1:
        _armed[name] = (action, left - 1)
        return
    del _armed[name]
    if action == "raise":
        raise FailpointReached(name)
    os.kill(os.getpid(), signal.SIGKILL if action == "kill" else signal.SIGSTOP)
