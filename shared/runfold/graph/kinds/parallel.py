"""`parallel`: runs several bodies side by side and collects what they came to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import msgspec

from runfold.graph.kinds.composites import (
    BODY_KEYS,
    body_problems,
    count_problems,
    duration_problems,
    fixed_problems,
)
from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import INLINE, Kind, Problem, register
from runfold.ids import ID_RULE, is_id


class ParallelConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Configuration of a `parallel` node."""

    branches: dict[str, dict[str, Any]]
    """Name → a body: `nodes` and `edges`, or one `prompt`, and `output` for its result."""
    concurrency: Any = None
    """Branches under way at a time; by default all."""
    branch_timeout: Any = None
    """Longest time of one branch."""
    continue_on_error: bool = False
    """Whether the others go on when a branch fails; else it fails the node."""
    FORM: ClassVar[Forms] = {
        "branches": Form(
            "bodies",
            (
                {
                    "facts": {
                        "nodes": [
                            {"id": "say", "type": "template", "config": {"template": "facts"}}
                        ]
                    }
                },
            ),
        ),
        "concurrency": Form("number", (2,), group="limits"),
        "branch_timeout": Form("duration", ("5m",), group="limits"),
        "continue_on_error": Form("boolean", group="errors"),
    }


def _bodies(config: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    branches = config.get("branches")
    return {
        name: ("branches", name)
        for name, branch in (branches if isinstance(branches, dict) else {}).items()
        if isinstance(branch, dict)
    }


_FIXED = ("continue_on_error",)


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
    yield from fixed_problems(config, *_FIXED)
    branches = config.get("branches")
    yield from count_problems(config, "concurrency")
    yield from duration_problems(config, "branch_timeout")
    if branches == {}:
        yield Problem("branches", "parallel needs at least one branch")
    for name, branch in (branches if isinstance(branches, dict) else {}).items():
        if not is_id(name):
            message = f"a branch cannot be called {name!r}: {ID_RULE}"
            yield Problem("branches", message)
        if not isinstance(branch, dict):
            continue
        for problem in body_problems(branch):
            yield problem._replace(field=f"branches.{name}.{problem.field}")
        for key in branch.keys() - {*BODY_KEYS, "output"}:
            yield Problem(f"branches.{name}.{key}", f"a branch has no {key!r}")


KIND = register(
    Kind(
        type="parallel",
        group=INLINE,
        config=ParallelConfig,
        summary="Run several bodies side by side",
        outputs=(
            *("successful", "failed", "total", "success_count", "failure_count"),
            "success_rate",
        ),
        rules=_rules,
        bodies=_bodies,
        inner=("branches",),
        hints=Hints(
            category="flow",
            fixed=_FIXED,
            output_types={
                "output": "object",
                "successful": "object",
                "failed": "object",
                "total": "integer",
                "success_count": "integer",
                "failure_count": "integer",
                "success_rate": "number",
            },
            body_places=("branches.*",),
        ),
    )
)
