"""Node kinds: what a type name means before anything runs.

A kind says its group, the struct its configuration must be, and its ports. What it *does* lives in
an executor service (`services/runfold_executor_<group>`), or in the engine for group `inline`.
One module a kind in this folder, each with a `KIND`; others come from modules named in
`RUNFOLD_NODE_MODULES`.
"""

from __future__ import annotations

from runfold.graph.kinds.registry import INLINE, Kind, Problem, all_kinds, kind_of, register

__all__ = ["INLINE", "Kind", "Problem", "all_kinds", "kind_of", "register"]
