"""Message: text for the viewer in the middle of a run."""

from __future__ import annotations

from runfold.importers.coze.canvas import Block
from runfold.importers.coze.names import Outputs
from runfold.importers.coze.step import Built, Kind, Step


def _message(step: Step) -> Built:
    content = step.literal(step.block.inputs.get("content"))
    config = {"answer": step.text(content)}
    return Built(type="answer", config=config, is_task=False)


def _outputs(_block: Block) -> Outputs:
    return {"output": ("answer",)}


MESSAGE = Kind("Message", _message, _outputs)
