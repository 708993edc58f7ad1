"""Sub-workflow: another workflow by its id."""

from __future__ import annotations

from runfold.importers.coze.canvas import Block
from runfold.importers.coze.fields import plain, whole
from runfold.importers.coze.names import Outputs
from runfold.importers.coze.step import Built, Kind, Step
from runfold.importers.coze.texts import Either, native
from runfold.importers.draft import native_id

_VARIABLES, _ANSWERS = 1, 2
"""`type` of a workflow that ends in an object, and of one that ends in text."""


def _sub_workflow(step: Step) -> Built:
    workflow_id = plain(step.block.inputs.get("workflowId"))
    called = step.context.callable.get(workflow_id)
    reason = ""
    if called is None:
        called = native_id(workflow_id) or "workflow"
        hint = "import it beside this one, or store it under this id"
        step.need("workflow", workflow_id or called, hint)
        reason = f"workflow {workflow_id or '?'} is not among the files: {hint}"
    given = {name: native(value) for name, value in step.inputs.items() if value is not None}
    config = {"workflow": called, "inputs": given}
    return Built(
        type="sub_workflow",
        config=config,
        result="approximated" if reason else "mapped",
        reason=reason,
        is_task=False,
    )


def _outputs(block: Block) -> Outputs:
    said = whole(block.inputs.get("type"))
    names = [(one.get("name"), one.get("type")) for one in block.outputs]
    if said == _VARIABLES or names != [("output", "string")]:
        return {}
    return {"output": ("answer",) if said == _ANSWERS else Either(("answer",), ("output",))}


SUB_WORKFLOW = Kind("Sub-workflow", _sub_workflow, _outputs)
