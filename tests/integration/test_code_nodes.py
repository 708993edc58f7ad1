"""Code nodes in whole runs: what they are given by other nodes, and the examples of their page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from runfold.graph.loader import load_workflow
from runfold.model_servers.demo.server import DemoModel
from tests.support.stack import CORE, running

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "nodes" / "code.md"
OUTPUTS = {"kept": "{{keep_active.kept}}", "count": "{{keep_active.count}}"}
RECORDS = [{"id": 1, "status": "active"}, {"id": 2}, {"id": 3, "status": "gone"}]


async def test_the_pages_examples_come_to_the_same_in_both_languages() -> None:
    examples = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert len(examples) > 1
    async with running() as here:
        for number, example in enumerate(examples):
            (node,) = yaml.safe_load(example)
            workflow = {
                "id": f"example-{number}",
                "nodes": [node, {"id": "done", "type": "end", "config": {"outputs": OUTPUTS}}],
                "edges": [{"from": "keep_active", "to": "done"}],
                "inputs": {"records": {"type": "array"}},
            }
            view, _ = await here.run(yaml.safe_dump(workflow), {"records": RECORDS})
            assert view.outputs == {"kept": RECORDS[:1], "count": 1}


CHAIN = """
id: chain
inputs: {topic: {type: string}}
nodes:
  - id: make
    type: code
    config:
      language: javascript
      code: |
        result = {words: context.topic.split(' '), unused: 'x'}
  - id: tool
    type: code
    config:
      language: javascript
      params: "{{make.output}}"
      code: |
        function main({words}) {
          return {longest: words.toSorted((a, b) => b.length - a.length)[0]}
        }
  - id: end_text
    type: code
    config:
      code: result = context['tool']['longest'].upper()
  - {id: done, type: end, config: {outputs: {text: "{{end_text.output}}"}}}
edges: [{from: make, to: tool}, {from: tool, to: end_text}, {from: end_text, to: done}]
"""


async def test_programs_read_what_others_gave() -> None:
    async with running() as here:
        view, _ = await here.run(CHAIN, {"topic": "green tea leaves"})
        assert view.outputs == {"text": "LEAVES"}


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("result = context.nowhere.output", "nowhere"),
        ("result = context['later']", "later"),
    ],
)
def test_a_reference_of_a_program_is_checked(code: str, message: str) -> None:
    nodes = [
        {"id": "first", "type": "code", "config": {"language": "javascript", "code": code}},
        {"id": "later", "type": "noop"},
    ]
    edges = [{"from": "first", "to": "later"}]
    document = {"id": "w", "inputs": {}, "nodes": nodes, "edges": edges}
    found = load_workflow(yaml.safe_dump(document)).findings
    assert [message in finding.message for finding in found] == [True]


async def test_a_function_in_javascript_is_a_tool_of_an_agent() -> None:
    tool = {
        "type": "code",
        "name": "divide",
        "parameters": {"a": {"type": "number"}, "b": {"type": "number"}},
        "config": {
            "language": "javascript",
            "code": "function main({a, b}) {\n"
            "  if (!b) throw new RangeError(`${a} / nothing`);\n  return {output: a / b};\n}",
        },
    }
    calls = [[{"name": "divide", "arguments": {"a": 6, "b": 2}}]]
    calls += [[{"name": "divide", "arguments": {"a": 6, "b": 0}}]]
    config = {"prompt": "Divide.", "model": "demo", "tools": [tool]}
    config |= {"extra": {"runfold_demo": {"calls": calls}}}
    document = {"id": "w", "nodes": [{"id": "helper", "type": "agent", "config": config}]}
    async with (
        DemoModel(interval=0) as model,
        running((*CORE, "executor-llm"), model_url=model.base_url) as stack,
    ):
        view, _ = await stack.run(document)
    assert view.status == "succeeded", view.error
    (helper,) = [node for node in view.nodes if node.address == "helper"]
    first, second = helper.outputs["tool_calls"]
    assert first["output"] == "3"
    assert "line 2: RangeError: 6 / nothing" in str(second)
