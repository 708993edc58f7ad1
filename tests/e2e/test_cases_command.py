"""`runfold test`: cases in a workflow's file are run, compared and recorded."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from runfold.cases.comparing import differences
from runfold.cases.document import Case, Expected, cases_of
from runfold.cases.recording import with_cases
from runfold.engine.views.runs import RunView
from runfold.errors import InvalidInputs
from runfold.graph.reading.yaml_text import yaml_value

FLOW = """\
# kept
id: tested
inputs: {topic: {type: string, required: true}}
nodes:
  - {id: outline, type: llm, config: {model: m, prompt: "Outline {{topic}}"}}  # kept too
  - {id: ask, type: human_review, config: {message: "Good?"}}
  - {id: out, type: end, config: {outputs: {text: "{{outline.output | upper}}"}}}
edges:
  - {source: outline, target: ask}
  - {source: ask, target: out, port: approved}
"""
CASES = """\
tests:
  - name: holds
    inputs: {topic: tea}
    replies: {outline: an outline}
    answers: {ask: approved}
    expect: {outputs: {text: AN OUTLINE}, nodes: {outline: {output: an outline}}}
  - name: other text
    inputs: {topic: tea}
    replies: {outline: another}
    answers: {ask: approved}
    expect: {outputs: {text: AN OUTLINE}}
  - name: fails as it should
    inputs: {topic: tea}
    replies: {outline: {error: {message: busy, kind: input}}}
    expect: {status: failed, error: busy}
  - name: nobody answers
    inputs: {topic: tea}
    replies: {outline: an outline}
# the end
"""


def command(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "runfold", "test", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.slow
def test_cases_are_run_and_recorded(tmp_path: Path) -> None:
    path = tmp_path / "flow.yaml"
    path.write_text(FLOW + CASES)
    done = command("flow.yaml", "--json", folder=tmp_path)
    assert done.returncode == 1, done.stderr
    told = json.loads(done.stdout)["cases"]
    assert [one["passed"] for one in told] == [True, False, True, False]
    assert told[1]["differences"] == ['outputs.text: "ANOTHER", not "AN OUTLINE"']
    assert "ask waits for an answer" in told[3]["differences"][0]

    done = command("flow.yaml", "--record", "--demo-model", "--case", "holds", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    text = path.read_text()
    assert text.startswith(FLOW)
    assert text.endswith("# the end\n")
    held = command("flow.yaml", "--case", "holds", folder=tmp_path)
    assert (held.returncode, held.stdout) == (0, "passed  flow.yaml: holds\n"), held.stderr


@pytest.mark.slow
def test_a_workflow_without_inputs_is_recorded_as_it_is(tmp_path: Path) -> None:
    flow = "id: w\nnodes: [{id: t, type: template, config: {template: hi}}]\n"
    (tmp_path / "flow.yaml").write_text(flow)
    done = command("flow.yaml", "--record", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    held = command("flow.yaml", folder=tmp_path)
    assert (held.returncode, held.stdout) == (0, "passed  flow.yaml: recorded 1\n"), held.stderr


def test_nothing_is_run_of_what_cannot_be_recorded(tmp_path: Path) -> None:
    node = {"name": "T", "type": "n8n-nodes-base.manualTrigger", "parameters": {}}
    (tmp_path / "flow.json").write_text(json.dumps({"nodes": [node], "connections": {}}))
    done = command("flow.json", "--record", folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "runfold import FILE" in done.stderr


@pytest.mark.parametrize(
    ("cases", "place"),
    [
        ({"a": 1}, "tests"),
        ([{"nme": "x"}], "nme"),
        ([{"inputs": []}], "tests[0].inputs"),
        ([{"expect": {"nodes": {"a": 1}}}], "tests[0].expect.nodes"),
    ],
)
def test_cases_that_cannot_be_read_are_refused_with_their_place(cases: Any, place: str) -> None:
    with pytest.raises(InvalidInputs, match=place.replace("[", r"\[").replace("]", r"\]")):
        cases_of({"tests": cases})


@pytest.mark.parametrize("text", [FLOW, FLOW + CASES, FLOW + "tests: []\n", FLOW.rstrip("\n")])
def test_cases_are_written_where_they_stand_and_nothing_else_changes(text: str) -> None:
    case = Case("multi\nline", {"topic": "yes"}, expect=Expected(outputs={"n": 1.5, "t": "0o17"}))
    written = with_cases(text, [case])
    before = yaml_value(text, max_depth=90, max_values=9999)
    after = yaml_value(written, max_depth=90, max_values=9999)
    assert cases_of(after) == (case,)
    assert {**after, "tests": None} == {**before, "tests": None}
    assert with_cases(written, [case]) == written
    assert "# kept too" in written


def test_pinned_data_is_expected_or_stands_for_what_cannot_run() -> None:
    items = [{"json": {"a": 1}}]
    document = {
        "nodes": [{"id": "sheet", "type": "placeholder"}, {"id": "set", "type": "items"}],
        "origin": {"pinned": {"sheet": items, "set": items}},
    }
    (case,) = cases_of(document)
    assert case.expect.nodes == {"set": {"items": items}}
    assert case.replies["sheet"]["outputs"]["items"] == items


def test_differences_name_the_place() -> None:
    view = convert({"outputs": {"a": [1, {"b": 1}], "d": 2}}, RunView)
    found = differences(Expected(outputs={"a": [1, {"b": True}], "c": 1}), view)
    assert found == [
        "outputs.a[1].b: 1, not true",
        "outputs.c: nothing, not 1",
        "outputs.d: 2, not nothing",
    ]


def test_items_are_compared_without_what_links_them() -> None:
    given = [{"json": {"a": 1}, "pairedItem": {"item": 0}}, {"json": {"a": 2}}]
    node = {"address": "set", "node_id": "set", "scope": "", "status": "succeeded"}
    node |= {"type": "items", "attempt": 1, "outputs": {"items": given}}
    view = convert({"outputs": {}, "nodes": [node]}, RunView)
    same: list[Any] = [{"json": {"a": 1}}, {"json": {"a": 2}}]
    assert not differences(Expected(nodes={"set": {"items": same}}), view)
    linked = [{**same[0], "pairedItem": {"item": 3}}, same[1]]
    assert differences(Expected(nodes={"set": {"items": linked}}), view)


def convert(given: dict[str, Any], of: type[RunView]) -> RunView:
    whole = {"run_id": "r", "workflow_id": "w", "version": "1", "status": "succeeded"}
    whole |= {"inputs": {}, "error": None, "error_node": "", "usage": {}, "started_at": 0.0}
    whole |= {"finished_at": 1.0, "last_seq": 1, "nodes": []}
    return msgspec.convert({**whole, **given}, of)
