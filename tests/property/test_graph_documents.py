"""No document makes loading fall over, and what it accepts can be stored and run."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import msgspec
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from runfold.graph.differences import differences
from runfold.graph.kinds import all_kinds
from runfold.graph.loader import (
    canonical_bytes,
    load_workflow,
    prepare,
    workflow_from_canonical,
)
from runfold.graph.plan.plan import compile_plan
from runfold.graph.scope import scope_of

EXAMPLES = [
    yaml.safe_load(path.read_text())
    for path in sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))
]
KINDS = [kind.type for kind in all_kinds()]
IDS = st.sampled_from(["a", "b", "c", "item", "sys", ""])
TEMPLATES = st.sampled_from(
    ["{{a.output}}", "{{x}}", "{{ x | }}", "{{", "{% for a in x %}", "{{secrets.K}}", "{{b.zz[0]}}"]
)
WORDS = st.sampled_from(
    [
        *("id", "nodes", "edges", "config", "type", "error", "strategy", "retry", "prompt"),
        *("items", "branches", "condition", "and", "operator", "left", "ref", "output", "outputs"),
        *("true_next", "timeout", "duration", "until", "inputs", "default", "enum", "source"),
        *("loop", "true", "null", "1h", "-1", "nan", "else", "a.b", "context['a']"),
    ]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(1 << 63), (1 << 63) - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=6)
    | WORDS
    | TEMPLATES
)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(WORDS | st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)
ODD = st.recursive(
    SCALARS | st.integers() | st.floats() | st.sampled_from(["\ud800", frozenset({1}), b"x"]),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=6,
)
GOOD: dict[str, dict[str, Any]] = {
    "answer": {"answer": "{{x}}"},
    "code": {"code": "result = context['x']"},
    "condition": {"condition": {"left": "{{x}}", "operator": "is_true"}},
    "http_request": {"url": "{{x}}"},
    "human_review": {"message": "{{x}}"},
    "json_parse": {"input": "{{x}}"},
    "json_stringify": {"input": "{{x}}"},
    "llm": {"prompt": "{{x}}"},
    "loop": {"items": "{{x}}", "prompt": "{{item}}"},
    "selector": {"branches": [{"id": "p", "condition": "{{x}} > 1"}]},
    "template": {"template": "{{x}}"},
    "text": {"operation": "upper", "input": "{{x}}"},
    "wait": {"duration": "{{x}}"},
}
FIELDS = sorted({field for kind in all_kinds() for field in kind.config.__struct_fields__})
CONFIGS = st.dictionaries(st.sampled_from([*FIELDS, "error", "true_next"]), JSON, max_size=5)
EDGES = st.lists(
    st.fixed_dictionaries({"source": IDS, "target": IDS}, optional={"port": WORDS | JSON}) | JSON,
    max_size=4,
)


def _nodes(configs: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    keys = {"config": configs, "retry": JSON, "timeout": JSON, "on_error": JSON, "name": JSON}
    shape = {"id": IDS, "type": st.sampled_from(KINDS)}
    return st.lists(st.fixed_dictionaries(shape, optional=keys) | JSON, max_size=4)


LOOPS = st.fixed_dictionaries(
    {"items": JSON},
    optional={"nodes": _nodes(CONFIGS), "edges": EDGES, "prompt": JSON, "output": JSON},
)
DOCUMENTS = st.fixed_dictionaries(
    {"id": st.just("w"), "nodes": _nodes(CONFIGS | LOOPS | JSON)},
    optional={"edges": EDGES, "inputs": JSON, "variables": JSON, "settings": JSON, "name": JSON},
)


def sound_or_refused(source: Any) -> None:
    """Findings, never an exception; without an error the workflow is fit for everything."""
    loaded = load_workflow(source)
    for finding in loaded.findings:
        assert finding.code
        assert finding.message
        json.dumps([finding.path, finding.message, finding.hint]).encode()
    workflow = loaded.workflow
    if workflow is not None:  # an editor shows these of a document with mistakes as well
        msgspec.json.encode(scope_of(workflow))
        differences(workflow, workflow)
    if any(finding.level == "error" for finding in loaded.findings):
        return
    assert workflow is not None
    compile_plan(workflow)
    stored = canonical_bytes(workflow)
    assert workflow_from_canonical(stored) == workflow
    assert canonical_bytes(prepare(stored)[0]) == stored


@given(JSON | ODD)
@settings(max_examples=120, deadline=None)
def test_any_value(value: Any) -> None:
    sound_or_refused(value if isinstance(value, dict) else {"id": "w", "nodes": value})


@given(DOCUMENTS)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_looks_like_a_workflow(document: dict[str, Any]) -> None:
    sound_or_refused(document)


@st.composite
def nearly_good(draw: st.DrawFn) -> dict[str, Any]:
    """A chain of sound nodes, of which a few settings are replaced or added."""
    kinds = draw(st.lists(st.sampled_from(all_kinds()), min_size=1, max_size=4))
    nodes = [
        {"id": "abcd"[at], "type": kind.type, "config": copy.deepcopy(GOOD.get(kind.type, {}))}
        for at, kind in enumerate(kinds)
    ]
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(nodes) - 1))
        fields = kinds[at].config.__struct_fields__
        if fields:
            nodes[at]["config"][draw(st.sampled_from(fields))] = draw(JSON)
    document = {"id": "w", "inputs": {"x": "any"}, "nodes": nodes}
    edges = st.lists(st.fixed_dictionaries({"source": IDS, "target": IDS}), max_size=3)
    if not draw(st.integers(0, 3)):
        document["edges"] = draw(edges)
    return document


@given(nearly_good())
@settings(max_examples=300, deadline=None)
def test_sound_nodes_of_which_some_settings_were_changed(document: dict[str, Any]) -> None:
    sound_or_refused(document)


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    """An example with a few of its values, keys or members changed."""
    document = copy.deepcopy(draw(st.sampled_from(EXAMPLES)))
    for _ in range(draw(st.integers(1, 3))):
        holder: Any = document
        while True:
            places = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
            if not places:
                break
            place = draw(st.sampled_from(places))
            inner = holder[place]
            if isinstance(inner, dict | list) and draw(st.integers(0, 3)):
                holder = inner
                continue
            match draw(st.sampled_from(["replace", "remove", "rename", "wrap"])):
                case "remove":
                    del holder[place]
                case "rename" if isinstance(holder, dict):
                    holder[draw(WORDS)] = holder.pop(place)
                case "wrap":
                    holder[place] = [inner]
                case _:
                    holder[place] = draw(JSON)
            break
    return document


@given(mutated())
@settings(max_examples=180, deadline=None)
def test_an_example_that_was_changed(document: dict[str, Any]) -> None:
    sound_or_refused(document)


@given(mutated(), st.data())
@settings(max_examples=60, deadline=None)
def test_text_that_was_changed(document: dict[str, Any], data: st.DataObject) -> None:
    text = yaml.safe_dump(document) if data.draw(st.booleans()) else json.dumps(document)
    at = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(at, min(len(text), at + 20)))
    sound_or_refused(text[:at] + data.draw(st.text(max_size=4)) + text[end:])


YAML_PIECES = st.sampled_from(
    [
        *(
            "id: w\n",
            "nodes:\n",
            "- ",
            "  ",
            "{",
            "}",
            "[",
            "]",
            ": ",
            ",",
            "\n",
            "&a ",
            "*a",
            "<<: ",
        ),
        *(
            "!!int ",
            "!!bool ",
            "!!set ",
            "!!binary ",
            "!!timestamp ",
            "!!merge ",
            "!x ",
            "? ",
            "|\n",
        ),
        *(
            "'",
            '"',
            "#",
            "%",
            "---\n",
            "...\n",
            "a",
            "id",
            "noop",
            "type",
            ".nan",
            "1:30",
            "0x",
            "~",
        ),
        *("{id: a, type: noop}", "\t", "\ufeff", "\x00", "\ud800", "\\", "{{x}}", ">-\n"),
    ]
)


@given(st.lists(YAML_PIECES, max_size=14).map("".join) | st.text(max_size=40))
@example("!!bool a")
@example("a: &a {<<: *a}")
@settings(max_examples=300, deadline=None)
def test_any_text(text: str) -> None:
    sound_or_refused(text)


@given(st.binary(max_size=60))
@settings(max_examples=60, deadline=None)
def test_any_bytes(body: bytes) -> None:
    sound_or_refused(body)
