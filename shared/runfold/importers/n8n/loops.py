"""A circle as a native `loop`: its variables, what begins a round, what is kept at its end.

    in_…     items that come to a node of the loop from around it; none after the first round
    back     what leads back to the header: the sources of its inputs in the next round
    out_…    items that leave the loop at an output, of all rounds
    state_…  what a Loop Over Items node keeps
    last_…   items that nodes elsewhere read of a node inside
    runs_…   the same of each round, where runs are told apart

Each is set by an `assign` node that waits for the nodes it reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runfold.graph.definition import OUT
from runfold.graph.item_ports import ports_of
from runfold.importers.draft import Draft
from runfold.importers.n8n.document import Link
from runfold.importers.n8n.room import PROFILE, Part
from runfold.importers.n8n.sources import Loop, Places, other

BACK, STATE = "back", "state"
MOST_ROUNDS = 10_000
"""Rounds after which a loop that never ends by itself is ended."""


def state_of(node_id: str) -> str:
    """The variable with what a Loop Over Items node keeps."""
    return f"{STATE}_{node_id[:50]}"


def back_of(places: Places, loop: Loop, input_: int) -> str:
    """The variable with the sources of an input of the header in the next round."""
    return f"{BACK}_{places.ids[loop.region.header][:50]}_{input_}"


def backs(loop: Loop, places: Places) -> list[Link]:
    """The connections that begin the next round."""
    return [
        link
        for link in places.wiring.main
        if link.target == loop.region.header and loop.region.holds(link.source)
    ]


def loop_node(
    loop: Loop, places: Places, nodes: list[Any], edges: list[dict[str, str]]
) -> dict[str, Any]:
    """The native loop around a body."""
    depth = len(places.chain(loop.region.header))
    leading = backs(loop, places)
    variables: dict[str, Any] = {
        back_of(places, loop, input_): [] for input_ in sorted({link.input for link in leading})
    }
    variables |= {name: ways_in_of(loop, key, places) for key, name in loop.ways_in.items()}
    variables |= {name: [] for name in loop.ways_out.values()}
    variables |= {name: {"ports": None, "links": None} for name in loop.kept.values()}
    variables |= {name: [] for name in loop.runs.values()}
    batches = [name for name in loop.region.members if is_batches(places, name)]
    variables |= {state_of(places.ids[name]): None for name in batches}
    came = [_came(link, places, depth) for link in leading]
    return {
        "id": loop.id,
        "type": "loop",
        "profile": PROFILE,
        "name": f"{loop.region.header}: rounds",
        "config": {
            "do_while": {"or": came},
            "max_iterations": MOST_ROUNDS,
            "variables": variables,
            "nodes": nodes,
            "edges": edges,
        },
    }


def _came(link: Link, places: Places, depth: int) -> dict[str, Any]:
    """Whether items came along a connection in this round."""
    seen = places.seen_from(link, depth)
    items = seen["items"] if isinstance(seen, dict) else seen
    return {"left": items, "operator": "not_empty"}


def ways_in_of(loop: Loop, key: tuple[str, int], places: Places) -> list[Any]:
    """Sources around a loop of an input of a node in it."""
    name, input_ = key
    if loop.parent is not None and key in loop.parent.ways_in:
        found: list[Any] = ["{{" + loop.parent.ways_in[key] + "}}"]
    else:
        found = []
    for link in places.wiring.main:
        if (link.target, link.input) != (name, input_) or loop.region.holds(link.source):
            continue
        depth = places.common(link.source, name)
        around = places.chain(name)[depth] if len(places.chain(name)) > depth else None
        if around is loop:
            found.append(places.along(link, depth))
    return found


def is_batches(places: Places, name: str) -> bool:
    """Whether a node is Loop Over Items."""
    return places.document.nodes[name].kind == "splitInBatches"


def gate_of(loop: Loop, places: Places, draft: Draft) -> dict[str, Any] | None:
    """What a round begins with where a loop is entered elsewhere than at its header.

    It goes on to the header when something led back to it, and to others when items came to them.
    """
    header = loop.region.header
    entered = dict.fromkeys(name for name, _ in loop.ways_in)
    if set(entered) <= {header}:
        return None
    branches = []
    for name in dict.fromkeys([header, *entered]):
        tests = [
            _holds_items(variable, ways_in_of(loop, key, places))
            for key, variable in loop.ways_in.items()
            if key[0] == name
        ]
        if name == header:
            for input_ in sorted({link.input for link in backs(loop, places)}):
                depth = len(places.chain(header))
                sources = [
                    places.along(link, depth)
                    for link in backs(loop, places)
                    if link.input == input_
                ]
                tests.append(_holds_items(back_of(places, loop, input_), sources))
        branches.append({"id": places.ids[name], "condition": {"or": tests}})
    return {
        "id": draft.fresh_id(f"{loop.id[:56]}_begin"),
        "type": "selector",
        "profile": PROFILE,
        "name": f"{header}: where the round begins",
        "config": {"strategy": "all_match", "branches": branches},
    }


def _holds_items(variable: str, sources: list[Any]) -> dict[str, Any]:
    """Whether any of the sources in a variable has items."""
    tests = [
        {"left": "{{" + f"{variable}[{place}]{_items_in(one)}" + "}}", "operator": "not_empty"}
        for place, one in enumerate(sources)
    ]
    return {"or": tests} if tests else {"left": 0, "operator": "==", "right": 1}


def _items_in(source: Any) -> str:
    """Where the items of a source are in it."""
    if not isinstance(source, dict):
        return ""
    return ".from" if "from" in source else ".items"


def ways_out_of(loop: Loop, draft: Draft) -> dict[str, Any] | None:
    """What comes after a loop: it goes on along the ways on which items left."""
    branches = [
        {
            "id": name,
            "condition": {"left": "{{" + f"{loop.id}.{name}" + "}}", "operator": "not_empty"},
        }
        for name in loop.ways_out.values()
    ]
    if not branches:
        return None
    return {
        "id": draft.fresh_id(f"{loop.id[:56]}_left"),
        "type": "selector",
        "profile": PROFILE,
        "name": f"{loop.region.header}: where items left",
        "config": {"strategy": "all_match", "branches": branches},
    }


def keeping(
    loop: Loop,
    places: Places,
    parts: Mapping[str, Part],
    draft: Draft,
    gates: Mapping[str, str],
    begin: dict[str, Any] | None,
) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """The `assign` nodes of a body, and the edges that lead to them."""
    write = _Writer(loop, places, parts, draft, gates)
    write.what_leaves()
    write.what_is_read()
    write.the_round(begin)
    return write.nodes, write.edges


class _Writer:
    """Writes the `assign` nodes of one loop."""

    def __init__(
        self,
        loop: Loop,
        places: Places,
        parts: Mapping[str, Part],
        draft: Draft,
        gates: Mapping[str, str],
    ) -> None:
        self.loop = loop
        self.places = places
        self.parts = parts
        self.draft = draft
        self.gates = gates
        self.depth = len(places.chain(loop.region.header))
        self.nodes: list[dict[str, Any]] = []
        self.edges: list[dict[str, str]] = []

    def what_leaves(self) -> None:
        """Gather items that leave: with each port that is taken, or of a loop inside."""
        for (name, output), variable in self.loop.ways_out.items():
            seen = self.places.seen_from(Link(name, output, name, 0), self.depth)
            operation = "append" if isinstance(seen, dict) else "extend"
            assigned = {"variable": variable, "operation": operation, "value": seen}
            node = self._assign(f"keep_{variable}", [assigned])
            chain = self.places.chain(name)
            if len(chain) > self.depth:
                inner = chain[self.depth]
                self._edge(self.gates[inner.id], node, inner.ways_out[name, output])
                continue
            ports = ports_of(self.parts[name].nodes[-1]["config"])
            port = OUT if output == 0 and OUT in ports else str(output)
            self._edge(self.places.ids[name], node, port if port in ports else OUT)

    def what_is_read(self) -> None:
        """Keep what other nodes read of one inside, whenever it has run."""
        for name, variable in self.loop.kept.items():
            chain = self.places.chain(name)
            inner = chain[self.depth] if len(chain) > self.depth else None
            at = f"{inner.id}.{inner.kept[name]}" if inner is not None else self.places.ids[name]
            value = other(at)
            if is_batches(self.places, name):
                value = other(at, "state" if inner is None else "context")
            assigned = [{"variable": variable, "operation": "set", "value": value}]
            if (runs := self.loop.runs.get(name)) is not None:
                one: Any = "{{" + f"{inner.id}.{inner.runs[name]}" + "}}" if inner else other(at)
                operation = "extend" if inner is not None else "append"
                assigned.append({"variable": runs, "operation": operation, "value": one})
            node = self._assign(f"keep_{variable}", assigned)
            if inner is not None:
                self._edge(inner.id, node, OUT)
            else:
                self._after(name, node)

    def the_round(self, begin: dict[str, Any] | None) -> None:
        """Hand on to the next round what led back; what came from around counts once."""
        leading = backs(self.loop, self.places)
        header = self.loop.region.header
        assigned: list[dict[str, Any]] = []
        for input_ in sorted({link.input for link in leading}):
            value = [
                self.places.along(link, self.depth) for link in leading if link.input == input_
            ]
            variable = back_of(self.places, self.loop, input_)
            assigned.append({"variable": variable, "operation": "set", "value": value})
        assigned += [
            {"variable": variable, "operation": "set", "value": []}
            for variable in self.loop.ways_in.values()
        ]
        batches = [name for name in self.loop.region.members if is_batches(self.places, name)]
        for name in batches:
            node_id = self.places.ids[name]
            state = {"variable": state_of(node_id), "operation": "set"}
            assigned.append({**state, "value": "{{" + node_id + ".state}}"})
        node = self._assign("next_round", assigned)
        for name in dict.fromkeys([header, *(link.source for link in leading), *batches]):
            chain = self.places.chain(name)
            if len(chain) > self.depth:
                self._edge(chain[self.depth].id, node, OUT)
            else:
                self._after(name, node)
        if begin is not None:
            for branch in begin["config"]["branches"]:
                self._edge(begin["id"], node, branch["id"])

    def _assign(self, wanted: str, assigned: list[dict[str, Any]]) -> str:
        node_id = self.draft.fresh_id(f"{wanted[:56]}")
        self.nodes.append(
            {
                "id": node_id,
                "type": "assign",
                "profile": PROFILE,
                "config": {"assignments": assigned},
            }
        )
        return node_id

    def _after(self, name: str, node: str) -> None:
        for port in ports_of(self.parts[name].nodes[-1]["config"]):
            self._edge(self.places.ids[name], node, port)

    def _edge(self, source: str, target: str, port: str) -> None:
        made = {"source": source, "target": target}
        self.edges.append(made if port == OUT else {**made, "port": port})
