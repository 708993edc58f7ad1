"""`sub_workflow`: runs another workflow as a part of this run, or as a run of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

import msgspec

from runfold.graph.kinds.composites import fixed_problems
from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import INLINE, Kind, Problem, register
from runfold.ids import is_id


class SubWorkflowConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `sub_workflow` node."""

    workflow: str
    """Id of one of this document's `workflows`, else of a stored workflow."""
    version: str = ""
    """Of a stored one: a number, or `draft`; empty: the newest when the run begins."""
    inputs: dict[str, Any] = {}
    """What its inputs are given, by name."""
    mode: Literal["sync", "detached"] = "sync"
    """`sync`: its outputs are this node's. `detached`: begin it as a run of its own, go on."""
    if_missing: Literal["refuse", "fail"] = "refuse"
    """Where no such workflow is stored. `refuse`: a run does not begin. `fail`: the node fails when
    it is reached."""
    FORM: ClassVar[Forms] = {
        "workflow": Form("workflow", ("greeting",)),
        "version": Form("text", ("3", "draft")),
        "inputs": Form("key_values", ({"name": "{{customer}}"},)),
        "mode": Form("choice"),
        "if_missing": Form("choice"),
    }


def is_detached(config: dict[str, Any]) -> bool:
    """Whether the workflow is to be a run of its own."""
    return config.get("mode") == "detached"


def may_be_missing(config: dict[str, Any]) -> bool:
    """Whether a run begins without the workflow."""
    return config.get("if_missing") == "fail"


def called(config: dict[str, Any]) -> tuple[str, str]:
    """The workflow's id and the wanted version."""
    return str(config.get("workflow", "")), str(config.get("version") or "")


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
    yield from fixed_problems(config, "workflow", "version", "mode", "if_missing")
    workflow = config.get("workflow")
    if isinstance(workflow, str) and "{" not in workflow and not is_id(workflow):
        yield Problem("workflow", f"{workflow!r} is not usable as a workflow's id")


KIND = register(
    Kind(
        type="sub_workflow",
        group=INLINE,
        config=SubWorkflowConfig,
        summary="Run another workflow inside this run",
        rules=_rules,
        hints=Hints(
            category="flow",
            fixed=("workflow", "version", "mode", "if_missing"),
            outputs_from=("workflow", "version"),
        ),
    )
)
