"""Programs of imported `code` nodes: how `main` is called, and what becomes of what it returns."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from runfold.errors import RunfoldError
from runfold.graph.kinds import code
from runfold.settings import Settings
from runfold_executor_code.code import run_code
from runfold_executor_code.opening import open_programs
from runfold_executor_code.sandbox import Sandbox
from tests.support.node_contexts import RecordingContext


@pytest_asyncio.fixture
async def programs() -> AsyncIterator[Sandbox]:
    async with open_programs(Settings()) as made:
        yield made


async def outputs(programs: Sandbox, profile: str, **config: Any) -> dict[str, Any]:
    ctx = RecordingContext()
    ctx.profile, ctx.resource = profile, programs
    outcome = await run_code(ctx, msgspec.convert(config, code.CodeConfig), {})
    return outcome.outputs


PARAMS = {"a": 2, "b": [1]}
TYPED = """
async function main({ params }: Args): Promise<Output> {
  return {x: [params.a, params.b, 5]}
}"""
ANNOTATED = """
async def main(args: Args) -> Output:
    params = args.params
    ret: Output = {'x': [params['a'], params['b'], 5]}
    return ret
"""
CALLED = [
    ("dify", "python", "result = 'not this'\ndef main(a, b, c=5):\n  return {'x': [a, b, c]}"),
    ("dify", "python", "def main(**all) -> dict:\n  return {'x': [all['a'], all['b'], 5]}"),
    ("dify", "python", "async def main(a, b):\n  return {'x': [a, b, 5]}"),
    ("dify", "javascript", "const result = 1\nfunction main({a, b}) { return {x: [a, b, 5]} }"),
    ("dify", "javascript", "function main(all) { return {x: [all.a, all.b, 5]} }"),
    ("coze", "python", ANNOTATED),
    ("coze", "python", "def main(a):\n  return {'x': [a.params['a'], a.params['b'], 5]}"),
    ("coze", "javascript", TYPED),
    ("coze", "javascript", "const main = (all) => ({x: [all.params.a, all.params.b, 5]})"),
]


async def test_main_is_called_as_the_source_calls_it(programs: Sandbox) -> None:
    for profile, language, program in CALLED:
        config = {"code": program, "language": language, "params": PARAMS}
        declared = {"x": {"type": "array"}}
        assert await outputs(programs, profile, **config, outputs=declared) == {"x": [2, [1], 5]}


async def test_a_value_that_is_called_params_is_no_matter_in_coze(programs: Sandbox) -> None:
    config = {
        "code": "function main({params}) { return {x: params.params} }",
        "language": "javascript",
        "params": {"params": 7},
    }
    assert await outputs(programs, "coze", **config) == {"x": 7}


async def test_dify_fails_on_what_coze_makes_null(programs: Sandbox) -> None:
    config = {
        "code": "def main(*_, **__):\n  return {'n': 'x', 'more': 1}",
        "outputs": {"n": "number", "gone": "string"},
    }
    assert await outputs(programs, "coze", **config) == {"n": None, "gone": None}
    with pytest.raises(RunfoldError) as raised:
        await outputs(programs, "dify", **config)
    assert raised.value.code == "code.output_invalid"


async def test_true_is_a_number_in_dify_alone(programs: Sandbox) -> None:
    config = {"code": "def main():\n  return {'n': True}", "outputs": {"n": "number"}}
    assert await outputs(programs, "dify", **config) == {"n": 1}
    with pytest.raises(RunfoldError):
        await outputs(programs, "", **config)
