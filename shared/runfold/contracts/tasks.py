"""Work for executors, on `runfold.tasks.<group>.<node_type>`."""

from __future__ import annotations

from typing import Any

import msgspec


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
    traceparent: str = ""
    part: str = ""
    """Of the node's work this is a part, whose success does not end the node: `extract`."""


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message nobody could handle, kept with the reason."""

    source: str
    """Subject it came on."""
    reason: str
    code: str
    body: str
    """The message's bytes, base64, cut at 64 KiB."""
    size: int
    service: str = ""
    run_id: str = ""
