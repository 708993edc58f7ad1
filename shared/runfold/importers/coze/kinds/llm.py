"""LLM: a model that is asked, as an agent when it has tools."""

from __future__ import annotations

from typing import Any

from runfold.importers.coze.canvas import Block
from runfold.importers.coze.fields import at, obj, parsed, plain, rows, whole
from runfold.importers.coze.models import history, model_name, model_of, sampling
from runfold.importers.coze.names import Outputs
from runfold.importers.coze.step import Built, Kind, Step, params, settings
from runfold.importers.coze.texts import Path, Place, joined, native
from runfold.importers.coze.tools import tools_of
from runfold.importers.coze.types import schema_of

_JSON = 2
_IMAGE = 2
_OWN = ("reasoning_content", "errorBody", "isSuccess")


def _llm(step: Step) -> Built:
    given = settings(step, step.block.inputs.get("llmParam"))
    config: dict[str, Any] = {
        **model_of(step, given),
        **_asked(step, given),
        **sampling(given),
        **history(given),
    }
    if _is_json(step.block):
        properties = {plain(one["name"]): _property(one) for one in _declared(step.block)}
        config["response_format"] = {"type": "object", "properties": properties}
    tools, left_out = tools_of(step)
    backup = _backup(step)
    if tools:
        return Built(type="agent", config=config | backup | {"tools": tools}, **left_out)
    return Built(type="llm", config=config | backup, **left_out)


def _asked(step: Step, given: dict[str, Any]) -> dict[str, Any]:
    """Prompts; images that a prompt names go with it as parts of a message."""
    system, prompt = step.pieces(given.get("systemPrompt")), step.pieces(given.get("prompt"))
    config: dict[str, Any] = {}
    if _says(system):
        config["system_prompt"] = joined(system)
    images = _images(step)
    if any(piece in images for piece in prompt if isinstance(piece, Place)):
        config["messages"] = [{"role": "user", "content": _parts(prompt, images)}]
    elif _says(prompt):
        config["prompt"] = joined(prompt)
    else:
        config["messages"] = [{"role": "user", "content": ""}]
    return config


def _says(pieces: list[str | Place]) -> bool:
    return any(isinstance(piece, Place) or piece.strip() for piece in pieces)


def _images(step: Step) -> list[Place]:
    named = [plain(one.get("name")) for one in step.block.parameters if _is_image(one)]
    values = [step.inputs.get(name) for name in named]
    return [value for value in values if isinstance(value, Place)]


def _is_image(parameter: dict[str, Any]) -> bool:
    return whole(at(parameter, "input", "assistType")) == _IMAGE


def _parts(pieces: list[str | Place], images: list[Place]) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = []
    words: list[str | Place] = []
    for piece in (*pieces, None):
        if piece is None or (isinstance(piece, Place) and piece in images):
            if words:
                parts.append({"type": "text", "text": joined(words)})
                words = []
            if piece is not None:
                parts.append({"type": "image_url", "image_url": {"url": native(piece)}})
        else:
            words.append(piece)
    return parts


def _declared(block: Block) -> list[dict[str, Any]]:
    found = [one for one in block.outputs if plain(one.get("name"))]
    if obj(block.inputs.get("batch")).get("batchEnable") is True:
        schema = next((obj(one.get("schema")) for one in found if one.get("type") == "list"), {})
        found = [one for one in rows(schema.get("schema")) if plain(one.get("name"))]
    return [one for one in found if plain(one["name"]) not in _OWN]


def _is_json(block: Block) -> bool:
    """Whether the answer is read as JSON: one text output alone is the answer as it is."""
    declared = _declared(block)
    if len(declared) == 1 and declared[0].get("type", "string") == "string":
        return False
    written = params(block.inputs.get("llmParam")).get("responseFormat")
    number = whole(at(written, "value", "content") if isinstance(written, dict) else written)
    return bool(declared) and (number in (None, _JSON) or len(declared) > 1)


def _property(variable: dict[str, Any]) -> dict[str, Any]:
    schema = schema_of(variable)
    description = plain(variable.get("description"))
    return schema | ({"description": native(description)} if description else {})


def _backup(step: Step) -> dict[str, Any]:
    """The model of one more attempt."""
    ext = obj(at(step.block.inputs, "settingOnError", "ext"))
    written = next((one for key, one in ext.items() if key.lower() == "backupllmparam"), None)
    given = parsed(written) if isinstance(written, str) else written
    if not given:
        return {}
    found = settings(step, given)
    mapped = model_of(step, found)
    if not mapped:
        step.notes.append(f"backup model {model_name(found)!r} is left out until --models names it")
        return {}
    return {"backup_model": mapped["model"]}


def _outputs(block: Block) -> Outputs:
    ways: dict[str, Path] = {"reasoning_content": ("reasoning",)}
    declared = [plain(one["name"]) for one in _declared(block)]
    if _is_json(block):
        return ways | {name: ("structured", name) for name in declared}
    return ways | dict.fromkeys(declared[:1], ("output",))


LLM = Kind("LLM", _llm, _outputs)
