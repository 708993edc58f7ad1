"""One small workflow a finding, and that a sound one has none."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runfold.graph.loader import load_workflow
from tests.bench.engine_speed import diamonds

N = {"type": "noop"}
UNDO = {"id": "u", **N}
SELECT = {"branches": [{"id": "big", "condition": {"left": 1, "operator": ">", "right": 0}}]}


def codes(document: dict[str, Any]) -> dict[str, str]:
    """Code → path of the findings of a document, infos left out."""
    loaded = load_workflow({"id": "w", "inputs": {"x": "any"}, **document})
    return {f.code: f.path for f in loaded.findings if f.level != "info"}


def nodes(*given: dict[str, Any], edges: list[tuple] | None = None) -> dict[str, Any]:
    document: dict[str, Any] = {"nodes": list(given)}
    if edges is not None:
        names = ("source", "target", "port")
        document["edges"] = [dict(zip(names, edge, strict=False)) for edge in edges]
    return document


def test_a_sound_workflow_has_no_findings() -> None:
    assert codes(nodes({"id": "a", **N}, {"id": "b", **N}, edges=[("a", "b")])) == {}


JOIN = {"id": "j", "type": "join"}
IF = {"type": "condition", "config": {"condition": {"left": "{{x}}", "operator": "not_null"}}}
BRANCH = {"id": "big", "condition": {"left": "{{x}}", "operator": "not_null"}}
ALL = {"type": "selector", "config": {"strategy": "all_match", "branches": [BRANCH]}}
A, B, C = ({"id": name, **N} for name in "abc")
IFS = [{"id": "if", **IF}, A, B]
SPLIT = [("if", "a", "true"), ("if", "b", "false")]
TO_JOIN = [("a", "j"), ("b", "j")]
OVER = {"on_error": {"strategy": "error_branch"}}


@pytest.mark.parametrize(
    "document",
    [
        nodes(*IFS, JOIN, edges=[*SPLIT, *TO_JOIN]),
        nodes(*IFS, C, JOIN, edges=[*SPLIT, ("if", "c", "true"), *TO_JOIN, ("c", "j")]),
        nodes(*IFS, {**JOIN, "config": {"mode": "n", "n": 2}}, edges=[*SPLIT, *TO_JOIN]),
        nodes(
            *IFS,
            {**JOIN, "config": {"mode": "percentage", "percentage": 51}},
            edges=[*SPLIT, *TO_JOIN],
        ),
        # Behind a node that the way goes through, and behind a plain meeting of ways.
        nodes(*IFS, C, JOIN, edges=[*SPLIT, ("a", "c"), ("c", "j"), ("b", "j")]),
        nodes(*IFS, JOIN, edges=[("if", "j", "true"), ("if", "b", "false"), ("b", "j")]),
        # A node comes to its end or fails.
        nodes({**A, **OVER}, B, JOIN, edges=[("a", "b", "error"), ("a", "j"), ("b", "j")]),
        nodes(
            {
                "id": "q",
                "type": "human_review",
                "config": {"message": "?"},
            },
            A,
            B,
            JOIN,
            edges=[("q", "a", "approved"), ("q", "b", "rejected"), *TO_JOIN],
        ),
    ],
)
def test_a_join_that_can_never_have_enough_is_found(document: dict[str, Any]) -> None:
    assert list(codes(document)) == ["join.exclusive"]


@pytest.mark.parametrize(
    "document",
    [
        nodes(*IFS, {**JOIN, "config": {"mode": "any"}}, edges=[*SPLIT, *TO_JOIN]),
        nodes(*IFS, {**JOIN, "config": {"mode": "n", "n": 1}}, edges=[*SPLIT, *TO_JOIN]),
        nodes(*IFS, {**JOIN, "config": {"ignore_errors": True}}, edges=[*SPLIT, *TO_JOIN]),
        nodes(*IFS, C, edges=[*SPLIT, ("a", "c"), ("b", "c")]),
        # Both ways are gone, or it is not known which.
        nodes(
            {"id": "if", **ALL},
            A,
            B,
            JOIN,
            edges=[("if", "a", "big"), ("if", "b", "else"), *TO_JOIN],
        ),
        nodes(*IFS, C, JOIN, edges=[*SPLIT, ("a", "c"), ("b", "c"), ("a", "j"), ("c", "j")]),
        nodes(
            {"id": "s", "type": "start"},
            *IFS,
            {"id": "if2", **IF},
            JOIN,
            edges=[
                ("s", "if"),
                ("s", "if2"),
                ("if", "a", "true"),
                ("if2", "b", "false"),
                *TO_JOIN,
            ],
        ),
        nodes(
            *IFS,
            C,
            {**JOIN, "config": {"mode": "n", "n": 2}},
            edges=[*SPLIT, ("if", "c", "true"), *TO_JOIN, ("c", "j")],
        ),
    ],
)
def test_a_join_that_may_have_enough_is_not(document: dict[str, Any]) -> None:
    assert codes(document) == {}


def test_an_error_branch_without_an_edge_is_found() -> None:
    found = load_workflow({"id": "w", **nodes({**A, **OVER}, B, edges=[("a", "b")])}).findings
    (one,) = (finding for finding in found if finding.level == "warning")
    assert (one.code, one.path) == ("edge.error_missing", "nodes[0].on_error")
    inside = {"id": "each", "type": "loop", "config": {"count": 1, "nodes": [{**A, **OVER}]}}
    assert codes(nodes(inside)) == {"edge.error_missing": "nodes[0].config.nodes[0].on_error"}
    handled = nodes({**A, **OVER}, B, edges=[("a", "b", "error")])
    assert codes(handled) == {}


def test_a_compensation_node_reads_what_its_node_could_and_why() -> None:
    texts = "{{a.output}} {{b.output}} {{x}} {{error.message}}"
    loop = {
        "id": "each",
        "type": "loop",
        "config": {
            "items": [1],
            "nodes": [
                {"id": "in", **N, "compensate": "out"},
                {"id": "out", **N, "config": {"output": "{{in.output}} {{item}} {{error.type}}"}},
            ],
        },
    }
    document = nodes(
        {"id": "a", **N},
        {"id": "b", **N, "compensate": "u"},
        loop,
        {"id": "u", **N, "config": {"output": texts}},
    )
    assert codes(document) == {}
    loaded = load_workflow({"id": "w", **document})
    assert loaded.workflow is not None
    # `error` is no input that somebody forgot to declare, and nothing leads to `u`.
    assert set(loaded.workflow.inputs) == {"x"}
    assert {(one.source, one.target) for one in loaded.workflow.edges} == {
        ("a", "b"),
        ("b", "each"),
    }


@pytest.mark.parametrize(
    ("document", "code", "path"),
    [
        (nodes({"id": "a", "type": "lmm"}), "node.unknown_type", "nodes[0].type"),
        (nodes({"id": "a b", **N}), "node.id", "nodes[0].id"),
        (nodes({"id": "item", **N}), "node.reserved_id", "nodes[0].id"),
        (nodes({"id": "a", **N}, {"id": "a", **N}), "node.duplicate_id", "nodes[1].id"),
        (
            nodes({"id": "a", **N, "compensate": "u"}, {"id": "b", **N, "compensate": "u"}, UNDO),
            "compensate.shared",
            "nodes[1].compensate",
        ),
        (nodes({"id": "a", **N, "compensate": 7}), "node.compensate", "nodes[0].compensate"),
        (nodes({"id": "a", **N, "compensate": "v"}), "compensate.unknown", "nodes[0].compensate"),
        (nodes({"id": "a", **N, "compensate": "a"}), "compensate.itself", "nodes[0].compensate"),
        (
            nodes({"id": "a", **N, "compensate": "u"}, UNDO, edges=[("a", "u")]),
            "compensate.has_edges",
            "nodes[1]",
        ),
        (
            nodes({"id": "a", **N, "compensate": "b"}, {"id": "b", **N, "compensate": "u"}, UNDO),
            "compensate.chained",
            "nodes[1].compensate",
        ),
        (
            nodes({"id": "a", **N, "compensate": "u"}, {**UNDO, "on_error": "skip"}),
            "compensate.on_error",
            "nodes[1].on_error",
        ),
        (
            nodes({"id": "a", "type": "start", "compensate": "u"}, UNDO),
            "compensate.nothing_to_undo",
            "nodes[0].compensate",
        ),
        (
            nodes(
                {"id": "a", **N, "compensate": "u"},
                {"id": "u", "type": "wait", "config": {"duration": 1}},
            ),
            "compensate.wrong_type",
            "nodes[1].type",
        ),
        (
            nodes(
                {"id": "a", **N, "compensate": "u"},
                {"id": "b", **N},
                {"id": "u", **N, "config": {"output": "{{b.output}}"}},
            ),
            "reference.not_upstream",
            "nodes[2].config.output",
        ),
        (
            nodes(
                {"id": "a", **N, "compensate": "u"},
                {"id": "b", **N, "config": {"output": "{{u.output}}"}},
                UNDO,
            ),
            "reference.not_upstream",
            "nodes[1].config.output",
        ),
        (
            nodes({"id": "a", **N, "config": {"output": "{{error.message}}"}}),
            "reference.unknown",
            "nodes[0].config.output",
        ),
        (nodes({"id": "a", **N, "tpye": 1}), "node.unknown_key", "nodes[0].tpye"),
        (
            nodes({"id": "a", **N, "config": {"tempo": 1}}),
            "config.unknown_key",
            "nodes[0].config.tempo",
        ),
        (nodes({"id": "a", "type": "template"}), "config.missing", "nodes[0].config.template"),
        (
            nodes({"id": "a", "type": "llm", "config": {"prompt": "x", "temperature": "hot"}}),
            "config.wrong_type",
            "nodes[0].config.temperature",
        ),
        (
            nodes({"id": "a", "type": "wait", "config": {"duration": "soon"}}),
            "config.wrong_value",
            "nodes[0].config.duration",
        ),
        (
            nodes({"id": "a", "type": "template", "config": {"template": "{{ x | }}"}}),
            "template.syntax",
            "nodes[0].config.template",
        ),
        (
            nodes({"id": "a", "type": "template", "config": {"template": "{{y}}"}}),
            "reference.unknown",
            "nodes[0].config.template",
        ),
        (
            nodes(
                {"id": "a", "type": "template", "config": {"template": "{{b.output}}"}},
                {"id": "b", **N},
                edges=[("a", "b")],
            ),
            "reference.not_upstream",
            "nodes[0].config.template",
        ),
        (
            nodes(
                {"id": "a", "type": "template", "config": {"template": "x"}},
                {"id": "b", "type": "template", "config": {"template": "{{a.words}}"}},
                edges=[("a", "b")],
            ),
            "reference.unknown_output",
            "nodes[1].config.template",
        ),
        (
            nodes({"id": "e", "type": "end", "config": {"outputs": {"k": "{{secrets.KEY}}"}}}),
            "reference.executor_only",
            "nodes[0].config.outputs.k",
        ),
        (
            nodes({"id": "e", "type": "end", "config": {"outputs": {"k": "{{x * 9}}"}}}),
            "template.inline",
            "nodes[0].config.outputs",
        ),
        (nodes({"id": "a", **N}, edges=[("a", "zz")]), "edge.dangling", "edges[0].target"),
        (nodes({"id": "a", **N}, edges=[("a", "a")]), "graph.cycle", "edges[0]"),
        (
            nodes({"id": "a", **N}, {"id": "b", **N}, edges=[("a", "b"), ("b", "a")]),
            "graph.cycle",
            "edges[1]",
        ),
        (
            nodes({"id": "a", **N}, {"id": "b", **N}, edges=[("a", "b"), ("a", "b")]),
            "edge.duplicate",
            "edges[1]",
        ),
        (
            nodes({"id": "s", "type": "start"}, {"id": "a", **N}, edges=[]),
            "graph.unreachable",
            "nodes[1]",
        ),
        (
            nodes(
                {"id": "c", "type": "selector", "config": SELECT},
                {"id": "a", **N},
                edges=[("c", "a", "bgi")],
            ),
            "edge.unknown_port",
            "edges[0].port",
        ),
        (
            nodes(
                {"id": "c", "type": "selector", "config": SELECT},
                {"id": "a", **N},
                edges=[("c", "a")],
            ),
            "edge.port_missing",
            "edges[0].port",
        ),
        (
            nodes({"id": "a", **N}, {"id": "b", **N}, edges=[("a", "b", "error")]),
            "edge.unknown_port",
            "edges[0].port",
        ),
        (
            nodes(
                {
                    "id": "c",
                    "type": "condition",
                    "config": {"condition": {"left": 1, "operator": "about", "right": 2}},
                }
            ),
            "condition.invalid",
            "nodes[0].config.condition",
        ),
        (
            nodes({"id": "l", "type": "loop", "config": {"items": [1]}}),
            "loop.empty",
            "nodes[0].config",
        ),
        (
            nodes(
                {
                    "id": "l",
                    "type": "loop",
                    "config": {
                        "items": [1],
                        "nodes": [{"id": "t", "type": "template", "config": {"template": "{{q}}"}}],
                    },
                }
            ),
            "reference.unknown",
            "nodes[0].config.nodes[0].config.template",
        ),
        (
            nodes({"id": "a", **N, "retry": {"max_attempts": 0}}),
            "node.retry",
            "nodes[0].retry.max_attempts",
        ),
        (
            nodes({"id": "a", **N, "on_error": "explode"}),
            "node.setting",
            "nodes[0].on_error.strategy",
        ),
        ({"nodes": [], "edges": []}, "workflow.empty", "nodes"),
        ({**nodes({"id": "a", **N}), "sttings": {}}, "document.unknown_key", "sttings"),
    ],
)
def test_each_finding_names_its_place(document: dict[str, Any], code: str, path: str) -> None:
    found = codes(document)
    assert code in found
    assert found[code] == path


def test_all_findings_come_at_once_with_hints() -> None:
    document = nodes(
        {"id": "a", "type": "tempalte", "config": {}},
        {"id": "b", "type": "template", "config": {"template": "{{z}}", "tmplate": 1}},
        edges=[("a", "c")],
    )
    found = load_workflow({"id": "w", "inputs": {}, **document}).findings
    assert {"node.unknown_type", "reference.unknown", "config.unknown_key", "edge.dangling"} <= {
        finding.code for finding in found
    }
    unknown = next(finding for finding in found if finding.code == "node.unknown_type")
    assert unknown.hint == "did you mean 'template'?"


def test_a_name_that_was_meant_is_data_wherever_one_is_suggested() -> None:
    text = "{{first.otput}} {{frst.output}} {{sys.run_idd}} {{conversation.nme}} {{item}}"
    document = {
        "conversation": {"name": ""},
        "variables": {"count": 0},
        "nodes": [
            {"id": "first", "type": "template", "config": {"template": "x", "tmplate": "x"}},
            {"id": "second", "type": "template", "config": {"template": text}, "retri": {}},
            {"id": "third", "type": "asign", "compensate": "secnd"},
            {"id": "set", "type": "assign", "config": {"assignments": [{"variable": "cout"}]}},
        ],
        "edges": [
            {"source": "first", "target": "secnd"},
            {"source": "first", "taget": "second"},
            {"source": "first", "target": "second"},
        ],
        "workflows": {"inner": {"nodes": [{"id": "a", "type": "nop"}]}},
        "tests": [{"replies": {"each[0]/frst": 1}}],
    }
    found = load_workflow({"id": "w", "inputs": {}, **document}).findings
    suggested = {
        (one.path, one.suggestion.written, one.suggestion.meant)
        for one in found
        if one.suggestion is not None
    }
    assert suggested >= {
        ("nodes[0].config.tmplate", "tmplate", "template"),
        ("nodes[1].config.template", "first.otput", "first.output"),
        ("nodes[1].config.template", "frst", "first"),
        ("nodes[1].config.template", "sys.run_idd", "sys.run_id"),
        ("nodes[1].config.template", "conversation.nme", "conversation.name"),
        ("nodes[1].retri", "retri", "retry"),
        ("nodes[2].type", "asign", "assign"),
        ("nodes[2].compensate", "secnd", "second"),
        ("edges[0].target", "secnd", "second"),
        ("edges[1].taget", "taget", "target"),
        ("workflows.inner.nodes[0].type", "nop", "noop"),
        ("tests[0].replies.each[0]/frst", "each[0]/frst", "each[0]/first"),
    }
    assert all(one.hint for one in found if one.suggestion is not None)
    listed = [one for one in found if "known are" in one.hint]
    assert all(one.suggestion is None for one in listed)


def test_a_loops_body_reads_its_item_and_what_is_before_the_loop() -> None:
    body = [
        {"id": "t", "type": "template", "config": {"template": "{{item}}{{index}}{{a.output}}"}}
    ]
    config = {"items": "{{x}}", "nodes": body, "output": "{{t.output}}"}
    document = nodes(
        {"id": "a", **N}, {"id": "l", "type": "loop", "config": config}, edges=[("a", "l")]
    )
    assert codes(document) == {}


def test_a_thousand_nodes_of_diamonds_are_checked_without_counting_paths() -> None:
    workflow = diamonds(333)
    document = {
        "id": "w",
        "nodes": [{"id": node.id, "type": node.type} for node in workflow.nodes],
        "edges": [{"source": edge.source, "target": edge.target} for edge in workflow.edges],
    }
    assert codes(document) == {}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
TYPES = st.sampled_from(["start", "end", "llm", "loop", "condition", "selector", "human", "wait"])


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "id": st.text(max_size=4) | JSON,
            "nodes": st.lists(
                st.fixed_dictionaries(
                    {"id": st.sampled_from("abc"), "type": TYPES},
                    optional={"config": JSON, "retry": JSON, "timeout": JSON, "on_error": JSON},
                )
                | JSON,
                max_size=4,
            )
            | JSON,
            "edges": st.lists(
                st.fixed_dictionaries(
                    {"source": st.sampled_from("abc"), "target": st.sampled_from("abc")}
                )
                | JSON,
                max_size=4,
            )
            | JSON,
            "inputs": JSON,
            "variables": JSON,
            "settings": JSON,
        },
    )
)
@settings(max_examples=300, deadline=None)
def test_no_document_makes_the_loader_fall_over(document: dict[str, Any]) -> None:
    loaded = load_workflow(document)
    assert loaded.workflow is not None or any(f.level == "error" for f in loaded.findings)


@pytest.mark.parametrize(
    ("config", "field", "named"),
    [
        ({"headers": {"Host": "x"}}, "headers", "Host"),
        ({"headers": {"X-A": "{{x}}", "x-a": "2"}}, "headers", "x-a"),
        ({"headers": {"X Y": "1"}}, "headers", "X Y"),
        ({"method": "CONNECT"}, "method", "CONNECT"),
        ({"method": "GET /"}, "method", "GET /"),
        ({"headers": {"X-A": "{{x}}"}, "method": "{{x}}"}, "", ""),
        ({"headers": {"ref": "x"}, "method": "search"}, "", ""),
    ],
)
def test_requests_that_cannot_be_sent(config: dict[str, Any], field: str, named: str) -> None:
    node = {"id": "n", "type": "http_request", "config": {"url": "http://example.org", **config}}
    document = {"id": "flow", "inputs": {"x": {"type": "any"}}, "nodes": [node]}
    found = [one for one in load_workflow(document).findings if one.level == "error"]
    assert [one.path for one in found] == ([f"nodes[0].config.{field}"] if field else [])
    assert all(named in one.message for one in found)
