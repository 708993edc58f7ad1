"""`end`: what the run gives back."""

from __future__ import annotations

from typing import Any

import msgspec

from runfold.graph.kinds.registry import INLINE, Kind, register


class EndConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of an `end` node.

    Without any, `output` is what the nodes leading here came to: the one that ran, or several by
    their ids.
    """

    outputs: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET
    """Named outputs of the run."""
    output: Any = msgspec.UNSET
    """One output, named `output`."""
    answer: Any = msgspec.UNSET
    """One output, named `answer`."""


KIND = register(Kind(type="end", group=INLINE, config=EndConfig, summary="What the run gives back"))
