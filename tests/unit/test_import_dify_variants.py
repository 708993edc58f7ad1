"""Documents of Dify that are not as they should be: a definition that loads, and a report."""

from __future__ import annotations

import copy
import itertools
import json
import random
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from runfold.graph.loader import load_workflow
from runfold.importers.dify import IMPORTER
from runfold.importers.importer import Context
from runfold.importers.importing import finished
from tests.support import dify_documents as d

SAMPLES = sorted((Path(__file__).parents[1] / "samples" / "import" / "dify").glob("*.yml"))
ODD: tuple[Any, ...] = (
    *(None, "", 0, -1, 1.5, 1e308, True, [], {}, [None], [[[]]], {"a": None}, "x" * 300),
    *(
        "{{",
        "{{#a.b#}}",
        "{{x}}",
        "{% if %}",
        "名字",
        "..",
        ["sys", "query"],
        ["gone", "x"],
        [1, 2],
    ),
    *({"type": "variable", "value": None}, "a" * 70, "is empty"),
)
LONGEST = 2.0
"""Seconds."""


@cache
def documents() -> list[Any]:
    found = [yaml.safe_load(path.read_text()) for path in SAMPLES]
    return [*found, all_kinds()]


def all_kinds() -> Any:
    """A document with a node of every type and everything that it may say, one after the other."""
    tool = {"provider_id": "google", "provider_type": "builtin", "tool_name": "search"}
    parameters = {
        "query": {"type": "constant", "value": "{{#sys.query#}}"},
        "tools": {"type": "constant", "value": [{**tool, "enabled": True}]},
    }
    nodes = [
        d.start(("q", "text-input", True), ("f", "file", False), ("o", "json_object", False)),
        d.llm("m", ("system", "{{#context#}}"), ("user", "{{#s.q#}}"), vision={"enabled": True}),
        d.node("k", "knowledge-retrieval", dataset_ids=["a"], query_variable_selector=["s", "q"]),
        d.if_else("i", ("true", [d.condition("s.q", "contains", "x"), d.condition("s.f", "in")])),
        d.node("c", "question-classifier", classes=[{"id": "1", "name": "one"}]),
        d.code("p", "def main(a):\n    return {'v': a}\n", {"v": "array[string]"}, {"a": "s.q"}),
        d.template("t", "{{ a | upper }}", variables={"a": "s.q"}),
        d.node("h", "http-request", url="http://x.example/", headers="A: b", body={"type": "json"}),
        d.node("w", "tool", **tool, tool_parameters={"q": {"type": "mixed", "value": "{{#s.q#}}"}}),
        d.node("g", "agent", agent_strategy_name="react", agent_parameters=parameters),
        d.node("x", "parameter-extractor", query=["s", "q"], parameters=[{"name": "n"}]),
        d.node("v", "variable-aggregator", variables=[["s", "q"]]),
        d.assigner("z", d.change("conversation.n", "+=", 1)),
        *d.iteration("p.v", "y.output", error_handle_mode="terminated"),
        {**d.template("y", "{{ a }}", variables={"a": "I.item"}), "parentId": "I"},
        *d.loop(d.condition("L.n", "≥", "2", "number"), n=0),
        d.node("b", "loop-end", "L"),
        d.node("f", "document-extractor", variable_selector=["s", "f"]),
        d.node("l", "list-operator", variable=["p", "v"], limit={"enabled": True, "size": 1}),
        d.node("u", "human-input", user_actions=[{"id": "ok"}], form_content="{{#s.q#}}"),
        d.node("a", "answer", answer="{{#m.text#}} {{{#t.output#}} {{#I.output#}}"),
        d.end(v="m.text", w="x.n"),
        {"id": "note", "type": "custom-note", "data": {"text": "x"}},
    ]
    inner = {"Is", "y", "Ls", "b", "note", "i", "c", "u"}
    line = [node["id"] for node in nodes if node["id"] not in inner]
    edges = [*itertools.pairwise(line), ("Is", "y"), ("Ls", "b")]
    edges += [("s", "i"), ("i", "c", "true"), ("c", "u", "1"), ("u", "e", "ok")]
    variables = [d.variable("n", "number", 1)]
    features = {"opening_statement": "Hi", "file_upload": {"enabled": True}}
    return d.document(
        nodes,
        edges,
        "advanced-chat",
        conversation=variables,
        environment=variables,
        features=features,
    )


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if way:
        yield way
    inner: Any = value.items() if isinstance(value, dict) else ()
    for key, one in enumerate(value) if isinstance(value, list) else inner:
        yield from places(one, (*way, key))


def variant(seed: int) -> Any:
    """A document with a few places left out, overwritten, mixed up or taken from elsewhere."""
    picked = random.Random(seed)
    document = copy.deepcopy(picked.choice(documents()))
    for _ in range(picked.choice((1, 2, 5, 12))):
        way = picked.choice(list(places(document)))
        holder = document
        for step in way[:-1]:
            holder = holder[step]
        match picked.randrange(4):
            case 0:
                del holder[way[-1]]
            case 1 if isinstance(holder, list):
                picked.shuffle(holder)
            case 2:
                keys = list(holder) if isinstance(holder, dict) else range(len(holder))
                holder[way[-1]] = copy.deepcopy(holder[picked.choice(list(keys))])
            case _:
                holder[way[-1]] = copy.deepcopy(picked.choice(ODD))
        if not list(places(document)):
            break
    return document


def written_nodes(document: Any) -> list[Any]:
    for name in ("workflow", "graph", "nodes"):
        document = document.get(name) if isinstance(document, dict) else None
    return document if isinstance(document, list) else []


@pytest.mark.parametrize("seeds", [range(at, at + 25) for at in range(0, 100, 25)])
def test_a_document_that_is_odd_becomes_a_definition_and_a_report(seeds: range) -> None:
    for seed in seeds:
        document = variant(seed)
        IMPORTER.recognises(document)
        begun = time.monotonic()
        made = finished(IMPORTER.read(document, Context(name="odd")), json.dumps(document))
        assert time.monotonic() - begun < LONGEST, seed
        loaded = load_workflow({k: v for k, v in made.definition.items() if k != "origin"})
        assert not [one for one in loaded.findings if one.level == "error"], seed
        lines = [line for line in made.report if line.type != "document"]
        assert len(lines) == len(written_nodes(document)), seed


def test_all_kinds_come_in_without_mending() -> None:
    made = IMPORTER.read(all_kinds(), Context(name="all"))
    definition = {key: value for key, value in made.definition.items() if key != "origin"}
    assert not [one for one in load_workflow(definition).findings if one.level == "error"]
    assert made.status == "approximated"
    assert {line.node for line in made.report if line.result != "mapped"} == {"k", "w", "g"}
