"""The canvas that a guide to Coze Plus prints, and each node that it prints by itself."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from typing import Any

import pytest

from runfold.graph.loader import load_workflow, prepare
from runfold.graph.plan.plan import compile_plan
from runfold.importers.coze_plus import IMPORTER
from runfold.importers.coze_plus.kinds import KINDS
from runfold.importers.importer import Context
from runfold.importers.importing import finished
from tests.support.engine_sim import Sim, succeed
from tests.support.printed_snippets import snippets

GUIDE = Path(__file__).parents[3] / "shared" / "seeds" / "000_c01c5da96aea38ef.txt"
needs_guide = pytest.mark.skipif(not GUIDE.exists(), reason="the guide is not there")


def errors(imported: Any) -> list[Any]:
    definition = {key: value for key, value in imported.definition.items() if key != "origin"}
    return [one for one in load_workflow(definition).findings if one.level == "error"]


def read(document: Any, **context: Any) -> Any:
    assert IMPORTER.recognises(document)
    return IMPORTER.read(document, Context(name="printed", **context))


@needs_guide
def test_every_node_that_the_guide_prints_is_read() -> None:
    found = list(snippets(GUIDE.read_text(), "node_type"))
    assert len(found) == 12
    for snippet in found:
        imported = read(snippet)
        assert not errors(imported)
        assert [line.result for line in imported.report] != ["unsupported"]


@needs_guide
def test_every_type_that_the_guide_names_is_known() -> None:
    text = GUIDE.read_text()
    assert [name for name in KINDS if name not in ("Start", "End", "If") and name not in text] == []
    printed = {snippet["node_type"] for snippet in snippets(text, "node_type")}
    assert printed <= set(KINDS)


def canvas(*nodes: dict[str, Any], edges: tuple[tuple[str, str, str], ...] = ()) -> dict[str, Any]:
    listed = [{"source": one, "target": to, "sourcePort": port} for one, to, port in edges]
    return {"nodes": list(nodes), "edges": listed}


def node(key: str, type_: str, **inputs: Any) -> dict[str, Any]:
    return {"key": key, "type": type_, "data": {"inputs": inputs}, "position": {"x": 1, "y": 2}}


def ref(key: str, path: str) -> dict[str, Any]:
    return {"ref": {"from_node_key": key, "from_path": path}}


@pytest.mark.parametrize(("priority", "said"), [(9, "high"), (6, "middle"), (1, "low")])
def test_a_selector_goes_on_where_the_guide_says(priority: int, said: str) -> None:
    branches = [
        {
            "name": name,
            "condition": {"field": ref("in", "priority"), "operator": ">=", "value": least},
            "port": port,
        }
        for name, least, port in (("high", 8, "branch_1"), ("middle", 5, "branch_2"))
    ]
    document = canvas(
        node("in", "Entry", priority={"type": "number", "required": True}),
        node("which", "Selector", branches=branches, else_port="branch_else"),
        *(node(name, "VariableAssigner", said={"val": name}) for name in ("high", "middle", "low")),
        node("out", "Exit", said=ref("either", "output"), at=ref("in", "priority")),
        node(
            "either",
            "VariableAggregator",
            variables=[{"ref": {"from_node_key": "", "from_path": "said"}}],
        ),
        edges=(
            ("in", "which", ""),
            ("which", "high", "branch_1"),
            ("which", "middle", "branch_2"),
            ("which", "low", "branch_else"),
            *((name, "either", "") for name in ("high", "middle", "low")),
            ("either", "out", ""),
        ),
    )
    imported = read(document)
    assert not errors(imported)
    definition = {key: value for key, value in imported.definition.items() if key != "origin"}
    workflow, _ = prepare(definition)
    state = Sim(compile_plan(workflow), succeed, inputs={"priority": priority}).run()
    assert state.outputs == {"said": said, "at": priority}


def test_what_is_no_type_of_the_guide_is_said_with_the_nearest() -> None:
    imported = read(canvas(node("a", "CodeRuner", code={"val": "{{x}}"})))
    assert imported.report[0].result == "unsupported"
    assert "CodeRunner" in imported.report[0].reason
    assert not errors(imported)


def test_a_bound_tool_and_a_known_model_are_taken() -> None:
    written = node(
        "m", "LLM", model_id={"val": "gpt-4"}, prompt={"val": "hi"}, tools={"val": ["t"]}
    )
    bindings = {"t": {"type": "http_request", "config": {"url": "http://x.test"}}}
    imported = read(canvas(written), models={"gpt-4": "local"}, bindings=bindings)
    config = imported.definition["nodes"][0]["config"]
    assert (config["model"], config["tools"][0]["name"]) == ("local", "t")
    assert (imported.status, imported.needs) == ("complete", ())


def all_kinds() -> dict[str, Any]:
    inputs = {"query": ref("n0", "a"), "code": {"val": "result = 1"}, "text": {"val": "{{query}}"}}
    return canvas(*(node(f"n{at}", name, **inputs) for at, name in enumerate(KINDS)))


def test_every_kind_is_read_with_hardly_anything_given() -> None:
    assert not errors(read(all_kinds()))
    assert not errors(read(canvas(*(node(name, name) for name in KINDS))))


@pytest.mark.parametrize("seed", range(100))
def test_a_canvas_that_is_odd_is_read_all_the_same(seed: int) -> None:
    chance = random.Random(seed)
    document: Any = copy.deepcopy(all_kinds())
    odd = [
        None,
        "",
        0,
        -1,
        [],
        {},
        True,
        "{{a}}",
        "{%",
        {"val": None},
        {"ref": None},
        [[]],
        1.5,
        "名",
    ]
    for _ in range(chance.randint(1, 15)):
        where: Any = chance.choice(document["nodes"])
        while isinstance(where, dict) and where and chance.random() < 0.8:
            inner = where[chance.choice(list(where))]
            if not isinstance(inner, dict):
                break
            where = inner
        if isinstance(where, dict) and where:
            where[chance.choice(list(where))] = copy.deepcopy(chance.choice(odd))
    document["nodes"].append(chance.choice(odd))
    imported = finished(IMPORTER.read(document, Context(name="odd")), json.dumps(document))
    assert not errors(imported)
    assert len([line for line in imported.report if line.type != "document"]) == len(
        document["nodes"]
    )
