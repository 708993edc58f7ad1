"""Bad documents, one oddity each: what is said of it, and where in the author's document."""

from __future__ import annotations

from typing import Any

import pytest

from runfold.graph.definition import Finding
from runfold.graph.loader import load_workflow

N = {"type": "noop"}
NODES = [{"id": "a", **N}, {"id": "b", **N}]
HOLDS = {"left": "{{x}}", "operator": "==", "right": 1}
CHOOSE = {"id": "c", "type": "condition"}
BODY = [{"id": "i", **N}]


def findings(source: Any) -> tuple[Finding, ...]:
    return load_workflow(source).findings


def document(**members: Any) -> dict[str, Any]:
    return {"id": "w", "inputs": {"x": "any"}, "nodes": NODES, **members}


def node(**members: Any) -> dict[str, Any]:
    return document(nodes=[{"id": "a", **N, **members}])


def configured(type_: str, **config: Any) -> dict[str, Any]:
    return document(nodes=[{"id": "a", "type": type_, "config": config}])


def looping(**config: Any) -> dict[str, Any]:
    return configured("loop", **{"items": [1], "nodes": BODY, **config})


def branching(true_next: Any, *edges: dict[str, Any]) -> dict[str, Any]:
    config = {"condition": HOLDS, "true_next": true_next}
    return document(nodes=[{**CHOOSE, "config": config}, *NODES], edges=list(edges))


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


def circular() -> dict[str, Any]:
    value: dict[str, Any] = {}
    value["again"] = value
    return document(variables=value)


def bomb(levels: int) -> str:
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]" for i in range(1, levels)]
    return "\n".join(lines)


def merge_bomb(levels: int) -> str:
    keys = ", ".join(f"k{i}: 1" for i in range(1000))
    merged = ", ".join(["*a"] * levels)
    return f"a: &a {{{keys}}}\nb: {{<<: [{merged}]}}"


UNREADABLE = [
    ("", "document.not_object", ""),
    ("- 1", "document.not_object", ""),
    ("nodes: {", "document.unreadable", ""),
    (b"\xff", "document.unreadable", ""),
    ("\x00", "document.unreadable", ""),
    ("id: a\nid: b", "document.unreadable", ""),
    ('{"id": "a", "id": "b"}', "document.unreadable", ""),
    ('{"nodes": [{"id": "a", "id": "b"}]}', "document.unreadable", ""),
    ("id: {{x}}", "document.unreadable", ""),
    ("? [a]\n: b", "document.unreadable", ""),
    ("--- a\n--- b", "document.unreadable", ""),
    ("a: *b", "document.unreadable", ""),
    ("<<: 3", "document.unreadable", ""),
    ("a: !!bool foo", "document.unreadable", ""),
    ("a: !!timestamp foo", "document.unreadable", ""),
    ("a: !!python/object:os.system x", "document.unreadable", ""),
    ('{"id": "\\ud800"}', "document.value", "id"),
    ('{"variables": {"v": ["\\ud83d \\ude00"]}}', "document.value", "variables.v[0]"),
    ('{"a": {"b": NaN}}', "document.value", "a.b"),
    ('{"a": [1, -Infinity]}', "document.value", "a[1]"),
    ('{"a": 1e400, "b": 2}', "document.value", "a"),
    ('{"a": 18446744073709551616}', "document.value", "a"),
    ('{"a": {"b": 1, "b": 1}}', "document.unreadable", ""),
    ("a: 1e400", "document.value", "a"),
    ("a: -.Inf", "document.value", "a"),
    ("a: 0xffffffffffffffffff", "document.value", "a"),
    ('a: "\\ud83d"', "document.unreadable", ""),
    ("\ud800", "document.unreadable", ""),
    ("[" * 100_000, "document.unreadable", ""),
    ("{a: " * 5000, "document.unreadable", ""),
    ("a: !!set {b}", "document.value", "a"),
    ("a: {b: [.nan]}", "document.value", "a.b[0]"),
    ("a: .inf", "document.value", "a"),
    ("a: 99999999999999999999", "document.value", "a"),
    ("a: &a [*a]", "document.too_deep", "a" + "[0]" * 100),
    (bomb(40), "document.too_large", ""),
    ("x" * (4 * 1024 * 1024 + 1), "document.too_large", ""),
    (merge_bomb(101), "document.unreadable", ""),
    (f"a: &a {'x' * 100_000}\nb: [{', '.join(['*a'] * 100)}]", "document.too_large", ""),
    ({1: 2}, "document.value", ""),
    ({"id": {1, 2}}, "document.value", "id"),
    (document(variables={"v": float("nan")}), "document.value", "variables.v"),
    (document(variables={"v": "\ud800"}), "document.value", "variables.v"),
    (document(variables=nested(200)), "document.too_deep", "variables" + "[0]" * 100),
    (circular(), "document.too_deep", "variables" + ".again" * 100),
]
DOCUMENTS = [
    (document(nodes=None), "document.nodes", "nodes"),
    (document(nodes={"a": N}), "document.nodes", "nodes"),
    (document(nodes=[]), "workflow.empty", "nodes"),
    (document(id=7), "workflow.id", "id"),
    (document(id="a b"), "workflow.id", "id"),
    (document(name=["x"]), "workflow.name", "name"),
    (document(closed_inputs="no"), "workflow.closed_inputs", "closed_inputs"),
    (document(variables=[1]), "workflow.variables", "variables"),
    (document(node=[]), "document.unknown_key", "node"),
    (document(inputs=["x"]), "workflow.inputs", "inputs"),
    (document(inputs={"x": 0}), "input.declaration", "inputs.x"),
    (document(inputs={"x": "text"}), "input.declaration", "inputs.x.type"),
    (document(inputs={"x": {"tpye": "any"}}), "input.declaration", "inputs.x.tpye"),
    (document(inputs={"x": {"required": "yes"}}), "input.declaration", "inputs.x.required"),
    (document(inputs={"x": {"type": "integer", "default": "1"}}), "input.default", None),
    (document(inputs={"x": {"enum": [1], "default": 2}}), "input.default", "inputs.x.default"),
    (
        document(inputs={"x": {"type": "files", "default": [{"$file": "1"}]}}),
        "input.default",
        "inputs.x.default[0]",
    ),
    (
        document(inputs={"x": {"type": "string", "media_types": ["image/*"]}}),
        "input.declaration",
        "inputs.x.media_types",
    ),
    (
        document(inputs={"x": {"type": "file", "media_types": ["image/*", "pdf"]}}),
        "input.declaration",
        "inputs.x.media_types[1]",
    ),
    (document(inputs={"x": {"type": "string", "enum": [1]}}), "input.enum", "inputs.x.enum[0]"),
    (document(settings=[]), "workflow.settings", "settings"),
    (document(settings={"time": 1}), "workflow.settings", "settings.time"),
    (document(settings={"timeout": "soon"}), "workflow.settings", "settings.timeout"),
    (document(settings={"timeout": 0}), "workflow.settings", "settings.timeout"),
    (document(settings={"max_steps": 0}), "workflow.settings", "settings.max_steps"),
    (document(settings={"max_steps": "x"}), "workflow.settings", "settings.max_steps"),
    (document(nodes=[{"id": f"n{i}", **N} for i in range(5001)]), "graph.too_large", "nodes"),
]
NODE_DOCUMENTS = [
    (document(nodes=[3]), "document.node", "nodes[0]"),
    (document(nodes=[{"type": "noop"}]), "node.id", "nodes[0].id"),
    (document(nodes=[{"id": 4, "type": "noop"}]), "node.id", "nodes[0].id"),
    (document(nodes=[{"id": "a"}]), "node.type", "nodes[0].type"),
    (document(nodes=[{"id": "a", "type": ["noop"]}]), "node.type", "nodes[0].type"),
    (node(name={}), "node.name", "nodes[0].name"),
    (node(config=[]), "node.config", "nodes[0].config"),
    (node(config={"otput": 1}), "config.unknown_key", "nodes[0].config.otput"),
    (node(timeout="soon"), "duration.invalid", "nodes[0].timeout"),
    (node(timeout=-1), "duration.invalid", "nodes[0].timeout"),
    (node(timeout=0), "node.timeout", "nodes[0].timeout"),
    (node(timeout=True), "duration.invalid", "nodes[0].timeout"),
    (node(timeout="99999999d"), "duration.invalid", "nodes[0].timeout"),
    (node(retry=3), "node.retry", "nodes[0].retry"),
    (node(retry={"max_attempts": 101}), "node.retry", "nodes[0].retry.max_attempts"),
    (node(retry={"jitter": 2}), "node.retry", "nodes[0].retry.jitter"),
    (node(retry={"backoff": "nan"}), "node.retry", "nodes[0].retry.backoff"),
    (node(retry={"delay": "x"}), "duration.invalid", "nodes[0].retry.delay"),
    (node(retry={"retry_on": ["rain"]}), "node.setting", "nodes[0].retry.retry_on[0]"),
    (node(retry={"times": 3}), "node.setting", "nodes[0].retry"),
    (node(on_error={"strategy": 1}), "node.setting", "nodes[0].on_error.strategy"),
    (node(on_error=[]), "node.setting", "nodes[0].on_error"),
    (node(config={"error": 1}), "node.setting", "nodes[0].config.error"),
    (node(config={"error": "hide"}), "node.setting", "nodes[0].config.error.strategy"),
    (
        node(config={"error": {"strategy": "retry", "max_retries": 1000}}),
        "node.retry",
        "nodes[0].config.error.max_retries",
    ),
]
EDGES = [
    (document(edges={"a": "b"}), "document.edges", "edges"),
    (document(edges=["a"]), "document.edge", "edges[0]"),
    (document(edges=[{"source": "a"}]), "edge.target", "edges[0].target"),
    (document(edges=[{"source": [1], "target": "b"}]), "edge.source", "edges[0].source"),
    (document(edges=[{"from": "a", "to": "b", "tu": 1}]), "edge.unknown_key", "edges[0].tu"),
    (document(edges=[{"from": "a", "to": "z"}]), "edge.dangling", "edges[0].target"),
    (document(edges=[1, {"from": "a", "to": "z"}]), "edge.dangling", "edges[1].target"),
    (document(edges=[{"from": "a", "to": "b", "port": "x"}]), "edge.unknown_port", "edges[0].port"),
    (
        document(edges=[{"from": "a", "source": "b", "to": "b"}]),
        "edge.contradiction",
        "edges[0].source",
    ),
    (branching("z"), "edge.dangling", "nodes[0].config.true_next"),
    (branching({"id": "a"}), "edge.target", "nodes[0].config.true_next"),
    (branching(False), "edge.target", "nodes[0].config.true_next"),
    (
        branching("a", {"from": "c", "to": "b", "port": "true"}),
        "edge.contradiction",
        "nodes[0].config.true_next",
    ),
    (node(config={"true_next": "b"}), "config.unknown_key", "nodes[0].config.true_next"),
]
CONFIGS = [
    (configured("llm", prompt=""), "config.missing", "nodes[0].config.prompt"),
    (configured("llm", prompt=" \n"), "config.missing", "nodes[0].config.prompt"),
    (configured("llm", prompt="x", messages="y"), "config.wrong_type", "nodes[0].config.messages"),
    (configured("llm", prompt="x", stop=["{{x}}", 3]), "config.wrong_type", None),
    (configured("code", code=""), "config.missing", "nodes[0].config.code"),
    (configured("code", code="#" * 200_001), "config.wrong_value", "nodes[0].config.code"),
    (configured("code", code="result = 1", outputs=["x"]), "config.wrong_type", None),
    (configured("code", code="result = 1", params=["{{x}}"]), "config.wrong_type", None),
    (configured("code", code="result = 1", timeout=0), "config.wrong_type", None),
    (configured("http_request", url="u", timeout="1 moon"), "config.wrong_value", None),
    (configured("http_request", url="u", timeout="{x"), "config.wrong_value", None),
    (configured("http_request", url="u", auth={"type": "fingerprint"}), "config.wrong_type", None),
    (
        configured("http_request", url="u", auth={"type": "basic", "user": "{{x}}"}),
        "config.wrong_type",
        "nodes[0].config.auth",
    ),
    (configured("human_review", message="m", timeout="z"), "config.wrong_value", None),
    (configured("wait"), "config.missing", "nodes[0].config.duration"),
    (configured("wait", duration=1, until=2), "config.wrong_value", "nodes[0].config.until"),
    (configured("wait", until="tomorrow"), "config.wrong_value", "nodes[0].config.until"),
    (configured("wait", until=1e300), "config.wrong_value", "nodes[0].config.until"),
    (configured("end", output=1, answer=2), "config.wrong_value", "nodes[0].config.answer"),
    (configured("end", outputs=[1]), "config.wrong_type", "nodes[0].config.outputs"),
    (configured("start", x=1), "config.unknown_key", "nodes[0].config.x"),
    (configured("condition"), "config.missing", "nodes[0].config.condition"),
    (configured("condition", condition=None), "condition.invalid", "nodes[0].config.condition"),
    (configured("condition", condition="-" * 9000 + "1"), "condition.invalid", None),
    (configured("condition", condition="1" + "+1" * 5000), "condition.invalid", None),
    (configured("condition", condition="x" * 20_001), "condition.invalid", None),
    (configured("selector", branches="{{x}}"), "config.wrong_type", "nodes[0].config.branches"),
    (configured("selector", branches={"a": HOLDS}), "config.wrong_type", None),
    (configured("selector", branches=[]), "config.wrong_value", "nodes[0].config.branches"),
    (configured("selector", branches=[3]), "config.wrong_type", "nodes[0].config.branches[0]"),
    (configured("selector", branches=[{"id": "p"}]), "config.missing", None),
    (
        configured("selector", branches=[{"id": 1, "condition": HOLDS}]),
        "config.wrong_type",
        "nodes[0].config.branches[0].id",
    ),
    (
        configured("selector", branches=[{"id": "else", "condition": HOLDS}]),
        "config.wrong_value",
        "nodes[0].config.branches",
    ),
    (
        configured("selector", branches=[{"id": "p", "condition": HOLDS}] * 2),
        "config.wrong_value",
        "nodes[0].config.branches",
    ),
]
LOOPS = [
    (looping(items=3), "config.wrong_type", "nodes[0].config.items"),
    (looping(items={"a": 1}), "config.wrong_type", "nodes[0].config.items"),
    (looping(items=None), "config.missing", "nodes[0].config.items"),
    (looping(nodes=[]), "loop.empty", "nodes[0].config"),
    (looping(nodes={}), "document.nodes", "nodes[0].config.nodes"),
    (looping(nodes=[None]), "document.node", "nodes[0].config.nodes[0]"),
    (looping(edges="x"), "document.edges", "nodes[0].config.edges"),
    (looping(edges=[{}]), "edge.source", "nodes[0].config.edges[0].source"),
    (configured("loop", items=[1], edges=[3]), "loop.empty", "nodes[0].config"),
    (looping(prompt="x"), "config.wrong_value", "nodes[0].config.prompt"),
    (looping(concurrency=0), "config.wrong_value", "nodes[0].config.concurrency"),
    (looping(concurrency=[2]), "config.wrong_value", "nodes[0].config.concurrency"),
    (looping(max_items="{{x}}"), "config.wrong_value", "nodes[0].config.max_items"),
    (looping(max_items="null"), "config.wrong_type", "nodes[0].config.max_items"),
    (looping(max_items=-1), "config.wrong_type", "nodes[0].config.max_items"),
    (looping(on_item_error="{{x}}"), "config.wrong_value", "nodes[0].config.on_item_error"),
    (looping(output="{{ item | }}"), "template.syntax", "nodes[0].config.output"),
    (looping(output="{{q}}"), "reference.unknown", "nodes[0].config.output"),
    (
        configured("loop", items=[1], prompt="{{ item | }}"),
        "template.syntax",
        "nodes[0].config.prompt",
    ),
    (configured("loop", items=[1], prompt="{{q}}"), "reference.unknown", "nodes[0].config.prompt"),
    (
        configured("loop", items=[1], prompt="x", temperature="hot"),
        "config.wrong_type",
        "nodes[0].config.temperature",
    ),
    (
        looping(nodes=[{"id": "i", "type": "llm", "config": {}}]),
        "config.missing",
        "nodes[0].config.nodes[0].config.prompt",
    ),
    (
        looping(nodes=[{**CHOOSE, "config": {"condition": HOLDS, "true_next": "z"}}]),
        "edge.dangling",
        "nodes[0].config.nodes[0].config.true_next",
    ),
]
ALL = [*UNREADABLE, *DOCUMENTS, *NODE_DOCUMENTS, *EDGES, *CONFIGS, *LOOPS]


@pytest.mark.parametrize(
    ("source", "code", "path"), ALL, ids=[f"{at}-{code}" for at, (_, code, _) in enumerate(ALL)]
)
def test_what_is_wrong_is_said_at_its_place(source: Any, code: str, path: str | None) -> None:
    errors = [finding for finding in findings(source) if finding.level == "error"]
    assert errors
    assert all(finding.message for finding in errors)
    places = [finding.path for finding in errors if finding.code == code]
    assert places, errors
    if path is not None:
        # Long paths are cut.
        assert path in places or path[:599] + "…" in places


def test_an_output_that_a_program_does_not_declare() -> None:
    code = {"code": "result = {'rows': []}", "outputs": {"rows": "array"}}
    read = {"template": "{{c.rows}} {{c.row}} {{c.output}}"}
    found = findings(
        document(
            nodes=[
                {"id": "c", "type": "code", "config": code},
                {"id": "t", "type": "template", "config": read},
            ]
        )
    )
    wrong = [one for one in found if one.level == "error"]
    assert [(one.code, one.hint) for one in wrong] == [
        ("reference.unknown_output", "did you mean 'rows'?")
    ]


def test_settings_that_hold_references_are_sound() -> None:
    auth = {"type": "bearer", "token": "{{secrets.KEY}}"}
    request = {"url": "{{x}}", "auth": auth, "timeout": "{{x.timeout}}", "verify_tls": "{{x.tls}}"}
    model = {"prompt": "{{x}}", "temperature": "{{x.heat}}", "messages": {"ref": "x.said"}}
    model |= {"response_format": "{{x.format}}", "stop": ["{{x}}"], "max_tokens": "{{x.most}}"}
    for good in (
        configured("http_request", **request),
        configured("llm", **model),
        looping(items="x", concurrency="{{x.many}}"),
        configured("wait", duration="{{x}}"),
        configured("condition", condition="('\u2028éé'\n + x) == x"),
    ):
        assert not findings(good)


def test_yaml_means_what_json_would() -> None:
    source = """
    id: w
    inputs: {x: any}
    nodes:
      - {id: c, type: condition, config: {condition: {left: "{{x}}", operator: is_true}}}
      - {<<: [{timeout: 2m}], id: n, type: noop, config: {output: [no, 1:30, 2026-01-01, 0o17]}}
    edges: [{from: c, to: n, port: true}]
    """
    loaded = load_workflow(source)
    assert loaded.findings == ()
    assert loaded.workflow is not None
    assert loaded.workflow.nodes[1].timeout == 120
    assert loaded.workflow.nodes[1].config["output"] == ["no", "1:30", "2026-01-01", 15]


def test_findings_stay_small_whatever_they_quote() -> None:
    long = "x" * 100_000
    nodes = [{"id": f"{long}{at}", "type": f"{long}y", long: 1} for at in range(20)]
    found = findings({"id": long, long: 1, "nodes": nodes, "edges": [{"from": long, "to": "a"}]})
    texts = [text for one in found for text in (one.path, one.message, one.hint)]
    assert max(map(len, texts)) <= 600


@pytest.mark.parametrize(
    "text", ["{{" * 20_000, "{%" * 20_000, "{#" * 20_000, "{{ '" * 20_000, "{{x[ " * 20_000]
)
def test_what_is_never_closed_is_found_soon(text: str) -> None:
    codes = {one.code for one in findings(configured("end", output=text))}
    assert codes & {"template.syntax", "template.too_complex"}


def test_a_program_that_reads_much_is_read_soon() -> None:
    assert not findings(configured("code", code="context['x']\n" * 15_000))
