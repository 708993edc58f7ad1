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
from runfold.importers.draft import Draft, placeholder
from runfold.importers.fingerprints import changed
from runfold.importers.importing import PassedOver, Refused, SourceFile, finished, import_files
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
    one, two, apple, broken, notes, package = import_files([SourceFile("all", made.getvalue())])
    assert isinstance(one, Imported)
    assert isinstance(two, Imported)
    assert (one.workflow_id, two.workflow_id, one.format) == ("One", "Two", "dify")
    assert isinstance(broken, Refused)
    assert (broken.name, broken.within, broken.error.code) == (
        "broken.yaml",
        "all",
        "import.unreadable",
    )
    for left, name, reason in (
        (apple, "__MACOSX/apps/._one.yml", "operating system"),
        (notes, "notes.md", ".md"),
        (package, "package.json", "not a workflow"),
    ):
        assert isinstance(left, PassedOver)
        assert (left.name, left.within) == (name, "all")
        assert reason in left.reason


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, body in members.items():
            archive.writestr(zipfile.ZipInfo(name), body, compress_type=method)
    return made.getvalue()


def became(body: bytes) -> dict[str, str]:
    """What each document and each file of a zip became: id or name, and why not."""
    found = {}
    for one in import_files([SourceFile("all", body)]):
        match one:
            case Imported():
                found[one.workflow_id] = "imported"
            case Refused():
                found[one.name] = f"refused: {one.error.message}"
            case PassedOver():
                found[one.name] = f"left out: {one.reason}"
    return found


def test_what_is_unpacked_of_a_zip_is_bounded_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    unpack = zipfile.ZipFile.open

    def spy(archive: zipfile.ZipFile, member: zipfile.ZipInfo, *rest: Any) -> Any:
        opened.append(member.filename)
        return unpack(archive, member, *rest)

    small = native("small", SAYS)
    sizes = {"large": 2000, "broken": 600, "past": 600}
    members = {f"{name}.json": name[0].encode() * size for name, size in sizes.items()}
    body = zipped({**members, "small.yml": small}, zipfile.ZIP_STORED)
    body = body.replace(b"b" * 600, b"x" * 600)  # its checksum is another
    monkeypatch.setattr(zip_files, "MOST_BYTES", 1000)
    monkeypatch.setattr(zipfile.ZipFile, "open", spy)
    found = became(body)
    assert opened == ["broken.json", "small.yml"]
    assert found.pop("small") == "imported"
    assert "2000 bytes, and 1000 are left" in found["large.json"]
    assert "damaged" in found["broken.json"]
    assert "600 bytes, and 400 are left" in found["past.json"]
    assert all(why.startswith("refused: ") for why in found.values())


def test_what_cannot_be_unpacked_is_refused_and_stops_no_other() -> None:
    body = bytearray(zipped({f"{name}.yml": native(name, SAYS) for name in ("a", "b", "c", "d")}))
    entries = [at for at in range(len(body)) if body.startswith(b"PK\x01\x02", at)]
    body[entries[0] + 8] |= 0x1  # encrypted
    body[entries[1] + 10] = 99  # packed in a way that no zip of ours knows
    body[body.index(b"c.yml") + 8] ^= 0xFF
    found = became(bytes(body))
    assert list(found) == ["a.yml", "b.yml", "c.yml", "d"]
    assert [why.partition(":")[0] for why in found.values()] == ["refused"] * 3 + ["imported"]
    assert "encrypted: unpack the zip" in found["a.yml"]
    assert "packed by method 99" in found["b.yml"]
    assert "damaged" in found["c.yml"]


def test_zips_in_a_zip_are_opened_three_deep() -> None:
    one = zipped({"deep.yml": native("three", SAYS), "deeper.zip": zipped({"x.yml": b"a: 1"})})
    two = zipped({"two.zip": one, "cut.zip": one[:200]})
    found = became(zipped({"one.yml": native("one", SAYS), "a/one.zip": two, "old.tar.gz": b""}))
    assert (found.pop("one"), found.pop("three")) == ("imported", "imported")
    assert list(found) == ["a/one.zip/two.zip/deeper.zip", "a/one.zip/cut.zip", "old.tar.gz"]
    assert all(why.startswith("refused: ") for why in found.values())


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("/etc/passwd.json", "/etc/passwd.json"),
        ("../../up.json", "../../up.json"),
        ("a\\b.json", "a/b.json"),
        ("caf\xe9 \u5de5.json", "caf\xe9 \u5de5.json"),
        ("\x1b[2J\u202e.json", "\ufffd[2J\ufffd.json"),
    ],
)
def test_names_in_a_zip_are_no_paths_and_safe_to_print(name: str, said: str) -> None:
    found = became(zipped({"w.yml": native("w", SAYS), name: b"["}))
    assert list(found) == ["w", said]


def unflagged(body: bytes) -> bytes:
    """A zip that no longer says that its names are UTF-8."""
    made = bytearray(body)
    for mark, flags in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        for at in range(len(body)):
            if body.startswith(mark, at):
                made[at + flags + 1] &= ~0x08
    return bytes(made)


def test_names_that_are_utf_8_without_saying_so_are_read_as_that() -> None:
    written = "\u5de5".encode()
    body = zipped({"w.yml": native("w", SAYS), "\u5de5.json": b"["}, zipfile.ZIP_STORED)
    assert list(became(unflagged(body))) == ["w", "\u5de5.json"]
    other = body.replace(written, b"\xff\xfe\xfd")
    (told, name) = became(unflagged(other))
    assert (told, name.endswith(".json")) == ("w", True)
    assert "cannot be opened" in became(other)["all"]


def test_the_same_name_twice_is_two_documents_unless_it_is_one() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("w.yml", native("first", SAYS))
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("w.yml", native("second", SAYS))
        archive.writestr("copy/w.yml", native("first", SAYS))
    found = became(made.getvalue())
    assert list(found.values())[:2] == ["imported", "imported"]
    assert "byte for byte, as w before it" in found["copy/w.yml"]


def test_of_many_members_each_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_files, "MOST_DOCUMENTS", 2)
    body = zipped({f"{number}.yml": native(f"w{number}", SAYS) for number in range(5)})
    found = became(body)
    assert list(found) == ["w0", "w1", "2.yml", "3.yml", "4.yml"]
    assert "2 files are read in all" in found["4.yml"]
    monkeypatch.setattr(zip_files, "MOST_MEMBERS", 4)
    assert list(became(body)) == ["all"]
    assert "5 members" in became(body)["all"]


def test_ten_thousand_members_are_told_apart_at_once() -> None:
    members = {f"{number}.png": b"" for number in range(9_998)}
    found = became(zipped({**members, "w.yml": native("w", SAYS)}, zipfile.ZIP_STORED))
    assert len(found) == 9_999
    assert found["w"] == "imported"


def test_formats_may_lie_beside_each_other_in_a_zip() -> None:
    flow = json.dumps(d.document([d.start(), d.end(x="s.x")], [("s", "e")])).encode()
    canvas = json.dumps(
        {"nodes": [{"id": "100001", "type": "1", "data": {"outputs": []}}], "edges": []}
    ).encode()
    items = json.dumps({"nodes": [{"name": "n", "type": "n8n-nodes-base.noOp"}]}).encode()
    made = import_files(
        [SourceFile("all", zipped({"a.yml": flow, "b-draft.json": canvas, "c.json": items}))]
    )
    assert [one.format for one in made if isinstance(one, Imported)] == ["dify", "coze", "n8n"]
    assert [one.workflow_id for one in made if isinstance(one, Imported)][1] == "b"


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({}, "without a file in it"),
        ({"docs/": b""}, "without a file in it"),
        ({"a.md": b"#", "b.json": b"{}"}, "without a workflow among its 2 files: a.md, b.json"),
    ],
)
def test_a_zip_with_no_workflow_says_what_it_has(members: dict[str, bytes], said: str) -> None:
    (one,) = import_files([SourceFile("a", zipped(members))])
    assert isinstance(one, Refused)
    assert one.error.code == "import.not_a_workflow"
    assert said in one.error.message


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
