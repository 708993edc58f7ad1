"""What may kill a process dies apart: documents are checked and free templates rendered there."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from runfold.errors import ExpressionFailed, InvalidWorkflow, ReferenceMissing
from runfold.graph import loader
from runfold.isolated import documents, rendering
from runfold.isolated.pool import Died, Pool
from runfold.isolated.rendering import rendered
from runfold.isolated.turns import FairTurns
from runfold.values.references import lookup_in

VALUES: dict[str, Any] = {"n": 3, "many": list(range(20_000)), "secrets": {"KEY": "s3cret"}}
LOOKUP = lookup_in(VALUES)
ENDLESS = {
    "nested": "{% set ns = namespace(x=1) %}"
    + "{% for i in many %}{% set ns.x = [ns.x] %}{% endfor %}" * 2
    + "{{ ns.x }}",
    "around itself": "{% set ns = namespace() %}{% set ns.x = ns %}{{ ns.x }}",
}


@pytest.mark.parametrize("name", ENDLESS)
async def test_a_template_that_would_kill_its_process_fails(name: str) -> None:
    with pytest.raises(ExpressionFailed) as raised:
        await rendered(ENDLESS[name], LOOKUP)
    assert raised.value.code == "template.too_long"
    assert await rendered("{% set a = n + 1 %}{{ a }}", LOOKUP) == "4"


async def test_a_template_that_takes_too_long_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    hurried = Pool(size=1, seconds=0.3, memory=1024**3)
    monkeypatch.setattr(rendering, "_pool", hurried)
    doubled = (
        "{% set ns = namespace(x=[1]) %}"
        "{% for i in range(40) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}"
    )
    with pytest.raises(ExpressionFailed) as raised:
        await rendered(doubled, LOOKUP)
    assert raised.value.code == "template.too_long"
    hurried.close()


async def test_a_configuration_is_rendered_as_one() -> None:
    written = {
        "a": "{% set x = n %}{{ x }}",
        "b": ["{{n}}", "{{ n }}!", "{% set x = n + 1 %}{{ x }}"],
        "c": "{% set x = secrets.KEY %}{{ x|upper }}",
        "d": {"ref": "n"},
    }
    expected = {"a": "3", "b": [3, "3!", "4"], "c": "S3CRET", "d": 3}
    assert await rendered(written, LOOKUP) == expected


@pytest.mark.parametrize(
    ("template", "error", "code"),
    [
        ("{% set a = gone %}{{ a }}", ReferenceMissing, "reference.missing"),
        ("{% set a = 1 %}{{ a|nofilter }}", ExpressionFailed, "template.syntax"),
        ("{% set a = n / 0 %}{{ a }}", ExpressionFailed, "expression.failed"),
        (
            "{% set a = 'x' * 5 %}{{ a }}",
            ExpressionFailed,
            "expression.failed",
        ),
        (
            "{% set a = n %}{% for i in range(90000) %}{% for j in many %}{% endfor %}{% endfor %}",
            ExpressionFailed,
            "template.too_long",
        ),
    ],
)
async def test_a_failing_template_says_why(template: str, error: type, code: str) -> None:
    with pytest.raises(error) as raised:
        await rendered(template, LOOKUP)
    assert raised.value.code == code


DOCUMENTS: list[Any] = [
    {"id": "w", "nodes": [{"id": "n", "type": "noop"}]},
    {
        "id": "w",
        "inputs": {"x": "any"},
        "nodes": [{"id": "n", "type": "template", "config": {"template": "{{ x|upper }}"}}],
    },
    {
        "id": "w",
        "nodes": [
            {"id": "n", "type": "template", "config": {"template": "{{ " + "-" * 50_000 + "1 }}"}}
        ],
    },
    {
        "id": "w",
        "nodes": [{"id": "n", "type": "code", "config": {"code": "result = context['x'] +"}}],
    },
    b'{"id": "w", "nodes": [}',
    b"id: w\nnodes:\n- {id: n, type: noop}\n",
    b"id: w\nnodes: [" + b"[" * 5_000,
    b"id: w\nnodes:\n- {id: n, type: noop, config: {output: [" + b"1," * 60_000 + b"]}}\n",
    b"\xff\xfe",
    "x" * (5 * 1024 * 1024),
    {"id": "w", "nodes": [{"id": "n", "type": "noop", "config": {"output": float("nan")}}]},
]


@pytest.mark.parametrize("number", range(len(DOCUMENTS)))
async def test_the_findings_are_those_of_the_loader(number: int) -> None:
    source = DOCUMENTS[number]
    apart, here = await documents.load_workflow(source), loader.load_workflow(source)
    assert apart.findings == here.findings
    assert apart.workflow == here.workflow


LARGE = b"# Notes.\n" * 9_000
"""More than is read beside the event loop."""


@pytest.mark.parametrize(
    "text",
    [
        LARGE + b"id: w\nnodes:\n- {id: a, type: nope}\n- {id: b, type: code, config: {cod: 1}}\n",
        LARGE.replace(b"# Notes.", b" ") + b'{"id": "w",\n"nodes": [{"id": "a", "type": "nope"}]}',
        LARGE + b"id: [",
    ],
)
async def test_the_lines_of_a_large_text_are_found(text: bytes) -> None:
    apart, here = await documents.load_workflow(text), loader.load_workflow(text)
    assert apart.findings == here.findings
    assert all(one.line > 9_000 for one in apart.findings)


async def test_lines_that_take_too_long_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    async def dies(verb: str, body: bytes) -> bytes:
        raise Died("it took too long", b"")

    monkeypatch.setattr(documents, "_lookups", type("Slow", (), {"run": staticmethod(dies)}))
    text = LARGE + b"id: w\nnodes:\n- {id: a, type: nope}\n"
    [finding] = (await documents.load_workflow(text)).findings
    assert (finding.code, finding.node, finding.line) == ("node.unknown_type", "a", 0)


async def test_a_refused_document_is_refused_with_all_findings() -> None:
    with pytest.raises(InvalidWorkflow) as raised:
        await documents.prepare({"id": "w", "nodes": [{"id": "n", "type": "nope"}]})
    assert [one.code for one in raised.value.findings] == ["node.unknown_type"]


async def test_a_document_that_kills_its_parser_is_a_finding(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def dies(verb: str, body: bytes) -> bytes:
        raise Died("it ended", b"nodes[3].config.template")

    monkeypatch.setattr(documents, "_pool", type("Dying", (), {"run": staticmethod(dies)}))
    [finding] = (await documents.load_workflow(DOCUMENTS[1])).findings
    assert finding.code == "document.too_complex"
    assert finding.path == "nodes[3].config.template"


async def test_a_process_that_was_killed_is_replaced() -> None:
    pool = Pool(size=1, seconds=30, memory=1024**3)
    assert await pool.run("ready", b"") == b""
    for process in list(pool._all):
        process._process.kill()
    with pytest.raises(Died):
        await pool.run("ready", b"")
    assert await pool.run("ready", b"") == b""
    pool.close()


async def test_the_loop_goes_on_while_a_large_document_is_checked() -> None:
    """Turns are counted, not timed: a loop that is held up has none."""
    checking = asyncio.create_task(documents.load_workflow(DOCUMENTS[7]))
    turns = 0
    while not checking.done():
        await asyncio.sleep(0.01)
        turns += 1
    assert turns > 5


async def test_turns_are_shared_between_those_who_wait() -> None:
    turns = FairTurns(1, ())
    order: list[str] = []

    async def have(asker: tuple[str, ...]) -> None:
        async with turns.turn(asker):
            order.append("/".join(asker))
            await asyncio.sleep(0)

    askers = [("w", "a")] * 4 + [("w", "b")] * 2 + [("v", "c")] * 2
    await asyncio.gather(*(have(asker) for asker in askers))
    assert order == ["w/a", "w/a", "v/c", "w/b", "v/c", "w/a", "w/b", "w/a"]


async def test_a_group_has_no_more_than_its_share() -> None:
    turns = FairTurns(3, (2, 1))
    running: set[str] = set()
    most: dict[str, int] = {}

    async def have(workflow: str, run: str, number: int) -> None:
        async with turns.turn((workflow, run)):
            running.add(f"{workflow}/{run}/{number}")
            for group in (workflow, f"{workflow}/{run}"):
                now = sum(one.startswith(f"{group}/") for one in running)
                most[group] = max(most.get(group, 0), now)
            await asyncio.sleep(0.001)
            running.discard(f"{workflow}/{run}/{number}")

    await asyncio.gather(
        *(have("w", run, number) for run in "abc" for number in range(3)),
        *(have("v", "d", number) for number in range(3)),
    )
    assert most["w"] == 2
    assert {most["w/a"], most["w/b"], most["w/c"], most["v/d"]} == {1}


async def test_who_gives_up_takes_no_turn() -> None:
    turns = FairTurns(1, ())
    async with turns.turn(("a",)):
        waiting = asyncio.create_task(turns.turn(("b",)).__aenter__())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    async with turns.turn(("c",)):
        assert time.monotonic()
