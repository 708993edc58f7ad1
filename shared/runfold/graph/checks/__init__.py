"""The checks before a workflow is stored, published or run: all findings at once."""

from __future__ import annotations

from runfold.graph.checks.compensation import check_compensation
from runfold.graph.checks.config import check_configs
from runfold.graph.checks.machines import check_machines
from runfold.graph.checks.protections import check_protections
from runfold.graph.checks.references import check_references
from runfold.graph.checks.schedules import check_schedules
from runfold.graph.checks.structure import check_structure
from runfold.graph.checks.subjects import check_subjects
from runfold.graph.checks.webhooks import check_webhooks
from runfold.graph.definition import Workflow
from runfold.graph.findings import Findings
from runfold.graph.safe_names import with_safe_names

__all__ = ["check"]


def check(workflow: Workflow, found: Findings) -> None:
    """Everything to say about a workflow that could be read."""
    check_structure(workflow, found)
    workflow = with_safe_names(workflow)
    check_configs(workflow.nodes, "nodes", found, frozenset(workflow.environment))
    check_compensation(workflow, found)
    check_protections(workflow.nodes, "nodes", found)
    check_references(workflow, found)
    check_machines(workflow.nodes, "", found)
    check_schedules(workflow, found)
    check_webhooks(workflow, found)
    check_subjects(workflow, found)
