"""Text: joins text from a template, or splits it."""

from __future__ import annotations

import json
import re
from typing import Any

from runfold.importers.coze.fields import plain
from runfold.importers.coze.step import Built, Kind, Step, params
from runfold.importers.coze.texts import Place, entered, filled, has_place, joined, native, steps_of
from runfold.importers.coze.types import schema_of


def _text(step: Step) -> Built:
    if step.block.inputs.get("method") == "split":
        return _split(step)
    given = params(step.block.inputs.get("concatParams"))
    template = step.literal(given.get("concatResult"))
    separator = plain(step.literal(given.get("arrayItemConcatChar")))
    return Built(type="template", config={"template": _concat(step, template, separator)})


def _concat(step: Step, template: Any, separator: str) -> str:
    lists = {
        plain(one.get("name"))
        for one in step.block.parameters
        if schema_of(one.get("input")).get("type") == "array"
    }

    def fill(expression: str) -> Any:
        path = steps_of(expression)
        if path[0] not in step.inputs:
            return step.names.expression(expression, step.block)
        value = entered(step.inputs[str(path[0])], path[1:])
        if len(path) == 1 and path[0] in lists:
            return _list_in_text(value, separator)
        return value

    return joined(filled(plain(template), fill))


def _list_in_text(value: Any, separator: str) -> Any:
    if isinstance(value, Place):
        quoted = json.dumps(separator, ensure_ascii=False)
        return Place(value.root, value.path, f"|default([], true)|join({quoted})")
    if isinstance(value, list) and not has_place(value):
        return separator.join(
            one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in value
        )
    return value


def _split(step: Step) -> Built:
    given = params(step.block.inputs.get("splitParams"))
    delimiters = step.literal(given.get("delimiters"))
    found = [one for one in delimiters if one] if isinstance(delimiters, list) else []
    found = [one for one in found if isinstance(one, str)]
    source = native(step.inputs.get("String", ""))
    config: dict[str, Any] = {"input": source, "operation": "split"}
    if len(found) == 1:
        config["separator"] = native(found[0])
    elif found:
        pattern = "|".join(re.escape(one) for one in found)
        config |= {"operation": "regex", "mode": "split", "pattern": native(pattern)}
    else:
        config |= {"operation": "regex", "mode": "all", "pattern": "(?s)."}
    return Built(type="text", config=config)


TEXT = Kind("Text", _text)
