"""Says of programs that cannot be read that they cannot: they are kept as they were written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from runfold.importers.repair import nodes_in
from runfold.importers.report import Line
from runfold.values.program_syntax import syntax_problem

_OF_ITEMS = {"jsCode": "javascript", "functionCode": "javascript", "pythonCode": "python"}
"""Parameter of an `items` node that has a program → its language."""


def say_unreadable(definition: dict[str, Any], lines: list[Line]) -> None:
    """Say in the report which nodes have a program that fails as soon as it is run.

    Args:
        definition: What an importer made.
        lines: Its report, changed in place.
    """
    sources = definition.get("origin", {}).get("nodes", {})
    for node in nodes_in(definition):
        for code, language in _programs(node):
            if problem := syntax_problem(code, language):
                node_id = str(node.get("id", ""))
                _say(lines, str(sources.get(node_id, node_id)), language, problem)


def _programs(node: dict[str, Any]) -> Iterator[tuple[str, str]]:
    config = node.get("config")
    if not isinstance(config, dict):
        return
    code = config.get("code")
    if node.get("type") == "code" and isinstance(code, str):
        yield code, "javascript" if config.get("language") == "javascript" else "python"
    parameters = config.get("parameters")
    if node.get("type") == "items" and isinstance(parameters, dict):
        for name, language in _OF_ITEMS.items():
            if isinstance(parameters.get(name), str):
                yield parameters[name], language


def _say(lines: list[Line], source: str, language: str, problem: str) -> None:
    said = f"its program cannot be read as {_CALLED[language]}: {problem}"
    for at, line in enumerate(lines):
        if line.node == source and line.result != "unsupported" and said not in line.reason:
            reason = f"{line.reason}; {said}" if line.reason else said
            lines[at] = replace(line, result="approximated", reason=reason)


_CALLED = {"python": "Python", "javascript": "JavaScript"}
