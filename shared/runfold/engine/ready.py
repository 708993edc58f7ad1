"""What deciding about one ready inline node is given."""

from __future__ import annotations

from typing import Any

import msgspec

from runfold.engine.state import NodeState, RunState
from runfold.graph.plan import Plan, PlanNode
from runfold.values.references import Lookup

Fields = dict[str, Any]
"""Fields of the event that is to be written."""


class Ready(msgspec.Struct, frozen=True):
    """All that deciding about one ready inline node needs."""

    plan: Plan
    state: RunState
    scope: str
    planned: PlanNode
    node: NodeState
    lookup: Lookup
