"""A node kind whose side effects can be counted; for torture and fault tests alone.

Loaded by an `executor --group journal` process through RUNFOLD_NODE_MODULES. Each call appends one
line to the file in RUNFOLD_JOURNAL: a single small write, so that lines of several processes never
mix.
"""

from __future__ import annotations

import asyncio
import os
from typing import Any

import msgspec

from runfold.errors import NodeFailed
from runfold.executor.node import NodeContext, NodeExecutor, Outcome
from runfold.graph.kinds import Kind
from runfold.ids import address_of

FILE = "RUNFOLD_JOURNAL"


class JournalConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `journal` node."""

    value: Any = None
    """What it gives back as `output`."""
    repeat: int = 0
    """Gives back the value, as text, so many times over."""
    fail_attempts: int = 0
    """Attempts that fail, so that the one after them succeeds."""
    seconds: float = 0.0
    """How long an attempt takes."""
    crash_file: str = ""
    """While a file of this name exists, an attempt ends its process."""


class Line(msgspec.Struct, frozen=True):
    """One call."""

    key: str
    run_id: str
    address: str
    attempt: int
    pid: int


async def run(ctx: NodeContext, config: JournalConfig, _inputs: dict[str, Any]) -> Outcome:
    """Note the call, and do as configured."""
    address = address_of(ctx.scope, ctx.node_id)
    note(Line(ctx.idempotency_key, ctx.run_id, address, ctx.attempt, os.getpid()))
    if config.crash_file and os.path.exists(config.crash_file):  # noqa: ASYNC240, PTH110 -- at once
        os._exit(13)
    if config.seconds:
        await asyncio.sleep(config.seconds)
    if ctx.attempt <= config.fail_attempts:
        message = f"attempt {ctx.attempt} was to fail"
        raise NodeFailed(message, code="journal.told_to_fail", kind="server", retryable=True)
    output = str(config.value) * config.repeat if config.repeat else config.value
    return Outcome({"output": output, "key": ctx.idempotency_key})


def note(line: Line) -> None:
    """Append a line."""
    path = os.environ.get(FILE)
    if not path:
        return
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(file, msgspec.json.encode(line) + b"\n")
    finally:
        os.close(file)


KIND = Kind(
    type="journal", group="journal", config=JournalConfig, summary="Note each call in a file"
)
NODE = NodeExecutor(KIND, run)
