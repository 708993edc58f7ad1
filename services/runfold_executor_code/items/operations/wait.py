"""`wait`: the items as they are. The waiting is a native node's before it."""

from __future__ import annotations

from runfold_executor_code.items.operations.no_op import run

__all__ = ["run"]
