"""What a JavaScript program reads of its context, found without running it."""

from __future__ import annotations

import time

import pytest

from runfold.values.javascript_scan import javascript_refs
from runfold.values.python_bounds import MAX_PROGRAM
from runfold.values.references import Ref, references_in


def found(text: str) -> list[str]:
    return [".".join(map(str, (ref.root, *ref.path))) for ref in javascript_refs(text)]


@pytest.mark.parametrize(
    ("text", "refs"),
    [
        ("result = context.fetch.output", ["fetch.output"]),
        ("result = context.fetch.output.body.items.map(x => x.id)", ["fetch.output"]),
        ("result = context['fetch']['output'][0]", ["fetch.output"]),
        ('result = context["fetch"]?.output', ["fetch.output"]),
        ("result = context?.['fetch']?.output", ["fetch.output"]),
        ("result = context.rows[0]", ["rows.0"]),
        ("result = context.rows[i]", ["rows"]),
        ("result = context.rows.map(x => x)", ["rows"]),
        ("result = context.topic + context.other", ["topic", "other"]),
        ("result = `${context.a.output} and ${`${context.b.x}`} {context.c}`", ["a.output", "b.x"]),
        ("result = `}` + context.a.output + `${{x: 1}.x}`", ["a.output"]),
        ("const {fetch} = context", ["*"]),
        ("result = f(context)", ["*"]),
        ("result = context[name]", ["*"]),
        ("result = Object.keys(context)", ["*"]),
        ("result = context.hasOwnProperty('a')", ["*"]),
        ("result = {...context}", ["*"]),
        ("result = {context}", ["*"]),
        ("result = {context: 1}, x.context.y, x?.context", []),
        ("// context.gone\n/* context.gone */ result = 'context.gone' + \"context.gone\"", []),
        ("result = s.replace(/\"/g, '').replace(/[/\"']/g, '') + context.a.output", ["a.output"]),
        ("result = a / context.n / 2 + x[1] / context.m", ["n", "m"]),
        ("if (x) /'/.test(y); result = context.a.output", ["a.output"]),
        ("result = contextual.a + my_context.b + $context.c", []),
        ("result = 'unclosed + context.a", ["a"]),
        ("result = `unclosed + context.a", []),
        ("/* unclosed context.a", []),
    ],
)
def test_what_is_read(text: str, refs: list[str]) -> None:
    assert found(text) == refs


def test_the_language_says_which_reader_reads() -> None:
    config = {"code": "result = context?.fetch.output", "language": "javascript"}
    assert [ref.root for ref in references_in(config, raw=("code",))] == ["fetch"]
    assert references_in({"code": "result = 1 // 2 + context['a']"}, raw=("code",)) == (
        Ref("a", (), "context['a']"),
    )


@pytest.mark.parametrize(
    "piece",
    ["=/[", "/*", "'", '"', "`${", "`", "context.", "context[", "=/a", "(", "\\", "}", "?."],
)
def test_reading_takes_time_in_step_with_length(piece: str) -> None:
    text = (piece * MAX_PROGRAM)[: MAX_PROGRAM - 8] + ";context"
    begun = time.process_time()
    javascript_refs(text)
    assert time.process_time() - begun < 5
    assert javascript_refs(text + "x") == ()  # too long
