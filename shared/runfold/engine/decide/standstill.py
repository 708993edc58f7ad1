"""Which answers a run cannot do without: those that it waits for while nothing else can move it."""

from __future__ import annotations

from runfold.engine.accept.state_machines import is_resting
from runfold.engine.decide.runs import decide
from runfold.engine.state.runs import RunState, may_decide
from runfold.engine.state.scopes import node_at
from runfold.graph.plan.plan import Plan


def answers_needed(plan: Plan, state: RunState) -> frozenset[str]:
    """The addresses of the nodes of which one must be answered for the run to go on.

    Empty while the run goes on without an answer: by a node that is running, by a timer of its own
    or of what is around it, by an event from outside. Empty as well when it is held, or has ended.
    """
    if not may_decide(state):
        return frozenset()
    needed = set()
    for address in state.open:
        node = state.nodes[address]
        if node.status == "waiting" and node.waiting and node.waiting.waiting_for == "human":
            needed.add(address)
        elif node.status in ("running", "waiting"):
            return frozenset()
        elif node.status == "active" and is_resting(node_at(plan, address), node):
            needed.add(address)
    return frozenset() if decide(plan, state) else frozenset(needed)
