"""A run as one of its family: the run all go on from, and every fork and retry."""

from __future__ import annotations

from runfold.contracts.queries import FamilyRun, Relation
from runfold.engine.views.runs import RunView


def family_run(asked: str, run: RunView, *, is_above: bool) -> FamilyRun:
    """A run of a family.

    Args:
        asked: The run whose family it is.
        run: The run.
        is_above: Whether the run that was asked for is it, or goes on from it.
    """
    origin = run.origin
    relation: Relation = "origin"
    if run.run_id == asked:
        relation = "self"
    elif not is_above and origin is not None:
        relation = origin.kind
    return FamilyRun(
        run_id=run.run_id,
        relation=relation,
        origin=origin.run_id if origin else "",
        kind=origin.kind if origin else "",
        at=origin.at if origin else None,
        from_node=origin.from_node if origin else "",
        workflow_id=run.workflow_id,
        version=run.version,
        status=run.status,
        started_at=run.started_at,
        finished_at=run.finished_at,
    )
