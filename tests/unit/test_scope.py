"""What a node may refer to: names, when they have a value, types, and that the checks agree.

Beside a test that keeps what others have had wrong stands the report of it.
"""

from __future__ import annotations

from typing import Any

import pytest

from runfold.graph import scope
from runfold.graph.loader import load_workflow
from runfold.graph.scope import scope_of

N = {"type": "noop"}
IF = {"type": "condition", "config": {"condition": {"left": 1, "operator": "not_null"}}}
EVERYWHERE = ("system", "env", "secret", "conversation")


def nodes_of(document: dict[str, Any], only: str = "") -> Any:
    workflow = load_workflow({"id": "w", **document}).workflow
    assert workflow is not None
    return scope_of(workflow, only)


def names(document: dict[str, Any], address: str) -> dict[str, str]:
    """Name → when, but for what stands everywhere."""
    found = nodes_of(document)[address].in_scope
    return {one.name: one.when for one in found if one.kind not in EVERYWHERE}


def graph(*nodes: dict[str, Any], edges: str) -> dict[str, Any]:
    """Edges as `a>b` or `a:port>b`, separated by blanks."""
    made = []
    for edge in edges.split():
        source, _, target = edge.partition(">")
        source, _, port = source.partition(":")
        made.append({"source": source, "target": target, **({"port": port} if port else {})})
    return {"inputs": {}, "nodes": list(nodes), "edges": made}


A, B, C, D, END = ({"id": name, **N} for name in ("a", "b", "c", "d", "z"))
OVER = {"on_error": {"strategy": "continue"}}
BRANCH = {"on_error": {"strategy": "error_branch"}}
JOIN = {"id": "j", "type": "join"}


@pytest.mark.parametrize(
    ("document", "wanted"),
    [
        # pflow#107: what a branch gives was read after it, and failed where it was not taken.
        (
            graph({"id": "if", **IF}, A, B, END, edges="if:true>a if:false>b a>z b>z"),
            {"if.output": "always", "a.output": "some_paths", "b.output": "some_paths"},
        ),
        # Both run, and the node waits for both.
        (graph(A, B, C, END, edges="a>b a>c b>z c>z"), dict.fromkeys(("a", "b", "c"), "always")),
        # All ways out of a condition meet before it is read.
        (
            graph({"id": "if", **IF}, A, B, C, END, edges="if:true>a if:false>b a>c b>c c>z"),
            {"a.output": "some_paths", "c.output": "always"},
        ),
        # Inside the branch it is certain, and so is what runs beside it on the same answer.
        (
            graph({"id": "if", **IF}, A, B, END, edges="if:true>a if:true>b a>z b>z"),
            {"a.output": "always", "b.output": "always"},
        ),
        # A join that does not wait has what came first.
        (
            graph(A, B, C, {**JOIN, "config": {"mode": "any"}}, edges="a>b a>c b>j c>j"),
            {"a.output": "always", "b.output": "some_paths", "c.output": "some_paths"},
        ),
        (
            graph({**A, **OVER}, B, {**JOIN, "config": {"ignore_errors": True}}, edges="a>j b>j"),
            {"a.output": "some_paths", "b.output": "some_paths"},
        ),
        # Which edges an executor takes is not known: several ports, or its failure.
        (
            graph({**A, **BRANCH}, B, C, END, edges="a>b a:error>c b>z c>z"),
            {"a.output": "always", "b.output": "some_paths", "c.output": "some_paths"},
        ),
    ],
)
def test_a_name_is_there_always_or_on_some_paths(
    document: dict[str, Any], wanted: dict[str, str]
) -> None:
    reader = document["nodes"][-1]["id"]
    found = names(document, reader)
    assert {name: found.get(name, found.get(f"{name}.output")) for name in wanted} == wanted
    assert found.keys() >= {name if "." in name else f"{name}.output" for name in wanted}


def test_after_a_failure_that_was_passed_over_only_the_output_is_certain() -> None:
    ask = {"id": "a", "type": "llm", "config": {"prompt": "x"}}
    found = names(graph({**ask, **OVER}, END, edges="a>z"), "z")
    assert (found["a.output"], found["a.usage"]) == ("always", "some_paths")
    found = names(graph({**ask, **BRANCH}, B, END, edges="a>z a:error>b"), "z")
    assert (found["a.output"], found["a.usage"]) == ("always", "always")
    found = names(graph({**ask, **BRANCH}, B, END, edges="a>z a:error>b"), "b")
    assert (found["a.output"], found["a.usage"]) == ("always", "some_paths")


WHOLE = {
    "inputs": {"topic": {"type": "string"}, "item": {"type": "integer"}},
    "variables": {"count": 0, "in the way": []},
    "conversation": {"mood": "calm"},
    "environment": {"REGION": "eu"},
    "nodes": [
        {"id": "begin", "type": "start"},
        {"id": "1st", "type": "http_request", "config": {"url": "https://x/{{secrets.KEY}}"}},
        {
            "id": "each",
            "type": "iteration",
            "config": {
                "items": "{{1st.body}}",
                "nodes": [{"id": "1st", **N}, {"id": "call", **N}],
                "edges": [{"source": "1st", "target": "call"}],
            },
        },
        {
            "id": "fan",
            "type": "parallel",
            "config": {"branches": {"web": {"nodes": [{"id": "get", **N}]}}},
        },
        {"id": "do", "type": "http_request", "config": {"url": "https://x"}, "compensate": "undo"},
        {"id": "undo", **N},
    ],
    "edges": [
        {"source": source, "target": target}
        for source, target in (("begin", "1st"), ("1st", "each"), ("each", "fan"), ("fan", "do"))
    ],
    "workflows": {"greet": {"nodes": [{"id": "hi", **N}, {"id": "end", "type": "end"}]}},
}


def test_each_name_has_its_kind_and_type() -> None:
    nodes = nodes_of(WHOLE)
    addresses = ["begin", "1st", "each", "each/1st", "each/call", "fan", "fan[web]/get", "do"]
    assert list(nodes) == [*addresses, "undo", "greet:hi", "greet:end"]
    found = {one.name: (one.kind, one.type) for one in nodes["each/call"].in_scope}
    assert found["topic"] == ("input", "string")
    assert found["item"] == ("item", "any")  # not the input that is called so
    assert found["index"] == ("item", "integer")
    assert found["count"] == ("variable", "integer")
    assert found["conversation.mood"] == ("conversation", "string")
    assert found["sys.history"] == ("system", "array")
    assert found["env.REGION"] == ("env", "string")
    assert found["secrets.KEY"] == ("secret", "string")
    assert found["begin.topic"] == ("node", "string")
    # The node of the body hides the one around it that has its id.
    assert found["1st.output"] == ("node", "any")
    assert "1st.status_code" not in found
    assert "each.output" not in found
    inner = {one.name for one in nodes["each/1st"].in_scope}
    assert "1st.status_code" in inner
    undo = {one.name: one.when for one in nodes["undo"].in_scope}
    assert (undo["error"], undo["do.body"]) == ("always", "always")
    assert "error" not in {one.name for one in nodes["do"].in_scope}
    assert nodes["greet:end"].in_scope[0].name == "hi.output"
    assert not {"topic", "env.REGION"} & {one.name for one in nodes["greet:end"].in_scope}


def test_ports_and_outputs_are_those_of_the_configuration() -> None:
    code = {"code": "def main(): return {}", "outputs": {"total": "number"}}
    document = graph(
        {"id": "a", "type": "code", "config": code, **BRANCH},
        {"id": "s", "type": "selector", "config": {"branches": [{"id": "big", "condition": True}]}},
        {"id": "x", "type": "nope", "config": {"anything": 1}},
        edges="a>s s:big>x",
    )
    nodes = nodes_of(document)
    assert nodes["a"].ports == ("out", "error")
    assert [(one.name, one.type) for one in nodes["a"].outputs] == [
        ("output", "any"),
        ("total", "number"),
    ]
    assert nodes["s"].ports == ("big", "else")
    # A document with mistakes says what it can.
    assert (nodes["x"].type, nodes["x"].ports) == ("nope", ("out",))
    assert "a.total" in {one.name for one in nodes["x"].in_scope}


def test_what_is_offered_passes_the_check_of_references_and_nothing_else_does() -> None:
    every = {
        one.name for node in nodes_of(WHOLE).values() for one in node.in_scope if one.kind == "node"
    }
    for address, node in nodes_of(WHOLE).items():
        offered = {one.name for one in node.in_scope}
        if ":" in address:
            continue
        for name in sorted(offered | every):
            if node.type == "noop":
                wrong = _refused(address, name)
                assert wrong == (name not in offered), (address, name)


def _refused(address: str, name: str) -> bool:
    """Whether the check of references refuses a name in a node that is given it to read."""

    def given(nodes: list[dict[str, Any]], around: str) -> list[dict[str, Any]]:
        made = []
        for node in nodes:
            here = f"{around}{node['id']}"
            config = dict(node.get("config", {}))
            if here == address:
                config = {"input": f"{{{{{name}}}}}"}
            elif "nodes" in config:
                config["nodes"] = given(config["nodes"], f"{here}/")
            elif "branches" in config and node["type"] == "parallel":
                config["branches"] = {
                    branch: {"nodes": given(one["nodes"], f"{here}[{branch}]/")}
                    for branch, one in config["branches"].items()
                }
            type_ = "json_stringify" if here == address else node["type"]
            made.append({**node, "type": type_, "config": config})
        return made

    document = {"id": "w", **WHOLE, "nodes": given(WHOLE["nodes"], "")}  # type: ignore[arg-type]
    findings = load_workflow(document).findings
    errors = [one.code for one in findings if one.level == "error"]
    assert all(code.startswith("reference.") for code in errors), errors
    return any(one.code.startswith("reference.") for one in findings)


def test_a_circle_has_no_certainty_and_ends() -> None:
    document = graph(A, B, C, edges="a>b b>a b>c")
    assert names(document, "c") == {"a.output": "some_paths", "b.output": "some_paths"}


def test_a_long_chain_is_asked_for_node_by_node(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scope, "MOST_NAMES", 100)
    document = {"inputs": {}, "nodes": [{"id": f"n{at}", **N} for at in range(40)]}
    nodes = nodes_of(document)
    listed = [node.in_scope for node in nodes.values() if node.in_scope is not None]
    assert sum(map(len, listed)) <= 100
    assert nodes["n39"].in_scope is None
    [(address, only)] = nodes_of(document, "n39").items()
    assert address == "n39"
    assert sum(one.kind == "node" for one in only.in_scope) == 39
