"""Intent: goes on where a model says that a text belongs."""

from __future__ import annotations

from runfold.importers.coze.canvas import Block
from runfold.importers.coze.fields import obj, plain, rows
from runfold.importers.coze.models import history, model_of
from runfold.importers.coze.names import Outputs
from runfold.importers.coze.step import Built, Kind, Step, settings
from runfold.importers.coze.texts import native


def _intent(step: Step) -> Built:
    inputs = step.block.inputs
    found = [plain(one.get("name")) for one in rows(inputs.get("intents"))]
    classes = [
        {"id": f"branch_{number}", "name": step.text(name) if name else str(number + 1)}
        for number, name in enumerate(found)
    ] or [{"id": "branch_0", "name": "1"}]
    given = settings(step, inputs.get("llmParam"))
    asked = settings(step, inputs.get("chatHistorySetting"))
    config = {
        "text": native(step.inputs.get("query", "")),
        "classes": classes,
        "mode": "fast" if inputs.get("mode") == "top_speed" else "full",
        **model_of(step, given),
        **history(asked or obj(given)),
    }
    told = plain(given.get("systemPrompt"))
    if told.strip():
        config["instructions"] = step.text(told)
    ports = {f"branch_{number}": f"branch_{number}" for number in range(len(found))}
    return Built(type="intent", config=config, ports={**ports, "default": "other", "": "other"})


def _outputs(_block: Block) -> Outputs:
    return {"classificationId": ("index",), "reason": ("reason",)}


INTENT = Kind("Intent", _intent, _outputs)
