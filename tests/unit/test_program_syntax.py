"""Programs that no parser reads are found before they are run, and nothing of them is run."""

from __future__ import annotations

import json
from typing import Any

import pytest

from runfold.importers.importing import SourceFile, import_files
from runfold.importers.report import Imported
from runfold.values.program_syntax import syntax_problem
from tests.support import dify_documents as d


@pytest.mark.parametrize(
    "code",
    [
        "function main({a}) {\n  return {b: a?.c ?? 1}\n}",
        "const x = await items(); return x",
        "}); for (;;) {} (function () {",
        "async function main({ params }: Args): Promise<Output> { return {a: 1}; }",
        "// nothing",
        "(" * 100_000,
    ],
)
def test_javascript_that_is_read(code: str) -> None:
    assert syntax_problem(code, "javascript") == ""


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("function main( { return {", 1),
        ("let a = 1;\nlet a = 2;", 2),
        ("a = {\n  b: 1,,\n}", 2),
        ("return `${", 1),
    ],
)
def test_javascript_that_is_not(code: str, line: int) -> None:
    assert syntax_problem(code, "javascript").startswith(f"line {line}: ")


@pytest.mark.parametrize("code", ["return _items", "x = await y", "def main():\n    pass", "#"])
def test_python_that_is_read(code: str) -> None:
    assert syntax_problem(code, "python") == ""


@pytest.mark.parametrize(
    ("code", "line"), [("def main(:\n    return 1", 1), ("def f():\nreturn 1", 2), ("  x = 1", 1)]
)
def test_python_that_is_not(code: str, line: int) -> None:
    assert syntax_problem(code, "python").startswith(f"line {line}: ")


def reported(document: dict[str, Any]) -> dict[str, tuple[str, str]]:
    one = import_files([SourceFile("x", json.dumps(document).encode())])[0]
    assert isinstance(one, Imported)
    return {line.node: (line.result, line.reason) for line in one.report}


def test_an_import_says_which_programs_cannot_be_read_and_keeps_them() -> None:
    python = d.code("p", "def main(:\n    return {}", {})
    script = d.code("j", "function main( {", {}, code_language="javascript")
    document = d.document([d.start(), python, script], [("s", "p"), ("p", "j")])
    lines = reported(document)
    assert lines["p"][0] == lines["j"][0] == "approximated"
    assert lines["p"][1].startswith("its program cannot be read as Python: line 1: ")
    assert lines["j"][1].startswith("its program cannot be read as JavaScript: line 1: ")


def test_programs_over_items_are_read_too() -> None:
    def step(name: str, kind: str, **parameters: str) -> dict[str, Any]:
        return {
            "id": name,
            "name": name,
            "type": f"n8n-nodes-base.{kind}",
            "typeVersion": 1,
            "position": [0, 0],
            "parameters": parameters,
        }

    to = [{"node": "C", "type": "main", "index": 0}]
    document = {
        "nodes": [step("T", "manualTrigger"), step("C", "code", jsCode="return [{json: 1}")],
        "connections": {"T": {"main": [to]}},
    }
    result, reason = reported(document)["C"]
    assert (result, "line 1: " in reason) == ("approximated", True)
