"""Definitions written for Dify: imports that were changed since, and what was never there."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from runfold.errors import InvalidInputs
from runfold.exporters.exporting import export_of
from runfold.graph.loader import load_workflow
from runfold.importers.importing import Options, SourceFile, import_files
from tests.support import dify_documents as d
from tests.support.export_changes import (
    changed_each,
    comes_back,
    differing,
    imported,
    nodes_of,
    plain,
    values_in,
)
from tests.unit.test_import_dify_variants import all_kinds, variant

SAMPLES = sorted((Path(__file__).parents[1] / "samples" / "import" / "dify").glob("*.yml"))
EXAMPLES = Path(__file__).parents[2] / "examples"
NATIVE = """
id: triage
name: Triage
inputs:
  text: {type: string, required: true, description: What was said}
  limit: {type: integer, default: 3}
nodes:
  - {id: start, type: start}
  - id: words
    type: code
    config:
      params: {text: "{{text}}", limit: "{{limit}}"}
      outputs: {words: {type: array, items: string}, count: number}
      code: |
        def main(params):
            words = params["text"].split()[: int(params["limit"])]
            return {"words": words, "count": len(words)}
  - id: enough
    type: condition
    config: {condition: {left: "{{words.count}}", operator: ">=", right: 2}}
  - id: each
    type: iteration
    config:
      items: "{{words.words}}"
      nodes:
        - {id: shout, type: template, config: {template: "{{item|upper}}!"}}
      output: "{{shout.output}}"
  - {id: joined, type: template, config: {template: "{{each.output|join(' ')}} of {{start.text}}"}}
  - {id: short, type: template, config: {template: "too short: {{text}}"}}
  - {id: told, type: aggregate, config: {values: ["{{joined.output}}", "{{short.output}}"]}}
  - {id: end, type: end, config: {outputs: {told: "{{told.output}}", count: "{{words.count}}"}}}
edges:
  - {source: start, target: words}
  - {source: words, target: enough}
  - {source: enough, target: each, port: "true"}
  - {source: each, target: joined}
  - {source: enough, target: short, port: "false"}
  - {source: joined, target: told}
  - {source: short, target: told}
  - {source: told, target: end}
"""


def change(node: Any) -> bool:  # noqa: PLR0912 -- a line or two for each kind
    """Change one setting of a node, as an author would; whether there is one to change."""
    config = node["config"]
    match node["type"]:
        case "llm":
            config["messages"][-1]["content"] += " In {{sys.user_id}}'s words."
        case "intent" | "extract":
            config["instructions"] = config.get("instructions", "") + " Be brief."
        case "code":
            config["code"] += "\n# changed\n"
        case "template":
            config["template"] += " {{ 'and' | upper }} more"
        case "answer":
            config["answer"] += " and more"
        case "http_request":
            config["headers"] = {**config.get("headers", {}), "X-More": "yes"}
        case "end":
            config["outputs"]["more"] = next(iter(config["outputs"].values()))
        case "list":
            config["limit"] = 3
        case "loop":
            config["count"] = 7
        case "iteration":
            config["concurrency"] = 5
        case "selector":
            config["branches"][0]["condition"] = {"or": [{**_first(config), "operator": "is_not"}]}
        case "aggregate" if len(config.get("values", ())) > 1:
            config["values"] = config["values"][::-1]
        case "assign":
            config["assignments"].append(config["assignments"][0])
        case _:
            return False
    return True


def _first(config: Any) -> Any:
    condition = config["branches"][0]["condition"]
    return next(iter(condition.values()))[0]


def documents() -> list[Any]:
    found = [pytest.param(path.read_text(), id=path.stem) for path in SAMPLES]
    return [*found, pytest.param(json.dumps(all_kinds()), id="all")]


OF_IMPORTS = ("message_files",)
"""Nodes that an import adds."""


@pytest.mark.parametrize("text", documents())
def test_one_change_is_all_that_differs_when_a_document_is_exported(text: str) -> None:
    definition = imported(text)
    assert export_of(definition, "dify").document == text
    tried = 0
    for node_id, now in changed_each(definition, change):
        if node_id in OF_IMPORTS:
            continue
        tried += 1
        made = comes_back(now, "dify")
        assert [(one.node, one.result) for one in made.report if one.result != "kept"] == [
            (definition["origin"]["nodes"][node_id], "written")
        ]
        places = differing(values_in(text), values_in(made.document))
        assert places
        assert len({place.split("/data/")[0] for place in places}) == 1  # one node of the document
        assert all("/data/" in place for place in places)
    assert tried >= 3


def test_nodes_and_edges_come_and_go() -> None:
    text = SAMPLES[1].read_text()
    definition = imported(text)
    first = definition["nodes"][0]["id"]
    after = next(one["target"] for one in definition["edges"] if one["source"] == first)
    noted = {"id": "noted", "type": "template", "name": "Noted", "profile": "dify"}
    note = {"template": "{% set a = " + first + ".orders|default(none) %}{{ a }}"}
    definition["nodes"].append({**noted, "config": note, "position": {"x": 1, "y": 2}})
    definition["edges"] = [
        one for one in definition["edges"] if (one["source"], one["target"]) != (first, after)
    ]
    definition["edges"] += [
        {"source": first, "target": "noted"},
        {"source": "noted", "target": after},
    ]
    again = imported(export_of(definition, "dify").document)
    ends = {(one["source"], one["target"], one.get("port")) for one in again["edges"]}
    assert ends == {(one["source"], one["target"], one.get("port")) for one in definition["edges"]}
    assert {one["id"]: one for one in again["nodes"]} == {
        one["id"]: one for one in definition["nodes"]
    }
    definition["nodes"].pop()
    definition["edges"] = [one for one in definition["edges"] if "noted" not in one.values()]
    definition["edges"].append({"source": first, "target": after})
    gone = export_of(definition, "dify")
    assert differing(values_in(text), values_in(gone.document)) in ([], ["/workflow/graph/edges"])
    assert "noted" not in gone.document


def test_declarations_and_inputs_are_written() -> None:
    definition = imported(SAMPLES[0].read_text())
    definition["name"] = "Other"
    definition["environment"] = {**definition.get("environment", {}), "region": "north"}
    definition["conversation"] = {**definition.get("conversation", {}), "count": 3}
    colours = ["red", "blue"]
    definition["inputs"]["colour"] = {
        "type": "string",
        "lenient": True,
        "enum": colours,
        "required": True,
    }
    start = definition["nodes"][0]
    assert start["type"] == "values"
    start["config"]["outputs"]["colour"] = "{{colour}}"
    made = export_of(definition, "dify")
    again = imported(made.document)
    assert again["name"] == "Other"
    for key in ("environment", "conversation", "inputs", "nodes", "edges"):
        assert again[key] == definition[key]


def test_a_definition_that_was_never_there_is_written_whole() -> None:
    document = values_in(NATIVE)
    made = export_of(document, "dify")
    assert {line.result for line in made.report} == {"written"}
    again = imported(made.document)
    assert not [one for one in load_workflow(plain(again)).findings if one.level == "error"]
    assert [one["type"] for one in nodes_of(again)] == [
        *("values", "code", "selector", "iteration", "template", "template", "aggregate", "end"),
        "template",
    ]
    shout = next(one for one in nodes_of(again) if one["id"] == "shout")
    template = shout["config"]["template"]  # a variable that is called as what it is set to
    assert template == "{% set item = _.item|default(none) %}{{item|upper}}!"
    graph = values_in(made.document)["workflow"]["graph"]
    data = {one["id"]: one["data"] for one in graph["nodes"]}
    assert data["words"]["outputs"]["words"] == {"type": "array[string]", "children": None}
    assert data["words"]["code"].endswith(
        "def main(text, limit):\n    return _main({'text': text, 'limit': limit})\n"
    )
    assert data["each"]["output_selector"] == ["shout", "output"]
    assert data["shout"]["variables"] == [{"variable": "item", "value_selector": ["each", "item"]}]
    ends = [(one["source"], one["sourceHandle"], one["target"]) for one in graph["edges"]]
    assert ("eachstart", "source", "shout") in ends
    assert ("enough", "false", "short") in ends


def test_an_example_is_written_for_dify_whole() -> None:
    text = (EXAMPLES / "parallel_fan_in.yaml").read_text()
    made = export_of(values_in(text), "dify")
    assert {line.result for line in made.report} == {"written"}
    assert values_in(made.document)["app"]["mode"] == "workflow"
    types = [one["type"] for one in imported(made.document)["nodes"]]
    assert types == ["values", "llm", "llm", "code", "template", "end"]


def test_what_dify_does_not_have_is_refused_by_name_or_left_out() -> None:
    document = values_in(NATIVE)
    document["nodes"][5]["config"]["template"] = "{{words.output}}"
    ask = {"id": "ask", "type": "question", "config": {"question": "Really?"}}
    document["nodes"].append(ask)
    document["edges"].append({"source": "told", "target": "ask"})
    with pytest.raises(InvalidInputs) as caught:
        export_of(document, "dify")
    assert caught.value.code == "export.not_mappable"
    assert [one["node"] for one in caught.value.details["nodes"]] == ["short", "ask"]
    made = export_of(document, "dify", partial=True)
    assert [one.node for one in made.report if one.result == "not_exported"] == ["short", "ask"]
    graph = values_in(made.document)["workflow"]["graph"]
    assert not [one for one in graph["nodes"] if one["id"] in ("short", "ask")]
    assert not [one for one in graph["edges"] if {one["source"], one["target"]} & {"short", "ask"}]


@pytest.mark.parametrize(
    ("node", "why"),
    [
        (("llm", {"prompt": "{{text|upper}} {{words.output}}"}), "do not give what `words.output`"),
        (("code", {"code": "result = 1"}), "a function `main`"),
        (("selector", {"branches": [{"id": "a", "condition": "1 > 0"}]}), "no expressions"),
        (("aggregate", {"values": ["{{text}}"], "mode": "collect"}), "the first value"),
        (("loop", {"items": "{{words.words}}", "prompt": "{{item}}"}), "a number of rounds"),
        (("http_request", {"url": "{{text}}", "body": "x", "body_type": "base64"}), "no body"),
        (("end", {"outputs": {"a": "text and {{text}}"}}), "nothing but a reference"),
    ],
)
def test_a_setting_without_a_counterpart_is_named(node: Any, why: str) -> None:
    document = values_in(NATIVE)
    type_, config = node
    document["nodes"].append({"id": "odd", "type": type_, "config": config})
    document["edges"].append({"source": "told", "target": "odd"})
    try:
        made = export_of(document, "dify", partial=True)
    except InvalidInputs as error:  # a definition that is not sound
        raise AssertionError(error.message) from error
    said = next(one for one in made.report if one.node == "odd")
    assert said.result == "not_exported"
    assert why in said.reason


def test_a_model_that_was_mapped_keeps_its_name_in_the_document() -> None:
    nodes = [d.start(("q", "text-input", True)), d.llm("m", ("user", "{{#s.q#}}"))]
    nodes[1]["data"]["model"] = {"provider": "openai", "name": "gpt-4o", "completion_params": {}}
    text = json.dumps(d.document(nodes, [("s", "m")]))
    options = Options(models={"gpt-4o": "local/llama"})
    definition = import_files([SourceFile("a", text.encode())], options)[0].definition  # type: ignore[union-attr]
    asked = next(one for one in definition["nodes"] if one["type"] == "llm")
    assert asked["config"]["model"] == "local/llama"
    asked["config"]["messages"][0]["content"] = "Say {{s.q}}"
    made = values_in(export_of(definition, "dify").document)["workflow"]["graph"]["nodes"][1]
    assert made["data"]["model"]["name"] == "gpt-4o"
    assert made["data"]["prompt_template"] == [{"role": "user", "text": "Say {{#s.q#}}"}]


@pytest.mark.parametrize("seeds", [range(at, at + 12) for at in range(0, 24, 12)])
def test_odd_documents_are_exported_or_refused(seeds: range) -> None:
    for seed in seeds:
        text = json.dumps(variant(seed))
        try:
            definition = imported(text)
        except AssertionError:
            continue  # no workflow any more
        if definition.get("origin", {}).get("format") != "dify":
            continue
        assert export_of(definition, "dify").document == text
        now = copy.deepcopy(definition)
        for node in nodes_of(now):
            node["name"] = "Renamed"
        made = export_of(now, "dify", partial=True)
        assert imported(made.document)
