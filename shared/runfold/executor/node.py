"""What one writes to add a node kind: a function, and its pairing with a kind.

    async def run(ctx: NodeContext, config: Shout, inputs: dict[str, Any]) -> Outcome:
        await ctx.stream(config.text.upper())
        return Outcome({"output": config.text.upper()})

    NODE = NodeExecutor(KIND, run)

The configuration arrives rendered and checked against the kind's struct. Raise
`runfold.errors.NodeFailed` to fail the attempt; anything else raised is a bug, reported as
`internal` and not retried. What attempts share (connections, a pool of processes) comes from `open`
and is `ctx.resource`; nothing is kept in variables of a module.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Literal, Protocol

import msgspec

from runfold.bus.ports.bus import Bus
from runfold.contracts.events import Usage
from runfold.contracts.protection import ServedBy
from runfold.executor.files import AttemptFiles
from runfold.graph.definition import OUT
from runfold.graph.kinds import Kind
from runfold.settings import Settings


class Outcome(msgspec.Struct, frozen=True):
    """The result of an attempt that succeeded."""

    outputs: dict[str, Any] = {}
    """JSON values that `{{node.name}}` reads."""
    port: str = OUT
    """Port at which the node ends. A kind that branches has to name one of its own."""
    usage: Usage | None = None
    ports: tuple[str, ...] = ()
    """All ports whose edges are taken, where there are several."""
    served_by: ServedBy = ""
    """Set by protections, not by nodes: what gave this instead of the node."""


class NodeContext(Protocol):
    """What a running attempt is given."""

    run_id: str
    workflow_id: str
    node_id: str
    scope: str
    attempt: int
    user_id: str
    """The user whom the run is for; empty when it was not said."""
    conversation_id: str
    """The conversation that the run is a part of; empty when it is of none."""
    profile: str
    """Whose rules about values the node keeps; empty: runfold's."""
    backup: bool
    """Whether to use what the configuration names as a backup: the kind's field `backup`."""
    idempotency_key: str
    """The same for every delivery of this attempt: hand it to services that de-duplicate."""
    deliveries: int
    """How often this attempt was handed out. Over 1: an executor that had it was lost, and may have
    begun with it."""
    deadline: float | None
    """Event-loop time at which the attempt is cut off."""
    settings: Settings
    """The process's settings."""
    resource: Any
    """What the kind's `open` gave, the same for all attempts in this service; None without one."""

    files: AttemptFiles
    """Reads and writes the bytes of file values."""

    async def stream(
        self,
        text: str,
        *,
        kind: Literal["text", "reasoning", "variable"] = "text",
        name: str = "output",
    ) -> None:
        """Send a piece of output to viewers."""

    def incoming(self, field: str) -> AsyncIterator[str]:
        """The text of a field that the kind `takes_stream` of, piece by piece as it comes.

        It ends when all of it is there. One piece where the source does not stream. The field of
        the configuration itself is empty while its text is still being written.
        """

    def secret(self, name: str) -> str:
        """A secret's value by name. Raises `NodeFailed` when it is not set."""

    def log(self, message: str, **fields: Any) -> None:
        """Log with run, node and attempt bound."""


Run = Callable[[NodeContext, Any, dict[str, Any]], Awaitable[Outcome]]
"""`(ctx, config, inputs)`; `inputs` are the referred values by root, `config` the kind's struct."""


Open = Callable[[Settings], AbstractAsyncContextManager[Any]]
"""Opens what attempts share; see `NodeExecutor.open`."""


OpenOnBus = Callable[[Settings, Bus], AbstractAsyncContextManager[Any]]
"""The same for what has to read what is stored."""


class NodeExecutor(msgspec.Struct, frozen=True):
    """A kind and what it does."""

    kind: Kind
    run: Run
    open: Open | None = None
    """Entered once a service, in the background while it starts, and left when it has drained.

    What it gives is `ctx.resource`; an attempt that comes earlier waits for it. Kinds with the same
    function share what it gives.
    """
    open_on_bus: OpenOnBus | None = None
    """In place of `open`, for what reads stores of the bus."""


Wrap = Callable[[NodeExecutor], NodeExecutor]
"""Makes another executor of one, for the same kind."""


class QueryExecutor(msgspec.Struct, frozen=True):
    """A question on `runfold.query.<verb>`, and what answers it beside the attempts of a kind."""

    verb: str
    node: NodeExecutor
    """The kind whose resource it is given, and whose extra it needs."""
    answer: Callable[[Any, bytes], Awaitable[bytes]]
    """`(resource, body)` to the body of the answer; what it raises is answered too."""
