"""Text: joins text from a template, or splits it."""

from __future__ import annotations

import json
import re
from typing import Any

from runfold.importers.coze.fields import plain
from runfold.importers.coze.names import walked
from runfold.importers.coze.step import Built, Kind, Step, params
from runfold.importers.coze.texts import Path, Place, has_place, joined, native
from runfold.importers.coze.types import schema_of


def _text(step: Step) -> Built:
    if step.block.inputs.get("method") == "split":
        return _split(step)
    given = params(step.block.inputs.get("concatParams"))
    template = step.literal(given.get("concatResult"))
    separator = plain(step.literal(given.get("arrayItemConcatChar")))
    return Built(type="template", config={"template": _concat(step, template, separator)})


def _concat(step: Step, template: Any, separator: str) -> str:
    schemas = {plain(one.get("name")): schema_of(one.get("input")) for one in step.block.parameters}

    def shown(path: Path, value: Any) -> Any:
        schema, _ = walked(schemas.get(str(path[0]), {}), path[1:])
        is_list = schema.get("type") == "array" or (len(path) > 1 and not schema)
        return _list_in_text(value, separator) if is_list else step.in_text(path, value)

    return joined(step.pieces(template, shown=shown))


def _list_in_text(value: Any, separator: str) -> Any:
    """A list with the separator between its items; a value that is none stays as it is."""
    if isinstance(value, Place):
        quoted = json.dumps(separator, ensure_ascii=False)
        return value._replace(filters=f"{value.filters}|join({quoted})")
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
