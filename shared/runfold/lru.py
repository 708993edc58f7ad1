"""A map of limited size that drops what was used least recently. Pure, and below every layer.

Functions whose results depend on their arguments alone use `functools.lru_cache` instead.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class LruMap(Generic[K, V]):
    """Keeps the entries used most recently. `get` and setting an entry use it, `in` does not.

    Args:
        size: Entries that are kept.
        may_drop: Whether an entry may go. While none may, there are more than `size`.
    """

    __slots__ = ("_entries", "_may_drop", "_size")

    def __init__(self, size: int, *, may_drop: Callable[[V], bool] | None = None) -> None:
        self._size = size
        self._may_drop = may_drop
        self._entries: OrderedDict[K, V] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: object) -> bool:
        return key in self._entries

    def __setitem__(self, key: K, value: V) -> None:
        self._entries[key] = value
        self._entries.move_to_end(key)
        if len(self._entries) > self._size:
            self._drop_oldest(key)

    def get(self, key: K) -> V | None:
        """The entry of a key, or None."""
        found = self._entries.get(key)
        if found is not None:
            self._entries.move_to_end(key)
        return found

    def discard(self, key: K) -> None:
        """Remove the entry of a key, if there is one."""
        self._entries.pop(key, None)

    def _drop_oldest(self, newest: K) -> None:
        """Drop the oldest entry that may go, which the one just set may not."""
        may_drop = self._may_drop
        if may_drop is None:
            self._entries.popitem(last=False)
            return
        for key, value in self._entries.items():
            if key != newest and may_drop(value):
                del self._entries[key]
                return
