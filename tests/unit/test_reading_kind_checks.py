"""What the checks say of the kinds that read what a model says, before any is asked."""

from __future__ import annotations

from typing import Any

import pytest

from runfold.graph.kinds import kind_of
from runfold.graph.loader import load_workflow


def found(kind: str, config: dict[str, Any], **edge: str) -> list[str]:
    """The codes and messages of what is wrong with one node."""
    loaded = load_workflow(
        {
            "id": "w",
            "inputs": {"x": {"type": "string"}},
            "nodes": [{"id": "n", "type": kind, "config": config}, {"id": "then", "type": "noop"}],
            "edges": [{"source": "n", "target": "then", **edge}],
        }
    )
    return [f"{one.code} {one.message}" for one in loaded.findings if one.level == "error"]


def test_edges_leave_at_the_ids_of_classes() -> None:
    config = {"text": "{{x}}", "classes": ["退款", {"id": "1st choice"}]}
    for port in ("退款", "1st choice", "other"):
        assert not found("question_classifier", config, port=port)
    assert "edge.unknown_port" in " ".join(found("intent", config, port="refund"))
    kind = kind_of("question_classifier")
    assert kind is not None
    assert kind.type == "intent"


@pytest.mark.parametrize(
    ("classes", "said"),
    [
        ([], "at least one class"),
        (["a", {"id": "a"}], "two classes are called 'a'"),
        (["other"], "cannot be called 'other': the port is taken"),
        (["error"], "cannot be called 'error'"),
        ([{"id": ""}], "cannot be called ''"),
        (["{{x}}"], "ports must be known beforehand"),
        ("{{x}}", "classes is not rendered"),
        ([{"name": "a"}], "missing required field `id`"),
        ([{"id": "a", "ports": 1}], "unknown field `ports`"),
        ([str(number) for number in range(201)], "there are 201 classes"),
    ],
)
def test_classes_that_cannot_be(classes: Any, said: str) -> None:
    problems = found("intent", {"text": "{{x}}", "classes": classes}, port="other")
    assert said in " ".join(problems)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"schema": {"type": "objekt"}, "prompt": "x"}, "'objekt' is not valid"),
        ({"schema": {"$ref": "https://x.example/a.json"}, "prompt": "x"}, "not inside it"),
        ({"schema": {"pattern": "(?=a)"}, "prompt": "x"}, "(?="),
        ({"schema": {}}, "structured needs 'prompt' or 'messages'"),
        ({"prompt": "x"}, "structured 'n' needs 'schema'"),
        ({"schema": [], "prompt": "x"}, "schema: expected `object`"),
        ({"schema": {}, "prompt": "x", "max_repairs": 9}, "max_repairs"),
    ],
)
def test_a_structured_node_that_cannot_be(config: dict[str, Any], said: str) -> None:
    assert said in " ".join(found("structured", config))


def test_a_schema_that_is_only_known_later_is_not_judged() -> None:
    schema = {"type": "object", "properties": {"size": {"enum": ["{{x}}"], "type": "{{x}}"}}}
    assert not found("structured", {"schema": schema, "prompt": "x"})
    assert not found("structured", {"schema": "{{x}}", "prompt": "x"})


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ({"enum": [1, 2]}, "field 'f' of type string cannot be 1"),
        ({"type": "integer", "enum": [1, "2"]}, "field 'f' of type integer cannot be '2'"),
        ({"type": "integer", "enum": [1, 2.0, "{{x}}"]}, ""),
        ({"type": "any", "enum": [1, "a"]}, ""),
        ({"enum": ["a", "", None]}, ""),
    ],
)
def test_values_that_no_field_can_have(field: dict[str, Any], said: str) -> None:
    problems = found("extract", {"text": "{{x}}", "fields": {"f": field}})
    assert (said in " ".join(problems)) if said else not problems
