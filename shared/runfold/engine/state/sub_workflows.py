"""How far a called workflow is that runs as a part of the run."""

from __future__ import annotations

from typing import Any

from rpds import HashTrieMap

from runfold.contracts.events import SubWorkflowStarted
from runfold.engine.state.open_scopes import OpenScopes


class Called(OpenScopes, frozen=True, tag="called"):
    """A sub-workflow: one scope, numbered by the attempt of its node."""

    def body_name(self, _index: int) -> str:
        """The name of the body that a scope runs: a called workflow is the only one."""
        return ""

    def names_inside(self, _index: int) -> dict[str, Any]:
        """What names mean inside: the workflow's inputs and variables, and nothing around it."""
        return self.variables


def called_by(event: SubWorkflowStarted, time: float) -> Called:
    """A sub-workflow that has just begun: its only scope is under way."""
    return Called(
        begun=event.index + 1,
        ended=event.index,
        under_way=HashTrieMap({event.index: time}),
        variables=event.values,
    )
