"""Work for executors, on `runfold.tasks.<group>.<node_type>`."""

from __future__ import annotations

import base64
from typing import Any

import msgspec

from runfold.contracts.protection import Protection


class StreamSource(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A node of the same scope whose text is read while it is being written."""

    node_id: str
    attempt: int
    """The attempt that is under way; what comes of any other is not for this task."""
    after: int
    """Sequence in EVENTS behind which the attempt ends."""
    fields: dict[str, str]
    """Configuration field → the output of the node that it takes piece by piece."""


class Task(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One attempt of one node.

    The configuration travels as the author wrote it; the executor renders it with `inputs`, so
    that the scheduler never runs a template for a task and no secret passes through the log.
    """

    run_id: str
    workflow_id: str
    node_id: str
    node_type: str
    scope: str = ""
    attempt: int = 1
    config: dict[str, Any] = {}
    inputs: dict[str, Any] = {}
    """Values the configuration refers to, by root: `{"outline": {"output": …}, "topic": …}`."""
    timeout: float | None = None
    """Seconds from start to finish."""
    protection: Protection | None = None
    traceparent: str = ""
    undoes: bool = False
    """Whether it belongs to the compensation of its run: it is run although nothing else is."""
    source: StreamSource | None = None
    """Set: the task was handed out while the node before it writes; its result waits for that."""
    after: int = 0
    """Sequence in EVENTS before which the attempt cannot have ended: nothing had begun it."""
    backup: bool = False
    """Whether it is the attempt with what the configuration names as a backup."""
    part: str = ""
    """Of the node's work this is a part, whose success does not end the node: `extract`."""
    user_id: str = ""
    """The user whose conversations the attempt sees."""
    conversation_id: str = ""
    """The conversation that the run is a part of."""
    profile: str = ""
    """Whose rules about values the node keeps; empty: runfold's."""


class Hold(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a task that was given back is not to be worked on at once; travels beside it."""

    until: float
    """Unix seconds, by the log's clock, before which it need not be looked at."""
    place: float = 0.0
    """When its turn is among the calls that a rate limit lets begin; 0: it has none."""
    since: float = 0.0
    """When it first asked for a place among others; 0: it has not yet."""


KEPT_BODY = 64 * 1024
"""Bytes of a dead message that are kept."""


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message that could not be handled, kept with the reason."""

    source: str
    """Subject it came on."""
    reason: str
    code: str
    body: str
    """The message's bytes, base64, cut at 64 KiB."""
    size: int
    service: str = ""
    run_id: str = ""
    """The run it is about; of a request to begin one, that run."""
    source_seq: int = 0
    """The message's sequence in its stream, where it is known."""

    @classmethod
    def of(
        cls,
        body: bytes,
        *,
        source: str,
        reason: str,
        code: str,
        service: str = "",
        run_id: str = "",
        source_seq: int = 0,
    ) -> DeadLetter:
        """A letter with as much of a message as is kept."""
        kept = base64.b64encode(body[:KEPT_BODY]).decode()
        return cls(
            source=source,
            reason=reason,
            code=code,
            body=kept,
            size=len(body),
            service=service,
            run_id=run_id,
            source_seq=source_seq,
        )

    def message(self) -> bytes:
        """What is kept of the message."""
        return base64.b64decode(self.body)
