"""The nodes of a run restored from a snapshot, each decoded when it is read.

Few of the nodes of a long run are read again, and decoding all of them would take most of the time
of restoring it. The class behaves like the persistent map in a folded state.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from rpds import HashTrieMap

from runfold.engine.state.nodes import NodeState


class LazyNodes:
    """A persistent map of nodes by address.

    Args:
        encoded: The nodes of the snapshot, encoded; never changed.
        decode: Decodes one.
        changed: Nodes that were inserted since; None for those that were discarded.
    """

    __slots__ = ("_changed", "_decode", "_encoded")

    def __init__(
        self,
        encoded: dict[str, msgspec.Raw],
        decode: Any,
        changed: HashTrieMap[str, NodeState | None] | None = None,
    ) -> None:
        self._encoded = encoded
        self._decode = decode
        self._changed: HashTrieMap[str, NodeState | None] = (
            HashTrieMap() if changed is None else changed
        )

    def get(self, address: str) -> NodeState | None:
        """A node, or None."""
        if address in self._changed:
            return self._changed[address]
        raw = self._encoded.get(address)
        if raw is None:
            return None
        node: NodeState = self._decode(raw)
        return node

    def insert(self, address: str, node: NodeState) -> LazyNodes:
        """The map with a node in it."""
        return LazyNodes(self._encoded, self._decode, self._changed.insert(address, node))

    def discard(self, address: str) -> LazyNodes:
        """The map without a node."""
        if address not in self._encoded:
            return LazyNodes(self._encoded, self._decode, self._changed.discard(address))
        return LazyNodes(self._encoded, self._decode, self._changed.insert(address, None))

    def items(self) -> Iterator[tuple[str, NodeState]]:
        """All nodes by address."""
        return ((address, self[address]) for address in self)

    def __getitem__(self, address: str) -> NodeState:
        found = self.get(address)
        if found is None:
            raise KeyError(address)
        return found

    def __iter__(self) -> Iterator[str]:
        for address in self._encoded:
            if address not in self._changed:
                yield address
        for address, node in self._changed.items():
            if node is not None:
                yield address

    def __contains__(self, address: object) -> bool:
        return isinstance(address, str) and self.get(address) is not None

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, LazyNodes | HashTrieMap):
            return NotImplemented
        return dict(self.items()) == dict(other.items())

    __hash__ = None  # type: ignore[assignment]
