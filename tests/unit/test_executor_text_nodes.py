"""The nodes of the text group, called as the executor calls them."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any, get_args

import msgspec
import pytest

from runfold.errors import NodeFailed, RunfoldError
from runfold.graph.kinds.text import Operation
from runfold_executor_text import regex
from runfold_executor_text.nodes import NODES
from runfold_executor_text.text import MAX_LENGTH, OPERATIONS
from tests.support.node_contexts import RecordingContext

DRAFT = '{"mark": 0}'
DRAFT_ONLY = f"<think>maybe {DRAFT}"
THOUGHT = f"{DRAFT_ONLY}</think>"
MARKED = '{"mark": 8}'

BY_TYPE = {node.kind.type: node for node in NODES}


async def run(type_name: str, **config: Any) -> dict[str, Any]:
    node = BY_TYPE[type_name]
    outcome = await node.run(RecordingContext(), msgspec.convert(config, node.kind.config), {})
    assert outcome.port == "out"
    return outcome.outputs


def test_the_group_and_its_operations_are_complete() -> None:
    assert {node.kind.group for node in NODES} == {"text"}
    assert set(OPERATIONS) == set(get_args(Operation))


async def test_template_and_noop() -> None:
    assert await run("template", template="done") == {"output": "done"}
    assert await run("template", template=[1, None]) == {"output": "[1,null]"}
    assert await run("noop") == {"output": None}
    assert await run("noop", output={"a": 1}) == {"output": {"a": 1}}


@pytest.mark.parametrize(
    ("config", "output"),
    [
        ({"operation": "concat", "inputs": ["a", 1, None, True]}, "a1true"),
        ({"operation": "concat", "input": ["a", "b"], "separator": ", "}, "a, b"),
        ({"operation": "split", "input": "a b\tc"}, ["a", "b", "c"]),
        ({"operation": "split", "input": "a,b,,c", "separator": ","}, ["a", "b", "", "c"]),
        ({"operation": "split", "input": "a,b,c", "separator": ",", "limit": 2}, ["a", "b,c"]),
        ({"operation": "split", "input": "a b", "limit": 1}, ["a b"]),
        ({"operation": "split", "input": "ab", "separator": ""}, ["a", "b"]),
        ({"operation": "lines", "input": "a\n\nb\n", "keep_empty": False}, ["a", "b"]),
        ({"operation": "replace", "input": "aaa", "search": "a", "replacement": "b"}, "bbb"),
        ({"operation": "replace", "input": "aaa", "search": "a", "limit": 2}, "a"),
        ({"operation": "upper", "input": "hé"}, "HÉ"),
        ({"operation": "lower", "input": "HÉ"}, "hé"),
        ({"operation": "title", "input": "on tea"}, "On Tea"),
        ({"operation": "trim", "input": "  a \n"}, "a"),
        ({"operation": "trim", "input": "--a-", "characters": "-"}, "a"),
        ({"operation": "truncate", "input": "abcdef", "limit": 4, "suffix": "…"}, "abc…"),
        ({"operation": "truncate", "input": "abc", "limit": 4}, "abc"),
        ({"operation": "length", "input": "hé"}, 2),
        ({"operation": "contains", "input": "Tea", "search": "tea", "ignore_case": True}, True),
        ({"operation": "upper", "input": {"a": "b"}}, '{"A":"B"}'),
    ],
)
async def test_text(config: dict[str, Any], output: Any) -> None:
    assert (await run("text", **config))["output"] == output


@pytest.mark.parametrize(
    ("config", "output"),
    [
        ({"input": "id 12-34", "pattern": r"\d+"}, "12"),
        ({"input": "id 12-34", "pattern": r"(\d+)-(\d+)"}, "12"),
        ({"input": "id 12-34", "pattern": r"(\d+)-(\d+)", "group": 2}, "34"),
        ({"input": "id 12-34", "pattern": r"(?P<a>\d+)", "group": "a"}, "12"),
        ({"input": "none", "pattern": r"\d"}, None),
        ({"input": "a1b22", "pattern": r"\d+", "mode": "all"}, ["1", "22"]),
        ({"input": "a1b22", "pattern": r"\d+", "mode": "all", "limit": 1}, ["1"]),
        ({"input": "a1", "pattern": r"\d", "mode": "match"}, None),
        ({"input": "a1b2", "pattern": r"(\d)", "replacement": r"<\1>"}, "a<1>b<2>"),
        ({"input": "a1", "pattern": r"(?P<n>\d)", "replacement": r"\g<n>\n\\"}, "a1\n\\"),
        ({"input": "a , b,c", "pattern": r"\s*,\s*", "mode": "split"}, ["a", "b", "c"]),
        ({"input": "Tea", "pattern": "^tea$", "ignore_case": True}, "Tea"),
        ({"input": "a\nb", "pattern": "^b$", "multiline": True}, "b"),
        ({"input": "é1", "pattern": r"\d", "replacement": "x"}, "éx"),
    ],
)
async def test_regex(config: dict[str, Any], output: Any) -> None:
    assert (await run("text", operation="regex", **config))["output"] == output


@pytest.mark.parametrize("mode", ["all", "replace", "split"])
async def test_a_text_with_too_many_matches_fails(
    mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regex, "MAX_MATCHES", 5)
    config = {"operation": "regex", "pattern": "a", "mode": mode, "replacement": "b"}
    assert (await run("text", input="a" * 5, **config))["count"] >= 5
    assert (await run("text", input="a" * 6, limit=3, **config))["count"] in (3, 4)
    with pytest.raises(NodeFailed) as raised:
        await run("text", input="a" * 6, **config)
    assert raised.value.code == "text.too_many_matches"


async def test_a_match_gives_its_groups() -> None:
    found = await run("text", operation="regex", input="k=v", pattern=r"(?P<key>\w)=(\w)")
    assert found["groups"] == {"1": "k", "2": "v", "key": "k"}
    assert found["match"] is True


async def test_a_catastrophic_pattern_takes_linear_time() -> None:
    found = await run("text", operation="regex", input="a" * 50_000 + "b", pattern=r"(a+)+$")
    assert found["match"] is False


@pytest.mark.parametrize(
    ("config", "code"),
    [
        ({"operation": "regex", "input": "x"}, "text.pattern_missing"),
        ({"operation": "regex", "input": "x", "pattern": "("}, "expression.regex"),
        ({"operation": "regex", "input": "x", "pattern": "(?=x)"}, "expression.regex"),
        ({"operation": "regex", "input": "x", "pattern": "x", "group": 3}, "text.group_unknown"),
        ({"operation": "replace", "input": "x"}, "text.search_missing"),
        ({"operation": "truncate", "input": "x"}, "text.limit_missing"),
        (
            {
                "operation": "replace",
                "input": "a" * 10_000,
                "search": "a",
                "replacement": "b" * 900,
            },
            "text.too_long",
        ),
        (
            {"operation": "regex", "input": "a" * 10_000, "pattern": "a", "replacement": "b" * 900},
            "text.too_long",
        ),
        (
            {"operation": "concat", "inputs": ["", "", ""], "separator": "x" * MAX_LENGTH},
            "text.too_long",
        ),
    ],
)
async def test_text_that_cannot_be_done(config: dict[str, Any], code: str) -> None:
    with pytest.raises(RunfoldError) as raised:
        await run("text", **config)
    assert raised.value.code == code
    assert not raised.value.retryable


@pytest.mark.parametrize(
    ("config", "output"),
    [
        ({"input": '{"a": [1, null]}'}, {"a": [1, None]}),
        ({"input": {"already": "parsed"}}, {"already": "parsed"}),
        ({"input": 'Sure!\n```json\n{"a": 1}\n```\nBye', "strict": False}, {"a": 1}),
        ({"input": 'The answer is {"a": {"b": [1]}}. [x]', "strict": False}, {"a": {"b": [1]}}),
        ({"input": '[broken {"a": 1}', "strict": False}, {"a": 1}),
        ({"input": "\ufeff[1]"}, [1]),
        (
            {"input": '{"cut": "\\ud83d", "whole": "\\ud83d\\ude00"}'},
            {"cut": "\ufffd", "whole": "😀"},
        ),
        ({"input": '{"id": 9007199254740993}'}, {"id": 9007199254740993}),
        ({"input": '{"id": 12345678901234567890123}'}, {"id": 12345678901234567890123}),
        ({"input": f"{THOUGHT}\n{MARKED}", "strict": False}, {"mark": 8}),
        ({"input": f"{THOUGHT}```json\n{MARKED}\n```", "strict": False}, {"mark": 8}),
        ({"input": f"{THOUGHT}{THOUGHT} so: {MARKED}", "strict": False}, {"mark": 8}),
        ({"input": f"Hm, {DRAFT}? No.</think>{MARKED}", "strict": False}, {"mark": 8}),
        ({"input": '{"tag": "</think>"} it is', "strict": False, "default": 0}, 0),
        ({"input": '<think>x</think>{"tag": "</think>"}', "strict": False}, {"tag": "</think>"}),
        ({"input": 'So: {"a": "<think>b</think>"}', "strict": False}, {"a": "<think>b</think>"}),
        ({"input": "```js\nf(x)\n```\n```\n\n [1]\n```", "strict": False}, [1]),
        ({"input": "``` \n\n``` and {x} and [2]", "strict": False}, [2]),
        ({"input": "no", "default": None}, None),
        ({"input": "no", "strict": False, "default": {}}, {}),
    ],
)
async def test_json_parse(config: dict[str, Any], output: Any) -> None:
    assert (await run("json_parse", **config))["output"] == output


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        '{"a": NaN}',
        '{"a": 1e400, "b": {"c": 1}}',
        '{"a": -Infinity, "b": {"c": 1}}',
        "[" * 100_000,
        f"{'[' * 1020}{']' * 1020}",
        '{"n": ' + "9" * 5000 + "}",
        "x {y} z",
        "{ " * 200_000,
        "```\nx\n```\n" * 100_000,
        '{"a": {"b": 1}, "c": ',
        '{"rows": [{"b": 1}, {"b": 2}, {"b',
        'Here:\n```json\n{"a": {"b": 1}, "c":\n```',
        '{"a": {"b": 1} "c": 2}',
        '{"a": "two\nlines"}',
        DRAFT_ONLY,
        f"{THOUGHT}I do not know.",
        f"{THOUGHT}{DRAFT_ONLY}",
    ],
)
async def test_what_is_no_json_fails(text: str) -> None:
    for strict in (True, False):
        with pytest.raises(NodeFailed) as raised:
            await run("json_parse", input=text, strict=strict)
        assert raised.value.code == "json.invalid"


async def test_a_json_error_names_its_place() -> None:
    with pytest.raises(NodeFailed) as raised:
        await run("json_parse", input='{"a": 1,\n "b" 2}')
    assert "line 2, column 6" in raised.value.message
    assert raised.value.details == {"line": 2, "column": 6, "position": 14}
    with pytest.raises(NodeFailed, match=r"NaN at byte 7 .*line 2, column 7") as raised:
        await run("json_parse", input='é\n{"é": NaN}', strict=False)
    assert raised.value.details["position"] == 8


async def test_json_stringify() -> None:
    value = {"b": [1, "é"], "a": None}
    assert await run("json_stringify", input=value) == {"output": '{"b":[1,"é"],"a":null}'}
    indented = await run("json_stringify", input=value, indent=2, sort_keys=True)
    assert indented["output"].startswith('{\n  "a": null')


async def test_finding_all_matches_takes_a_bounded_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each match may look to the end of the text for a longer one."""
    monkeypatch.setattr(regex, "MAX_SECONDS", 0.05)
    many = {"input": "a" * 200_000, "pattern": "a(?:.*z)?", "mode": "all"}
    with pytest.raises(NodeFailed) as raised:
        await run("text", operation="regex", **many)
    assert raised.value.code == "text.too_slow"


async def test_what_other_work_takes_meanwhile_counts_for_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Waiting:
        def finditer(self, text: str) -> Iterator[re.Match[str]]:
            for match in re.finditer("a", text):
                time.sleep(0.03)  # as when others have the processor
                yield match

    monkeypatch.setattr(regex, "MAX_SECONDS", 0.05)
    monkeypatch.setattr(regex, "compiled", lambda *_, **__: Waiting())
    found = await run("text", operation="regex", input="aaa", pattern="a", mode="all")
    assert found["count"] == 3
