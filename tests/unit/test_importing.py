"""Reading foreign bytes, mending what the checks refuse, binding what is missing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfold.errors import InvalidInputs
from runfold.exporters.exporting import export_of
from runfold.graph.loader import load_workflow
from runfold.graph.reading.yaml_text import yaml_value
from runfold.graph.reading.yaml_writing import yaml_of
from runfold.importers.draft import Draft, placeholder
from runfold.importers.fingerprints import changed
from runfold.importers.importing import Refused, SourceFile, finished, import_files
from runfold.importers.reading import MAX_BYTES, read_value
from runfold.importers.report import Imported


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        ('{"a": "é"}'.encode("utf-16"), {"a": "é"}),
        (b'{"a": "\\ud800"}', {"a": "?"}),
        (b'{"a": NaN, "b": 1e999}', {"a": None, "b": None}),
        (b"a: 1\na: 2", {"a": 2}),
        (b"when: 2024-01-02\nyes: no", {"when": "2024-01-02", "yes": "no"}),
        (b'{"n": 99999999999999999999}', {"n": 1e20}),
        (b'{"a": "caf\xe9"}', {"a": "café"}),
    ],
)
def test_bytes_are_read_as_plain_values(body: bytes, value: Any) -> None:
    assert read_value(body) == value


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"  \n",
        b"{",
        b"[" * 200 + b"]" * 200,
        b"[" * 100_000,
        b"- " * 5000,
        b"a: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
        + b"".join(
            f"{chr(99 + n)}: &{chr(99 + n)} [{','.join(['*' + chr(98 + n)] * 10)}]\n".encode()
            for n in range(8)
        ),
        b"x" * (MAX_BYTES + 1),
        b"\x00\x01\x02",
        b"!!python/object:os.system {}",
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(body: bytes) -> None:
    with pytest.raises(InvalidInputs) as caught:
        read_value(body)
    assert caught.value.code == "import.unreadable"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=8,
    )
)
def test_yaml_that_is_written_is_read_as_the_same_value(value: Any) -> None:
    assert yaml_value(yaml_of({"k": value}), max_depth=90, max_values=1000) == {"k": value}


def test_a_file_that_is_no_workflow_stops_no_other() -> None:
    native = b"id: w\nnodes: [{id: t, type: template, config: {template: hi}}]\n"
    files = [SourceFile("a", b"{"), SourceFile("b", b'{"hello": 1}'), SourceFile("c", native)]
    unreadable, other, imported = import_files(files)
    assert isinstance(unreadable, Refused)
    assert unreadable.error.code == "import.unreadable"
    assert isinstance(other, Refused)
    assert other.error.code == "import.not_a_workflow"
    assert isinstance(imported, Imported)
    assert (imported.format, imported.workflow_id, imported.status) == ("native", "w", "complete")


def made(*nodes: dict[str, Any], edges: list[dict[str, Any]] | None = None) -> Imported:
    draft = Draft("n8n", "w")
    for node in nodes:
        draft.id_of(node["id"])
        draft.line(node["id"], "x")
    draft.definition["nodes"] = list(nodes)
    draft.definition["edges"] = edges or []
    return draft.imported()


def test_a_node_that_the_checks_refuse_becomes_a_placeholder_that_says_why() -> None:
    good = {"id": "good", "type": "values", "config": {"outputs": {}}}
    body = {"items": [1], "nodes": [good | {"id": "in"}, {"id": "odd", "type": "nonsense"}]}
    each = {"id": "each", "type": "iteration", "config": body}
    edges = [
        {"source": "good", "target": "each"},
        {"source": "each", "target": "nowhere"},
    ]
    imported = finished(made(good, each, edges=edges), "the original")
    assert not [f for f in load_workflow(imported.definition).findings if f.level == "error"]
    inner = imported.definition["nodes"][1]["config"]["nodes"]
    assert [node["type"] for node in inner] == ["values", "placeholder"]
    assert imported.definition["edges"] == [{"source": "good", "target": "each"}]
    assert imported.definition["origin"]["document"] == "the original"
    assert imported.definition["origin"]["nodes"] == {"good": "good", "each": "each"}
    assert json.loads(json.dumps(imported.definition))


def test_what_is_unchanged_is_exported_as_it_was() -> None:
    node = {"id": "v", "type": "values", "config": {"outputs": {"a": 1}}}
    text = "# a comment\nkind: app\n"
    definition = finished(made(node), text).definition
    assert export_of(definition, "n8n").document == text
    again = yaml_value(yaml_of(definition), max_depth=90, max_values=9999)
    assert export_of({**again, "tests": [], "labels": {"a": "b"}}, "n8n").document == text
    again["nodes"][0]["config"]["outputs"]["a"] = 2
    assert changed(again) == ["v"]
    again["edges"] = [{"source": "v", "target": "v"}]
    assert changed(again) == ["", "v"]


def test_a_node_inside_another_is_a_part_of_its_own() -> None:
    inner = {"id": "in", "type": "values", "config": {"outputs": {"a": 1}}}
    body = {"items": [1], "nodes": [inner], "edges": []}
    around = {"id": "each", "type": "iteration", "config": body}
    definition = finished(made(around), "x").definition
    definition["nodes"][0]["config"]["nodes"][0]["config"]["outputs"]["a"] = 2
    assert changed(definition) == ["in"]


def test_a_binding_takes_the_place_of_a_placeholder() -> None:
    node = placeholder(
        "find", "tool g/search", "not bound", need="g/search", parameters={"q": "{{topic}}"}
    )
    imported = made(node)
    binding = {"type": "http_request", "config": {"url": "https://x.test/?q={{param.q}}"}}
    bound = finished(imported, "", {"g/search": binding})
    assert bound.definition["nodes"][0]["config"] == {"url": "https://x.test/?q={{topic}}"}
    assert (bound.report[0].result, bound.report[0].reason) == ("mapped", "bound to http_request")


def test_a_definition_that_no_mending_helps_says_so() -> None:
    many = [{"id": f"n{at}", "type": "values", "config": {"outputs": {}}} for at in range(5001)]
    imported = finished(made(*many), "")
    assert imported.status == "incomplete"
    assert {line.reason for line in imported.report} == {
        "the definition does not pass the checks: 5001 nodes, the limit is 5000"
    }
    assert [node["type"] for node in imported.definition["nodes"]] == ["placeholder"]
    assert not load_workflow(imported.definition).findings
    odd = made({"id": "v", "type": "values", "config": {"outputs": {}}})
    odd.definition["id"] = "not an id"
    assert finished(odd, "").definition["id"] == "imported"
