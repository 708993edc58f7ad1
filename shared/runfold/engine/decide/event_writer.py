"""Gives the scheduler's own events their envelope and their deterministic ids."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from runfold.contracts import events as e
from runfold.engine.state.runs import RunState
from runfold.ids import address_of, attempt_id

N = TypeVar("N", bound=e.NodeEvent)
R = TypeVar("R", bound=e.Event)


class EventWriter(msgspec.Struct, frozen=True):
    """Makes events for one run.

    An id says what was decided about what. Two owners that decide the same write the same id, and
    the stream keeps one.
    """

    state: RunState
    cause: str = ""
    """Id of the event or request that these events follow from."""

    def run(self, kind: type[R], **fields: Any) -> R:
        """An event about the run."""
        return kind(
            id=f"{self.state.run_id}:{kind.__struct_config__.tag}",
            run_id=self.state.run_id,
            workflow_id=self.state.workflow_id,
            causation_id=self.cause,
            traceparent=self.state.traceparent,
            **fields,
        )

    def node(
        self, kind: type[N], scope: str, node_id: str, attempt: int, *, of: str = "", **fields: Any
    ) -> N:
        """An event about a node; `of` tells several of one kind and attempt apart."""
        of_what = attempt_id(self.state.run_id, address_of(scope, node_id), attempt)
        return kind(
            id=f"{of_what}:{kind.__struct_config__.tag}{of and ':' + of}",
            run_id=self.state.run_id,
            workflow_id=self.state.workflow_id,
            causation_id=self.cause,
            traceparent=self.state.traceparent,
            node_id=node_id,
            scope=scope,
            attempt=attempt,
            **fields,
        )
