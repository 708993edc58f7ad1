"""Which native nodes stand for which node of n8n: several for one that asks another service."""

from __future__ import annotations

from runfold.exporters.exporter import Side
from runfold.exporters.flat import Placed

ITEMS = "items"


class Group:
    """The native nodes that stand for one node of n8n.

    Args:
        name: The node's name in n8n.
        nodes: They, by their ids.
    """

    def __init__(self, name: str, nodes: dict[str, Placed]) -> None:
        self.name = name
        self.nodes = nodes

    @property
    def main(self) -> str:
        """The one that gives its items."""
        steps = [one for one, placed in self.nodes.items() if placed.node.type == ITEMS]
        return steps[-1] if steps else next(iter(self.nodes))


def groups_of(side: Side) -> dict[str, Group]:
    """All of a definition, by name."""
    found: dict[str, Group] = {}
    for native, placed in side.flat.nodes.items():
        if native not in side.sources:
            continue
        name = side.sources[native]
        found.setdefault(name, Group(name, {})).nodes[native] = placed
    return found


def named(side: Side, known: frozenset[str]) -> Side:
    """A definition whose new nodes are called in n8n as their titles are here.

    Args:
        side: The definition.
        known: Names of nodes that the original has.
    """
    sources: dict[str, str] = {}
    taken = set(known)
    for native, source in side.sources.items():
        if source in known or native not in side.flat.nodes:
            sources[native] = source
            continue
        node = side.flat.nodes[native].node
        wanted = str(node.config.get("node") or node.name or native)
        name, number = wanted, 2
        while name in taken:
            name, number = f"{wanted} {number}", number + 1
        taken.add(name)
        sources[native] = name
    return Side(side.definition, side.flat, sources, side.helpers)
