"""`noop`: does nothing; for benchmarks and tests."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec

from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import Kind, register


class NoopConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `noop` node."""

    output: Any = None
    """What the node returns."""
    FORM: ClassVar[Forms] = {
        "output": Form("value", ("done",)),
    }


KIND = register(
    Kind(
        type="noop",
        group="text",
        config=NoopConfig,
        summary="Do nothing; for benchmarks and tests",
        outputs=("output",),
        hints=Hints(
            category="other",
            output_types={"output": "any"},
        ),
    )
)
