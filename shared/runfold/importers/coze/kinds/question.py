"""Question: asks the user, who chooses an option or answers in words."""

from __future__ import annotations

from string import ascii_uppercase
from typing import Any

from runfold.importers.coze.canvas import Block
from runfold.importers.coze.fields import plain, rows, whole
from runfold.importers.coze.models import model_of
from runfold.importers.coze.names import Outputs
from runfold.importers.coze.step import Built, Kind, Step, settings
from runfold.importers.coze.texts import Either, Path, Place, as_text, native
from runfold.importers.coze.types import NAMES
from runfold.importers.draft import native_id
from runfold.values.paths import spelled

_FOLLOW_UPS = 3
_OWN = ("USER_RESPONSE", "optionId", "optionContent", "errorBody", "isSuccess")


def option_id(number: int) -> str:
    """The letter of an option, as Coze gives it: A, B, …, Z, then AA."""
    first, last = divmod(number, len(ascii_uppercase))
    return (ascii_uppercase[first - 1] if first else "") + ascii_uppercase[last]


def _question(step: Step) -> Built:
    inputs = step.block.inputs
    config: dict[str, Any] = {"question": step.text(step.literal(inputs.get("question")))}
    if inputs.get("answer_type") != "option":
        return _in_words(step, config)
    ports = {"default": "default", "": "default"}
    before: list[dict[str, Any]] = []
    if inputs.get("option_type") == "dynamic":
        before = _lettered(step, step.literal(inputs.get("dynamic_option")))
        ports["branch_0"] = "selected"
        if before:
            config["options"] = native(Place(before[0]["id"], ("options",)))
        else:
            step.notes.append("it has no options: it is answered in words")
            ports["branch_0"] = ports["default"] = "out"
    else:
        options = rows(inputs.get("options"))
        config["options"] = [
            {"id": option_id(number), "text": step.text(plain(one.get("name")))}
            for number, one in enumerate(options)
        ]
        ports |= {f"branch_{number}": option_id(number) for number in range(len(options))}
        if not options:
            ports["default"] = ports[""] = "out"
    config["allow_text"] = True
    is_asked = is_matched(step.block)
    beside = {"default": _matching(step, config["options"])} if is_asked else {}
    return Built(
        type="question", config=config, ports=ports, is_task=False, before=before, beside=beside
    )


def _lettered(step: Step, options: Any) -> list[dict[str, Any]]:
    """The node that gives each option of a list its letter; none when there is no list."""
    made: Any
    if isinstance(options, Place):
        listed = spelled("_", (options.root, *options.path))
        made = (
            f"[{{% for one in ({listed}|default([], true))[:{len(ascii_uppercase)}] %}}"
            "{% if not loop.first %},{% endif %}"
            f"{{{{ {{'id': '{ascii_uppercase}'[loop.index0], 'text': one}}|tojson }}}}"
            "{% endfor %}]"
        )
    elif isinstance(options, list) and options:
        letters = zip(ascii_uppercase, options, strict=False)
        made = [{"id": letter, "text": native(as_text(one))} for letter, one in letters]
    else:
        return []
    node_id = step.draft.fresh_id(f"{step.id}_options")
    config = {"outputs": {"options": made}, "types": {"options": "array"}}
    return [step.node(node_id, "values", config)]


def is_matched(block: Block) -> bool:
    """Whether a model says which option an answer means that names none of them."""
    inputs = block.inputs
    asks = inputs.get("answer_type") == "option" and inputs.get("option_type") != "dynamic"
    return asks and bool(rows(inputs.get("options")))


def _matching(step: Step, options: list[dict[str, Any]]) -> dict[str, Any]:
    given = settings(step, step.block.inputs.get("llmParam"))
    config = {
        "text": native(Place(step.id, ("answer",))),
        "classes": [{"id": one["id"], "name": one["text"]} for one in options],
        "mode": "fast",
        **model_of(step, given),
    }
    return step.node(matching_id(step.id), "intent", config)


def matching_id(node_id: str) -> str:
    """The id of the node that matches an answer to an option."""
    return f"{node_id}_match"


def _in_words(step: Step, config: dict[str, Any]) -> Built:
    inputs = step.block.inputs
    fields = _fields(step.block) if inputs.get("extra_output") is True else {}
    if fields:
        given = settings(step, inputs.get("llmParam"))
        limit = whole(inputs.get("limit"))
        config["extract"] = {
            "fields": fields,
            "max_follow_ups": min(_FOLLOW_UPS if limit is None else max(limit, 0), 20),
            **model_of(step, given),
        }
        told = plain(given.get("systemPrompt"))
        if told:
            config["extract"]["instructions"] = step.text(told)
    return Built(type="question", config=config, is_task=False)


def _fields(block: Block) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in block.outputs:
        name = plain(one.get("name"))
        if not name or name in _OWN:
            continue
        field: dict[str, Any] = {"type": NAMES.get(plain(one.get("type")), "any")}
        if plain(one.get("description")):
            field["description"] = native(plain(one["description"]))
        if one.get("required") is True:
            field["required"] = True
        found[name] = field
    return found


def _outputs(block: Block) -> Outputs:
    extracted = {name: ("fields", name) for name in _fields(block)}
    asked: dict[str, Path | Either] = {
        **extracted,
        "USER_RESPONSE": ("answer",),
        "optionId": ("option_id",),
        "optionContent": ("answer",),
    }
    if block.inputs.get("option_type") == "dynamic":
        asked["optionId"] = Either(("option_id",), "other")
    elif is_matched(block):
        match = matching_id(native_id(block.id))
        asked["optionId"] = Either(("option_id",), ("class_id",), match)
        asked["optionContent"] = Either(("class_name",), ("answer",), match, is_swapped=True)
    return asked


QUESTION = Kind("Question", _question, _outputs)
