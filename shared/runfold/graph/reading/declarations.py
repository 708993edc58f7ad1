"""What a document declares beside its graph: texts, labels, inputs, variables and settings."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from runfold.contracts.callbacks import callback_problems
from runfold.contracts.labels import wrong_label
from runfold.errors import InvalidFile, RunfoldError
from runfold.graph.definition import Input, ModelSetting, Settings, ToolSetting
from runfold.graph.findings import Findings
from runfold.values.cron import broker_cron, checked_zone
from runfold.values.durations import parse_duration
from runfold.values.files import files_in, read_file
from runfold.values.media_types import is_pattern
from runfold.values.types import FILE, FILES, TYPE_NAMES, matches

MOST_PRIORITY = 100
TOOL_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
MODEL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/-]{0,127}")
_INPUT_KEYS = Input.__struct_fields__
_SETTING_KEYS = Settings.__struct_fields__


def read_text(fields: dict[str, Any], key: str, code: str, path: str, found: Findings) -> str:
    """A text for people; a number is taken as its digits."""
    value = fields.get(key)
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool | dict | list):
        where = f"{path}.{key}" if path else key
        found.error(code, where, f"{key} must be text, not {value!r}", "put it in quotes")
    return str(value)


def read_variables(document: dict[str, Any], key: str, found: Findings) -> dict[str, Any]:
    """Default values by name."""
    values = document.get(key)
    if isinstance(values, dict):
        return values
    if values is not None:
        found.error("workflow.variables", key, f"{key} must be an object")
    return {}


def read_labels(value: Any, found: Findings) -> dict[str, str]:
    """Names and values to find the workflow by; a number is taken as its digits."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        message = "labels must be an object of names and values"
        found.error("workflow.labels", "labels", message, "write labels: {team: billing}")
        return {}
    labels = {}
    for name, one in value.items():
        if isinstance(one, bool) or not isinstance(one, str | int | float):
            message = f"label {name!r} must have text as its value, not {one!r}"
            found.error("workflow.labels", f"labels.{name}", message, "put it in quotes")
        elif wrong := wrong_label({name: str(one)}, "workflow"):
            found.error("workflow.labels", f"labels.{name}", wrong)
        else:
            labels[name] = str(one)
    if wrong := wrong_label(labels, "workflow"):
        found.error("workflow.labels", "labels", wrong)
    return labels


def read_inputs(document: Any, found: Findings) -> dict[str, Input]:
    """Declared inputs; one of which only the type's name is written is short for that."""
    if document is None:
        return {}
    if not isinstance(document, dict):
        hint = "write inputs: {topic: {type: string, required: true}}"
        message = "inputs must be an object of declarations"
        found.error("workflow.inputs", "inputs", message, hint)
        return {}
    return {
        name: _read_input(name, declaration, f"inputs.{name}", found)
        for name, declaration in document.items()
    }


def _read_input(name: str, declaration: Any, path: str, found: Findings) -> Input:
    if isinstance(declaration, str):
        declaration = {"type": declaration}
    if declaration is not None and not isinstance(declaration, dict):
        message = f"input {name!r} must be declared by an object or a type's name"
        hint = f"types are: {', '.join(TYPE_NAMES)}"
        found.error("input.declaration", path, message, hint)
        return Input()
    given = {key: value for key, value in (declaration or {}).items() if value is not None}
    for key in given.keys() - set(_INPUT_KEYS):
        near = found.nearest(key, _INPUT_KEYS)
        found.error("input.declaration", f"{path}.{key}", f"an input has no {key!r}", near)
    type_ = given.get("type", "any")
    if type_ not in TYPE_NAMES:
        hint = f"types are: {', '.join(TYPE_NAMES)}"
        found.error("input.declaration", f"{path}.type", f"{type_!r} is no type", hint)
        return Input()
    try:
        declared = msgspec.convert(given, Input)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$")
        found.error("input.declaration", path + where.rstrip("`"), what)
        return Input()
    _check_values(name, declared, path, found)
    return declared


def _check_values(name: str, declared: Input, path: str, found: Findings) -> None:
    _check_files(name, declared, path, found)
    for index, value in enumerate(declared.enum):
        if not matches(value, declared.type):
            message = f"{value!r} is not of type {declared.type}, as input {name!r} is"
            found.error("input.enum", f"{path}.enum[{index}]", message)
    if declared.default is None:
        return
    if not matches(declared.default, declared.type):
        message = f"the default of input {name!r} is not of type {declared.type}"
        found.error("input.default", f"{path}.default", message)
    elif declared.enum and declared.default not in declared.enum:
        message = f"the default of input {name!r} is none of its enum"
        found.error("input.default", f"{path}.default", message)


def _check_files(name: str, declared: Input, path: str, found: Findings) -> None:
    if declared.media_types and declared.type not in (FILE, FILES):
        message = f"input {name!r} is of type {declared.type}, which has no media type"
        found.error("input.declaration", f"{path}.media_types", message, "types are: file, files")
    for index, pattern in enumerate(declared.media_types):
        if not is_pattern(pattern):
            message = f"{pattern!r} is not a media type"
            hint = "write application/pdf, or image/* for any of a sort"
            found.error("input.declaration", f"{path}.media_types[{index}]", message, hint)
    for where, value in files_in(declared.default, f"{path}.default"):
        try:
            read_file(value)
        except InvalidFile as error:
            found.error("input.default", where, error.message)


def read_settings(document: Any, found: Findings) -> Settings:
    """Limits of a whole run."""
    if document is None:
        return Settings()
    if not isinstance(document, dict):
        message = "settings must be an object"
        found.error("workflow.settings", "settings", message, "it has: timeout, max_steps")
        return Settings()
    fields = {key: value for key, value in document.items() if value is not None}
    for key in fields.keys() - set(_SETTING_KEYS):
        hint = found.nearest(key, _SETTING_KEYS)
        found.error("workflow.settings", f"settings.{key}", f"settings have no {key!r}", hint)
        del fields[key]
    if "timeout" in fields:
        fields["timeout"] = _read_timeout(fields["timeout"], found)
    try:
        settings = msgspec.convert(fields, Settings)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$")
        found.error("workflow.settings", f"settings{where.rstrip('`')}", what)
        return Settings()
    _check_limits(settings, found)
    _check_schedules(settings, found)
    _check_tool(settings, found)
    _check_model(settings, found)
    for where, problem in callback_problems(settings.callbacks):
        found.error("workflow.callback", f"settings.callbacks{where}", problem)
    return settings


def _check_tool(settings: Settings, found: Findings) -> None:
    if isinstance(settings.tool, ToolSetting) and settings.tool.name:
        name = settings.tool.name
        if not TOOL_NAME.fullmatch(name):
            message = f"{name[:80]!r} is not a tool's name: letters, digits, _ and -, 64 at most"
            found.error("workflow.settings", "settings.tool.name", message)


def _check_model(settings: Settings, found: Findings) -> None:
    if isinstance(settings.model, ModelSetting) and settings.model.name:
        name = settings.model.name
        if not MODEL_NAME.fullmatch(name):
            message = (
                f"{name[:80]!r} is not a model's name: letters, digits, _ - . : and /, 128 at most"
            )
            found.error("workflow.settings", "settings.model.name", message)


def _check_limits(settings: Settings, found: Findings) -> None:
    if settings.max_steps < 1:
        message = f"max_steps must be at least 1, not {settings.max_steps}"
        found.error("workflow.settings", "settings.max_steps", message)
    if abs(settings.priority) > MOST_PRIORITY:
        message = f"priority must be from -{MOST_PRIORITY} to {MOST_PRIORITY}"
        found.error("workflow.settings", "settings.priority", message)
    if settings.concurrency is not None and settings.concurrency.limit < 1:
        message = f"limit must be at least 1, not {settings.concurrency.limit}"
        found.error("workflow.settings", "settings.concurrency.limit", message)


def _check_schedules(settings: Settings, found: Findings) -> None:
    for place, schedule in enumerate(settings.schedules):
        where = f"settings.schedules[{place}]"
        try:
            broker_cron(schedule.cron)
        except RunfoldError as error:
            found.error("cron.invalid", f"{where}.cron", error.message)
        try:
            checked_zone(schedule.timezone, schedule.cron)
        except RunfoldError as error:
            found.error("cron.invalid", f"{where}.timezone", error.message)


def _read_timeout(value: Any, found: Findings) -> float | None:
    try:
        seconds = parse_duration(value)
    except RunfoldError as error:
        found.error("workflow.settings", "settings.timeout", error.message)
        return None
    if seconds <= 0:
        found.error("workflow.settings", "settings.timeout", "a timeout must be over 0")
    return seconds
