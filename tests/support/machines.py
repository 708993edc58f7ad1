"""State machines in a `Sim`: sending events, and letting what follows come to rest."""

from __future__ import annotations

from typing import Any

from runfold.contracts import events as e
from runfold.graph.loader import prepare
from runfold.graph.plan.plan import compile_plan
from tests.support.engine_sim import RUN, Script, Sim, succeed


def machine(states: dict[str, Any], **settings: Any) -> dict[str, Any]:
    """A `state_machine` node called `order` that begins in the first of its states."""
    config = {"initial": next(iter(states)), "states": states, **settings}
    return {"id": "order", "type": "state_machine", "config": config}


def begun(*nodes: dict[str, Any], script: Script = succeed, seed: int = 0, **top: Any) -> Sim:
    """A run of some nodes, come to rest."""
    workflow, _ = prepare({"id": "w", "nodes": list(nodes), **top})
    sim = Sim(compile_plan(workflow), script, seed)
    rest(sim)
    return sim


def rest(sim: Sim) -> None:
    """Let all land that is on its way, timers excepted."""
    while not sim.state.ended and (sim.appends or sim.results):
        sim.step()


def arrives(sim: Sim, name: str, *, key: str = "", at: str = "order", **values: Any) -> None:
    """An event lands; nothing that follows does."""
    scope, _, node_id = at.rpartition("/")
    event = e.InputReceived(
        id=f"input-{len(sim.log)}",
        run_id=RUN,
        workflow_id="w",
        node_id=node_id,
        scope=scope,
        token="",
        action=name,
        values=values,
        key=key,
    )
    sim.land(event)


def send(sim: Sim, name: str, *, key: str = "", at: str = "order", **values: Any) -> None:
    """An event lands, and all that follows from it."""
    arrives(sim, name, key=key, at=at, **values)
    rest(sim)


def of_kind(sim: Sim, kind: type) -> list[Any]:
    """The events of a kind in the log, in their order."""
    return [record.event for record in sim.log if isinstance(record.event, kind)]
