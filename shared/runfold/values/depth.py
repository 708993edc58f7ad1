"""How deep values stand in brackets and operators, counted over tokens.

What a parser would build as a tree is measured before it builds it. The depth is never less than
the tree's, and exact where no bracket closes early.
"""

from __future__ import annotations


class Depth:
    """Counts one expression, or one statement, from left to right."""

    def __init__(self) -> None:
        self._levels = [_Level()]
        self.nesting = 0
        """Brackets within each other, at the deepest place so far."""

    def operator(self) -> None:
        """An operator, or another step from one value to the next."""
        self._levels[-1].operators += 1

    def separator(self) -> None:
        """What begins a value of its own beside the one before."""
        self._levels[-1].next_part()

    def inside(self, depth: int) -> None:
        """A value that is itself so deep."""
        level = self._levels[-1]
        level.inner = max(level.inner, depth)

    def opened(self) -> None:
        """An opening bracket."""
        self._levels.append(_Level())
        self.nesting = max(self.nesting, len(self._levels) - 1)

    def closed(self) -> None:
        """A closing bracket."""
        if len(self._levels) > 1:
            depth = self._levels.pop().depth()
            self.inside(depth + 1)

    @property
    def is_open(self) -> bool:
        """Whether a bracket has not been closed yet."""
        return len(self._levels) > 1

    def total(self) -> int:
        """The depth of what was counted; brackets that are still open count with all in them."""
        depth = 0
        for level in reversed(self._levels):
            depth = max(level.depth(), level.operators + depth)
        return depth


class _Level:
    """What stands between two brackets: parts with separators between them."""

    __slots__ = ("deepest", "inner", "operators")

    def __init__(self) -> None:
        self.operators = 0
        """Of the present part."""
        self.inner = 0
        """Depth of the deepest brackets in the present part."""
        self.deepest = 0
        """Depth of the deepest part before."""

    def depth(self) -> int:
        return max(self.deepest, self.operators + self.inner)

    def next_part(self) -> None:
        self.deepest = self.depth()
        self.operators = self.inner = 0
