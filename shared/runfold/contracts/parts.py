"""What stands beside the events of the log: values inside them, and the chunks of outputs."""

from __future__ import annotations

from typing import Any, Literal

import msgspec


class Usage(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an attempt used up. Tokens are counts, cost is in `currency`."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0
    reasoning_tokens: int = 0
    cost: float = 0.0
    currency: str = "USD"


class Origin(msgspec.Struct, frozen=True, omit_defaults=True):
    """The run that a forked or retried run goes on from."""

    run_id: str
    at: int
    """Sequence in EVENTS up to which that run's events were taken over."""
    kind: Literal["fork", "retry"] = "fork"
    from_node: str = ""
    """Address of the node that is run again, for a retry."""


class Assignment(msgspec.Struct, frozen=True, omit_defaults=True):
    """One change of one variable."""

    variable: str
    operation: str = "set"
    value: Any = None
    owner: str = ""
    """Whose variable it is: the run's (empty), `conversation`, or a composite's address."""


class Turn(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a user said to a run, and what of the conversation the run sees."""

    user_id: str = ""
    query: str = ""
    files: tuple[dict[str, Any], ...] = ()
    """File values that came with it."""
    message_id: str = ""
    """The message of the conversation that it is; empty: it is none."""
    joined: int = 0
    """Sequence in MESSAGES of that message, up to which the run sees; 0: outside a conversation."""
    number: int = 0
    """How many turns the conversation has had, this one included."""
    history: tuple[dict[str, Any], ...] = ()
    """What was said before, as messages for a model; only where the workflow reads it."""
    answers: bool = False
    """Whether the run's answer is to be a message of the conversation."""


class StreamChunk(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="stream_chunk"
):
    """A piece of a node's output while it is being produced."""

    run_id: str
    workflow_id: str
    node_id: str
    scope: str = ""
    attempt: int = 1
    index: int
    """0, 1, 2, … within the attempt, over all kinds."""
    kind: Literal["text", "reasoning", "variable"] = "text"
    text: str = ""
    name: str = "output"
    """Output the piece belongs to; the last piece of an attempt has `final`."""
    value: Any = None
    final: bool = False


class RecordedChunk(msgspec.Struct, frozen=True):
    """A chunk as the CHUNKS stream holds it."""

    seq: int
    time: float
    chunk: StreamChunk
