"""What one writes to add a node kind: a function, and its pairing with a kind.

    async def run(ctx: NodeContext, config: Shout, inputs: dict[str, Any]) -> Outcome:
        await ctx.stream(config.text.upper())
        return Outcome({"output": config.text.upper()})

    NODE = NodeExecutor(KIND, run)

The configuration arrives rendered and checked against the kind's struct. Raise
`runfold.errors.NodeFailed` to fail the attempt; anything else raised is a bug, reported as
`internal` and not retried.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Literal, Protocol

import msgspec

from runfold.contracts.events import Usage
from runfold.contracts.protection import ServedBy
from runfold.graph.definition import OUT
from runfold.graph.kinds import Kind
from runfold.settings import Settings


class Outcome(msgspec.Struct, frozen=True):
    """What an attempt came to."""

    outputs: dict[str, Any] = {}
    """JSON values that `{{node.name}}` reads."""
    port: str = OUT
    """Port at which the node ends. A kind that branches has to name one of its own."""
    usage: Usage | None = None
    ports: tuple[str, ...] = ()
    """All ports whose edges are taken, where there are several."""
    served_by: ServedBy = ""
    """Not for a node to say: what gave this instead of the node."""


class NodeContext(Protocol):
    """What a running attempt is given."""

    run_id: str
    workflow_id: str
    node_id: str
    scope: str
    attempt: int
    idempotency_key: str
    """The same for every delivery of this attempt: hand it to services that de-duplicate."""
    deadline: float | None
    """Event-loop time at which the attempt is cut off."""
    settings: Settings
    """The process's settings."""

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


class NodeExecutor(msgspec.Struct, frozen=True):
    """A kind and what it does."""

    kind: Kind
    run: Run
    warm: Callable[[Settings], Awaitable[None]] | None = None
    """Called in the background when the service starts, to load what is slow to load."""
    close: Callable[[], Awaitable[None]] | None = None
    """Called once when the service has drained: gives connections back."""
