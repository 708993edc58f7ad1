"""What every event has around its own fields."""

from __future__ import annotations

import re

import msgspec


def tag_of(name: str) -> str:
    """The type of a class of events: `NodeRunSucceeded` → `node_run_succeeded`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag=tag_of):
    """The envelope every event shares."""

    id: str
    """Unique; also the message's Nats-Msg-Id. Deterministic where the scheduler writes it."""
    run_id: str
    workflow_id: str
    schema: int = 1
    causation_id: str = ""
    """Id of the event or request this one follows from."""
    traceparent: str = ""


class NodeEvent(Event, frozen=True, kw_only=True):
    """The envelope of an event about one node of a run."""

    node_id: str
    scope: str = ""
    """Path of composite items around the node, `each[3]`; empty at the top."""
    attempt: int = 1
