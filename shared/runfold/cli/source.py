"""Reading a workflow and its inputs from the command line."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from runfold.cli.arguments import json_object, json_of, json_or_text
from runfold.cli.local_files import LocalFiles
from runfold.cli.outcome import say
from runfold.errors import ConfigurationError, ExpressionFailed, InvalidInputs
from runfold.graph.definition import Finding, Workflow
from runfold.templates import get_template
from runfold.values.types import FILE, FILES, cast, kind_name, matches

TEMPLATE = "template:"
"""Before a template's id, where otherwise a file is named."""


def read_source(file: str) -> bytes:
    """The bytes of a workflow file, of standard input for `-`, or of a template.

    Raises:
        ConfigurationError: When it cannot be read.
        NotFound: When there is no such template.
    """
    if file == "-":
        return sys.stdin.buffer.read()
    if file.startswith(TEMPLATE):
        return get_template(file.removeprefix(TEMPLATE)).source.encode()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        message = f"cannot read {file}: {error.strerror}"
        raise ConfigurationError(message, code="file.unreadable") from error


def parse_inputs(
    workflow: Workflow, pairs: Iterable[str], as_json: str, files: LocalFiles | None = None
) -> dict[str, Any]:
    """Inputs from `name=value` pairs and one JSON object; pairs win.

    A value is taken as the declared type; without one it is JSON where it reads as such. What is
    declared as a file is `@` and a path, or a file value; several for `files` are a list.

    Args:
        workflow: What declares them.
        pairs: As they were given.
        as_json: The object; empty: none.
        files: Takes files of this machine; None: there are none to be had.

    Raises:
        InvalidInputs: When a pair has no `=`, a value is not of its type, or JSON is refused.
        ConfigurationError: When a file cannot be read.
    """
    inputs: dict[str, Any] = {}
    if as_json:
        inputs = json_object("--inputs-json", as_json)
    for pair in pairs:
        name, text = named("--input", pair, "name=value")
        declared = workflow.inputs.get(name)
        if declared is None or declared.type not in (FILE, FILES):
            inputs[name] = _value(workflow, name, text)
        elif declared.type == FILE:
            inputs[name] = _file(name, text, files)
        else:
            found = _file(name, text, files)
            inputs[name] = [*inputs.get(name, ()), *(found if isinstance(found, list) else [found])]
    return inputs


def _file(name: str, text: str, files: LocalFiles | None) -> Any:
    if not text.startswith("@"):
        return json_of(f"input {name}: neither @ with the path of a file nor a file value", text)
    if files is None:
        message = f"input {name}: store the file with `runfold files put --json` and give its value"
        raise InvalidInputs(message)
    return files.value(text[1:])


def named(option: str, given: str, how: str, *, empty: bool = True) -> tuple[str, str]:
    """`name=text` as an option was given it, as the two of them.

    Args:
        option: The option.
        given: What it was given.
        how: How it is written, for the message.
        empty: Whether the text may be empty.

    Raises:
        InvalidInputs: When it is written otherwise.
    """
    name, equals, text = given.partition("=")
    if not equals or not name or not (text or empty):
        message = f"{option} {given!r}: write {how}"
        raise InvalidInputs(message)
    return name, text


def _value(workflow: Workflow, name: str, text: str) -> Any:
    declared = workflow.inputs.get(name)
    if declared is None or declared.type == "any":
        value = json_or_text(f"input {name}", text)
        return text if isinstance(value, str) else value
    if declared.type in ("object", "array"):
        value = json_of(f"input {name}", text)
        if not matches(value, declared.type):
            message = f"input {name}: {kind_name(value)} is not usable as {declared.type}"
            raise InvalidInputs(message)
        return value
    try:
        return cast(text, declared.type)
    except ExpressionFailed as error:
        raise InvalidInputs(f"input {name}: {error.message}") from error


def print_findings(findings: Iterable[Finding]) -> None:
    """Findings for a person, one or two lines each, on standard error."""
    for finding in findings:
        place = f"{finding.line}:{finding.column} " if finding.line else ""
        where = ": ".join(filter(None, (f"{place}{finding.path}".strip(), finding.message)))
        say(f"{finding.level:7} {finding.code:26} {where}")
        if finding.hint:
            say(f"{'':34} hint: {finding.hint}")


def counted(findings: Iterable[Finding]) -> str:
    """`2 errors, 1 warning`."""
    levels = [finding.level for finding in findings]
    numbers = {"error": levels.count("error"), "warning": levels.count("warning")}
    return ", ".join(f"{number} {level}{'s' * (number != 1)}" for level, number in numbers.items())
