"""The nodes of a run restored from a snapshot: each is decoded when somebody looks at it.

Of a run with tens of thousands of nodes only a few are still of interest; decoding all of them is
most of what restoring it would take. Behaves like the persistent map that stands in a folded state.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from rpds import HashTrieMap

from runfold.engine.state import NodeState


class LazyNodes:
    """A persistent map of nodes by address.

    Args:
        encoded: Nodes as they were, encoded; never changed.
        decode: Decodes one.
        changed: What was inserted since.
    """

    __slots__ = ("_changed", "_decode", "_encoded")

    def __init__(
        self,
        encoded: dict[str, msgspec.Raw],
        decode: Any,
        changed: HashTrieMap[str, NodeState] | None = None,
    ) -> None:
        self._encoded = encoded
        self._decode = decode
        self._changed: HashTrieMap[str, NodeState] = HashTrieMap() if changed is None else changed

    def get(self, address: str) -> NodeState | None:
        """A node, or None."""
        found = self._changed.get(address)
        if found is not None or (raw := self._encoded.get(address)) is None:
            return found
        node: NodeState = self._decode(raw)
        return node

    def insert(self, address: str, node: NodeState) -> LazyNodes:
        """The map with a node in it."""
        return LazyNodes(self._encoded, self._decode, self._changed.insert(address, node))

    def items(self) -> Iterator[tuple[str, NodeState]]:
        """All nodes by address."""
        return ((address, self[address]) for address in self)

    def __getitem__(self, address: str) -> NodeState:
        found = self.get(address)
        if found is None:
            raise KeyError(address)
        return found

    def __iter__(self) -> Iterator[str]:
        yield from self._encoded
        for address in self._changed:
            if address not in self._encoded:
                yield address

    def __contains__(self, address: object) -> bool:
        return address in self._changed or address in self._encoded

    def __len__(self) -> int:
        return len(self._encoded) + sum(one not in self._encoded for one in self._changed)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, LazyNodes | HashTrieMap):
            return NotImplemented
        return dict(self.items()) == dict(other.items())

    __hash__ = None  # type: ignore[assignment]
