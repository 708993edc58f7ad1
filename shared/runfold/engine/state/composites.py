"""What a composite node holds while it is active, as one union.

Each member says which body a scope runs (`body_name`) and what the composite's own names mean
inside it (`names_inside`). How one goes on is in `decide.composites` and in the module of the same
name as the member's in `evolve` and `decide`.
"""

from __future__ import annotations

from typing import assert_never

from runfold.contracts.events import (
    AgentStarted,
    LoopStarted,
    StateMachineStarted,
    SubWorkflowStarted,
)
from runfold.engine.state.agents import Agent, agent_of
from runfold.engine.state.rounds import Rounds, rounds_of
from runfold.engine.state.state_machines import Machine, machine_of
from runfold.engine.state.sub_workflows import Called, called_by
from runfold.graph.plan.plan import PlanNode

Composite = Rounds | Called | Machine | Agent
CompositeStarted = LoopStarted | SubWorkflowStarted | StateMachineStarted | AgentStarted
"""The events by which composites begin."""


def composite_of(planned: PlanNode, event: CompositeStarted, time: float) -> Composite:
    """A composite that has just begun."""
    match event:
        case LoopStarted():
            return rounds_of(planned, event)
        case SubWorkflowStarted():
            return called_by(event, time)
        case StateMachineStarted():
            return machine_of(event)
        case AgentStarted():
            return agent_of(event)
        case _:
            assert_never(event)
