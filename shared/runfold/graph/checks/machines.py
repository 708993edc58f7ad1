"""State machines: states that are never reached, never left, and machines that never end."""

from __future__ import annotations

from typing import Any

from runfold.graph.bodies import bodies_of
from runfold.graph.definition import Node
from runfold.graph.findings import Findings
from runfold.graph.kinds.state_machine import is_final, states_of, ways_from


def check_machines(nodes: tuple[Node, ...], prefix: str, found: Findings) -> None:
    """Each machine of a graph, and those in bodies."""
    for index, node in enumerate(nodes):
        path = f"{prefix}nodes[{index}].config"
        if node.type == "state_machine":
            _check_machine(node, path, found)
        for body in bodies_of(node).values():
            check_machines(body.nodes, f"{path}.{body.path}", found)


def _check_machine(node: Node, path: str, found: Findings) -> None:
    states = states_of(node.config)
    initial = node.config.get("initial")
    if not isinstance(initial, str) or initial not in states:
        return
    reached = _reached(states, initial)
    for name, state in states.items():
        where = f"{path}.states.{name}"
        if name not in reached:
            message = f"state {name!r} of {node.id!r} is never reached from {initial!r}"
            found.warning("machine.unreachable", where, message, "give some event its `target`")
        elif not is_final(node.config, name) and not ways_from(state):
            message = f"state {name!r} of {node.id!r} is never left"
            found.warning("machine.stuck", where, message, "make it `final`, or let it take events")
    if node.timeout is None and not any(is_final(node.config, name) for name in reached):
        message = f"state machine {node.id!r} never ends: it reaches no `final` state"
        hint = "make a state `final`, or give the node a `timeout`"
        found.warning("machine.endless", path, message, hint)


def _reached(states: dict[str, dict[str, Any]], initial: str) -> set[str]:
    reached, frontier = {initial}, [initial]
    while frontier:
        for way in ways_from(states[frontier.pop()]).values():
            target = way.get("target")
            if isinstance(target, str) and target in states and target not in reached:
                reached.add(target)
                frontier.append(target)
    return reached
