"""What the demo model says is labelled, the same every time, and of use to conditions."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfold.model_servers.demo import text as demo_text
from runfold.model_servers.demo.text import LABEL, answer, chosen_label, instance, tokens


def ask(prompt: str, response_format: Any = None) -> str:
    return answer([{"role": "user", "content": prompt}], response_format)


def test_it_is_labelled_and_quotes_the_prompt() -> None:
    text = ask("Outline an article about tea")
    assert text.startswith(LABEL)
    assert "Outline an article about tea" in text
    assert text == ask("Outline an article about tea")
    assert ask("为主题「茶」生成文章大纲").startswith(f"{LABEL} 这是演示模型")
    long = ask("word " * 500)
    assert len(long) < 500


def test_it_does_not_quote_itself() -> None:
    assert ask(ask("tea")).count(LABEL) == 1


@pytest.mark.parametrize(
    "prompt",
    [
        f"评估以下文章的质量(1-10 分),指出问题:\n\n{'长文 ' * 400}",
        "Give a score from 1 to 10",
        f"{'material ' * 300}\nRate this text, 1-10.",
    ],
)
def test_a_mark_fits_both_ways_of_reading_it(prompt: str) -> None:
    text = ask(prompt)
    assert int(text.split("分")[0][-1]) == 8
    assert int(text.split("/")[0]) == 8
    assert LABEL in text


@pytest.mark.parametrize(
    ("message", "label"),
    [
        ("I want a refund", "refund"),
        ("我要退款!", "refund"),
        ("A complaint: it is broken", "complaint"),
        ("这个产品多少钱", "product_inquiry"),
        ("hello", "other"),
    ],
)
def test_a_label_is_chosen_by_what_is_said(message: str, label: str) -> None:
    prompt = (
        "识别用户意图,输出类别:product_inquiry / complaint / refund / other\n\n用户消息:" + message
    )
    assert chosen_label(prompt) == label
    assert ask(prompt) == f"{LABEL} {label}"


def test_other_ways_to_list_labels() -> None:
    assert chosen_label("Classify as one of: billing, technical. The invoice is technical") == (
        "technical"
    )
    assert chosen_label("Choose one of yes|no") == "yes"
    assert chosen_label("Write about either/or") is None
    assert chosen_label("What is my intent?") is None


def test_json_answers() -> None:
    value = json.loads(ask("Give a score, 1-10", {"type": "json_object"}))
    assert value["score"] == 8
    assert LABEL in value["note"]


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {"a": {"type": "integer", "minimum": 3, "maximum": 5}}},
        {"type": "array", "items": {"enum": ["x", "y"]}, "minItems": 2},
        {"anyOf": [{"type": "null"}, {"type": "string"}]},
        {"type": "string", "minLength": 10, "maxLength": 12},
        {"type": ["string", "null"], "format": "date"},
        {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1.5},
        {"allOf": [{"required": ["a"], "properties": {"a": {"const": 1}}}]},
        {
            "$ref": "#/$defs/node",
            "$defs": {
                "node": {
                    "type": "object",
                    "properties": {
                        "name": {"type": "string"},
                        "children": {"type": "array", "items": {"$ref": "#/$defs/node"}},
                    },
                    "required": ["name"],
                }
            },
        },
        {},
    ],
)
def test_an_instance_fits_its_schema(schema: dict[str, Any]) -> None:
    jsonschema.validate(instance(schema), schema)
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    assert json.loads(ask("x", form)) == instance(schema)


@given(st.text())
def test_tokens_are_the_text(text: str) -> None:
    assert "".join(tokens(text)) == text


@given(st.text())
def test_every_prompt_has_an_answer(prompt: str) -> None:
    assert LABEL in ask(prompt)


def test_odd_conversations() -> None:
    assert LABEL in demo_text.answer([])
    assert "tea" in demo_text.answer([{"role": "user", "content": [{"text": "tea"}]}])
    assert "tea" in demo_text.answer([{"role": "system", "content": "tea"}])
