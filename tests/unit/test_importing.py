"""Reading foreign bytes, mending what the checks refuse, binding what is missing."""

from __future__ import annotations

import io
import json
import time
import zipfile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfold.errors import InvalidInputs
from runfold.exporters.exporting import export_of
from runfold.graph.loader import load_workflow
from runfold.graph.reading.yaml_text import yaml_value
from runfold.graph.reading.yaml_writing import yaml_of
from runfold.importers import zip_files
from runfold.importers.coze import archive as coze_archive
from runfold.importers.draft import Draft, placeholder
from runfold.importers.fingerprints import changed
from runfold.importers.importing import Refused, SourceFile, finished, import_files
from runfold.importers.reading import MAX_BYTES, read_value
from runfold.importers.report import Imported
from tests.support import dify_documents as d


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
        ('{"a": "é"}'.encode("utf-16-le"), {"a": "é"}),
        ("a: é".encode("utf-32"), {"a": "é"}),
        (b'{"a": 1}\n{"a": 2}\n', [{"a": 1}, {"a": 2}]),
        (b"---\na: 1\n---\na: |\n  ---\n  b\n", [{"a": 1}, {"a": "---\nb\n"}]),
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
        b'{"a": 1}\n{"a": ',
        b"a: 1\n---\nb: [",
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


def native(workflow_id: str, *nodes: str) -> bytes:
    return f"id: {workflow_id}\nnodes: [{', '.join(nodes)}]\n".encode()


SAYS = "{id: t, type: template, config: {template: hi}}"


def test_two_documents_with_one_id_have_ids_of_their_own() -> None:
    made = import_files([SourceFile(name, native("w", SAYS)) for name in "abc"])
    assert [one.workflow_id for one in made if isinstance(one, Imported)] == ["w", "w_2", "w_3"]
    assert [one.definition["id"] for one in made if isinstance(one, Imported)] == [
        "w",
        "w_2",
        "w_3",
    ]


def test_documents_in_one_file_are_imported_each() -> None:
    body = b"---\n".join([native("w", SAYS), native("v", SAYS)])
    made = import_files([SourceFile("both", body)])
    assert [one.workflow_id for one in made if isinstance(one, Imported)] == ["w", "v"]


def test_more_nodes_than_a_workflow_has_are_refused_before_they_are_imported() -> None:
    nodes = [{"name": str(at), "type": "n8n-nodes-base.noOp"} for at in range(5001)]
    body = json.dumps({"nodes": nodes, "connections": {}}).encode()
    (one,) = import_files([SourceFile("a", body)])
    assert isinstance(one, Refused)
    assert "5001 nodes" in one.error.message


@pytest.mark.parametrize(("beside", "said"), [((), "fail"), (("helper",), None)])
def test_a_workflow_that_is_not_there_is_missed_when_it_is_called(
    beside: tuple[str, ...], said: str | None
) -> None:
    calls = {"name": "Call", "type": "n8n-nodes-base.executeWorkflow", "typeVersion": 1.2}
    nodes = [
        {"name": "T", "type": "n8n-nodes-base.manualTrigger", "parameters": {}},
        calls | {"parameters": {"workflowId": {"__rl": True, "mode": "id", "value": "helper"}}},
    ]
    wires = {"T": {"main": [[{"node": "Call", "type": "main", "index": 0}]]}}
    body = json.dumps({"name": "Main", "nodes": nodes, "connections": wires}).encode()
    made = import_files(
        [SourceFile("main", body), *(SourceFile(name, native(name, SAYS)) for name in beside)]
    )
    assert isinstance(made[0], Imported)
    (call,) = [one for one in made[0].definition["nodes"] if one["type"] == "sub_workflow"]
    assert call["config"].get("if_missing") == said


def test_a_definition_of_its_own_is_checked() -> None:
    body = native("../w", SAYS, "{id: u, type: template, config: {tmplate: hi}}")
    (one,) = import_files([SourceFile("a", body)])
    assert isinstance(one, Imported)
    assert one.status == "incomplete"
    assert [(line.node, line.result) for line in one.report] == [
        ("t", "mapped"),
        ("u", "unsupported"),
        ("", "unsupported"),
    ]
    assert "template" in one.report[1].reason


def test_a_zip_of_documents_gives_each_of_them() -> None:
    def document(name: str) -> bytes:
        return (
            json.dumps(d.document([d.start(), d.end(x="s.x")], [("s", "e")]))
            .encode()
            .replace(b"Small", name.encode())
        )

    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("apps/one.yml", document("One"))
        archive.writestr("apps/two.json", document("Two"))
        archive.writestr("__MACOSX/apps/._one.yml", b"\x00\x05")
        archive.writestr("broken.yaml", b"a: [")
        archive.writestr("notes.md", b"# one")
        archive.writestr("package.json", b'{"private": true}')
    one, two, broken = import_files([SourceFile("all", made.getvalue())])
    assert isinstance(one, Imported)
    assert isinstance(two, Imported)
    assert (one.workflow_id, two.workflow_id, one.format) == ("One", "Two", "dify")
    assert isinstance(broken, Refused)
    assert (broken.name, broken.error.code) == ("broken", "import.unreadable")


@pytest.mark.parametrize("module", [zip_files, coze_archive])
def test_what_is_unpacked_of_a_zip_is_bounded_in_all(
    monkeypatch: pytest.MonkeyPatch, module: Any
) -> None:
    opened: list[str] = []
    unpack = zipfile.ZipFile.open

    def spy(archive: zipfile.ZipFile, member: zipfile.ZipInfo, *rest: Any) -> Any:
        opened.append(member.filename)
        return unpack(archive, member, *rest)

    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in ("large", "broken", "past", "small"):
            size = {"large": 2000, "small": 300}.get(name, 600)
            archive.writestr(f"{name}.json", name[0] * size)
    body = made.getvalue().replace(b"b" * 600, b"x" * 600)  # its checksum is another
    monkeypatch.setattr(module, "MOST_BYTES", 1000)
    monkeypatch.setattr(zipfile.ZipFile, "open", spy)
    read = zip_files.texts_in if module is zip_files else coze_archive.canvases_in
    read(body)
    assert opened == ["broken.json", "small.json"]


def test_a_zip_that_is_cut_off_says_so() -> None:
    (one,) = import_files([SourceFile("a", b"PK\x03\x04 and nothing else")])
    assert isinstance(one, Refused)
    assert (one.error.code, "zip" in one.error.message) == ("import.not_a_workflow", True)


@pytest.mark.parametrize(
    ("binding", "said"),
    [
        ([1], "no node"),
        ({"config": {}}, "no node"),
        ({"type": "template", "config": {"template": "{{param.nope}}"}}, "nope"),
        ({"type": "template", "config": {"template": "x"}, "retries": 3}, "retries"),
    ],
)
def test_what_of_a_binding_comes_to_nothing_is_said(binding: Any, said: str) -> None:
    node = placeholder("find", "tool x", "not bound", need="x", parameters={"q": [1, True]})
    (line,) = finished(made(node), "", {"x": binding}).report
    assert line.result == "approximated"
    assert said in line.reason


def test_a_parameter_within_a_text_is_written_as_json() -> None:
    node = placeholder(
        "find", "tool x", "not bound", need="x", parameters={"q": [1, True], "n": None}
    )
    body = {"type": "template", "config": {"template": "<{{param.q}}{{ param.n }}>"}}
    bound = finished(made(node), "", {"x": body})
    assert bound.definition["nodes"][0]["config"] == {"template": "<[1, true]>"}


@pytest.mark.parametrize("text", ["{{" * 20_000, "{%" * 20_000, "{{'" + "%" * 60_000 + "}}"])
def test_a_template_that_never_ends_takes_no_longer(text: str) -> None:
    node = {"type": "template-transform", "title": "t", "template": text, "variables": []}
    graph = {
        "nodes": [
            {"id": "s", "data": {"type": "start", "title": "s", "variables": []}},
            {"id": "t", "data": node},
        ],
        "edges": [{"source": "s", "target": "t"}],
    }
    app = {"mode": "workflow", "name": "x"}
    document = {"kind": "app", "version": "0.3.0", "app": app, "workflow": {"graph": graph}}
    begun = time.process_time()
    (one,) = import_files([SourceFile("a", json.dumps(document).encode())])
    assert isinstance(one, Imported)
    assert [line.node for line in one.report] == ["s", "t"]
    assert time.process_time() - begun < 2


def test_ids_that_cannot_be_used_are_changed_and_edges_go_with_them() -> None:
    nodes = [
        {"id": "{{odd}}", "type": "values", "config": {"outputs": {}}},
        {"id": "same", "type": "values", "config": {"outputs": {}}},
        {"id": "same", "type": "values", "config": {"outputs": {}}},
        {"id": "bad", "type": "nonsense {{", "config": {"{{": "{% if"}},
    ]
    edges = [{"source": "{{odd}}", "target": "same"}]
    imported = finished(made(*nodes, edges=edges), "")
    definition = imported.definition
    assert not [f for f in load_workflow(definition).findings if f.level == "error"]
    assert [node["id"] for node in definition["nodes"]] == ["odd_2", "same", "same_2", "bad"]
    assert definition["edges"] == [{"source": "odd_2", "target": "same"}]
    assert definition["origin"]["nodes"]["odd_2"] == "{{odd}}"
    assert imported.report[0].result == "approximated"
    assert definition["nodes"][3]["type"] == "placeholder"


def test_a_workflow_that_calls_itself_is_called_by_its_id_here() -> None:
    calls = {"name": "Again", "type": "n8n-nodes-base.executeWorkflow", "typeVersion": 1.2}
    nodes = [
        {"name": "T", "type": "n8n-nodes-base.executeWorkflowTrigger", "parameters": {}},
        calls | {"parameters": {"workflowId": {"__rl": True, "mode": "id", "value": "k9f"}}},
    ]
    wires = {"T": {"main": [[{"node": "Again", "type": "main", "index": 0}]]}}
    document = {"id": "k9f", "name": "Round", "nodes": nodes, "connections": wires}
    (one,) = import_files([SourceFile("a", json.dumps(document).encode())])
    assert isinstance(one, Imported)
    assert one.needs == ()
    assert "'workflow': 'Round'" in str(one.definition["nodes"])


def test_what_a_bound_node_does_not_give_is_said_where_it_is_read() -> None:
    find = placeholder("find", "tool x", "not bound", need="x")
    read = {"id": "read", "type": "values", "config": {"outputs": {"a": "{{find.text}}"}}}
    imported = made(find, read | {"profile": "coze"}, edges=[{"source": "find", "target": "read"}])
    body = {"type": "http_request", "config": {"url": "https://x.test"}}
    lines = finished(imported, "", {"x": body}).report
    assert [line.result for line in lines] == ["mapped", "approximated"]
    assert "no output 'text'" in lines[1].reason
