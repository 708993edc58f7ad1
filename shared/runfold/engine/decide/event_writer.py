"""Gives the scheduler's events about a run their envelope and their deterministic ids.

Events about a node are made by `NodeContext.event`.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from runfold.contracts import events as e
from runfold.engine.state.runs import RunState

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
