"""What every composite holds: the scopes it has opened, and its variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from msgspec.structs import replace
from rpds import HashTrieMap

if TYPE_CHECKING:
    Times = HashTrieMap[int, float]
    Settlements = HashTrieMap[int, str]
else:
    # Snapshots decode by these annotations, and the class cannot be subscripted.
    Times = Settlements = HashTrieMap


S = TypeVar("S", bound="OpenScopes")


class OpenScopes(msgspec.Struct, frozen=True):
    """The part that all composites have in common. Scopes are numbered from 0."""

    begun: int = 0
    """Scopes that were opened: 0 to begun - 1."""
    ended: int = 0
    """Scopes whose result is recorded."""
    under_way: Times = HashTrieMap()
    """Scope → when it was opened."""
    settled: Settlements = HashTrieMap()
    """Scope that has ended and whose result is not recorded yet → how it ended: `""` when all its
    nodes did, else `break`, `continue` or `timeout`."""
    variables: dict[str, Any] = {}
    """Variables by name; of a sub-workflow its inputs as well."""

    @property
    def is_idle(self) -> bool:
        """Whether no scope is under way and every result is recorded."""
        return not self.under_way and not self.settled

    @property
    def unrecorded(self) -> list[int]:
        """Scopes whose result is not recorded."""
        return [*self.under_way, *self.settled]


def recorded(scopes: S, index: int) -> S:
    """A composite once the result of one of its scopes is recorded."""
    return replace(
        scopes,
        under_way=scopes.under_way.discard(index),
        settled=scopes.settled.discard(index),
        ended=scopes.ended + 1,
    )
