"""The operations of `items` that are written in Python, each in a module of its own.

Pure: a `Step` in, lists of `Made` out. No clock, no randomness, no I/O. `OPERATIONS` names them as
n8n names its node types, without the prefix.
"""

from __future__ import annotations

from collections.abc import Mapping

from runfold_executor_code.items.operations import no_op
from runfold_executor_code.items.step import Operation

OPERATIONS: Mapping[str, Operation] = {
    "noOp": no_op.run,
}
"""By operation."""
