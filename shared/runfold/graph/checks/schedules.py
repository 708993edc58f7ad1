"""Checks a workflow's schedules against its inputs: each schedule begins a run by itself."""

from __future__ import annotations

from runfold.errors import InvalidInputs
from runfold.graph.definition import Schedule, Workflow
from runfold.graph.findings import Findings
from runfold.graph.inputs import bind_inputs


def check_schedules(workflow: Workflow, found: Findings) -> None:
    """Find schedules whose inputs do not fit, and those written twice."""
    seen: list[Schedule] = []
    for place, schedule in enumerate(workflow.settings.schedules):
        path = f"settings.schedules[{place}]"
        try:
            bind_inputs(workflow, schedule.inputs)
        except InvalidInputs as error:
            found.error("schedule.inputs", f"{path}.inputs", error.message)
        if schedule in seen:
            message = "this schedule is written twice: it begins one run each time, not two"
            found.warning("schedule.twice", path, message)
        seen.append(schedule)
