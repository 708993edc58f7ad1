"""Which nodes have always run when another is reached."""

from __future__ import annotations

from runfold.importers.coze.canvas import START, Block, Canvas


class Ways:
    """The ways through a canvas, scope by scope."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._surely: dict[str, dict[str, int]] = {}
        self._bits = {block_id: 1 << at for at, block_id in enumerate(canvas.blocks)}

    def surely_before(self, source: str, reader: Block) -> bool:
        """Whether each way to a node leads through another."""
        blocks = self._canvas.blocks
        block = blocks.get(source)
        if block is None or block.type == START:
            return True
        while reader.parent != block.parent:
            if not reader.parent:
                return False
            reader = blocks[reader.parent]
        if block.parent not in self._surely:
            self._surely[block.parent] = self._scope(block.parent)
        return bool(self._surely[block.parent].get(reader.id, 0) & self._bits[source])

    def _scope(self, parent: str) -> dict[str, int]:
        """For each node of a scope those that each way to it leads through, as bits."""
        inside = [block.id for block in self._canvas.inside(parent)]
        before: dict[str, list[str]] = {one: [] for one in inside}
        targets: dict[str, list[str]] = {one: [] for one in inside}
        for edge in self._canvas.edges.get(parent, ()):
            if edge.source in before and edge.target in before:
                before[edge.target].append(edge.source)
                targets[edge.source].append(edge.target)
        waiting = {one: len(sources) for one, sources in before.items()}
        order = [one for one in inside if not waiting[one]]
        found: dict[str, int] = {}
        for one in order:
            common = [found[source] | self._bits[source] for source in before[one]]
            found[one] = common[0] if common else 0
            for other in common[1:]:
                found[one] &= other
            for target in targets[one]:
                waiting[target] -= 1
                if not waiting[target]:
                    order.append(target)
        return found
