"""One attempt, through the conformance helper: rendering, checking, failing, redacting."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from runfold.errors import Failure, NodeFailed
from runfold.executor.conformance import check_node, run_node
from runfold.executor.node import NodeContext, NodeExecutor, Outcome
from runfold.graph.kinds import Kind
from runfold.settings import Settings
from runfold_executor_text.nodes import NODES


class EchoConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the echo gives back."""

    text: str
    times: int = 1
    tags: list[str] = []
    source: str = ""
    value: Any = None


KIND = Kind(
    type="echo",
    group="text",
    config=EchoConfig,
    summary="Give back what comes",
    raw=("source",),
    streams=True,
)


def node(run: Any, **changes: Any) -> NodeExecutor:
    return NodeExecutor(msgspec.structs.replace(KIND, **changes), run)


async def echo(ctx: NodeContext, config: EchoConfig, _inputs: dict[str, Any]) -> Outcome:
    for _ in range(config.times):
        await ctx.stream(config.text)
    return Outcome({"output": config.text, "config": msgspec.to_builtins(config)})


def failing(error: BaseException) -> NodeExecutor:
    async def run(_ctx: NodeContext, _config: EchoConfig, _inputs: dict[str, Any]) -> Outcome:
        raise error

    return node(run)


async def failure_of(executor: NodeExecutor, config: dict[str, Any], **more: Any) -> Failure:
    failure = (await run_node(executor, config, **more)).failure
    assert failure is not None
    return failure


async def test_config_is_rendered_and_converted() -> None:
    config = {
        "text": "Hi {{who}}",
        "times": "2",
        "source": "{{left_alone}}",
        "value": "{{fetch.a}}",
    }
    result = await run_node(node(echo), config, {"who": "Ada", "fetch": {"a": [1, {"b": 2}]}})

    assert result.failure is None
    assert result.outputs["config"] == {
        "text": "Hi Ada",
        "times": 2,
        "tags": [],
        "source": "{{left_alone}}",
        "value": [1, {"b": 2}],
    }


async def test_text_fields_take_other_values_as_text() -> None:
    config = {"text": "{{n}}", "tags": ["{{n}}", "{{row}}"]}
    result = await run_node(node(echo), config, {"n": 5, "row": {"a": 1}})

    assert result.outputs["config"]["text"] == "5"
    assert result.outputs["config"]["tags"] == ["5", '{"a":1}']


async def test_chunks_are_numbered_and_the_last_is_final() -> None:
    result = await run_node(node(echo), {"text": "ab", "times": 3})

    assert result.text() == "ababab"
    assert [chunk.index for chunk in result.chunks] == list(range(len(result.chunks)))
    assert [chunk.final for chunk in result.chunks] == [False] * (len(result.chunks) - 1) + [True]


async def test_nothing_streamed_means_no_chunk() -> None:
    assert (await run_node(node(echo), {"text": "ab", "times": 0})).chunks == ()


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({}, ("text", "missing")),
        ({"text": "a", "times": "many"}, ("`times`", "int")),
        ({"text": "a", "tiems": 1}, ("tiems", "unknown")),
    ],
)
async def test_config_that_does_not_fit(config: dict[str, Any], words: tuple[str, ...]) -> None:
    failure = await failure_of(node(echo), config)

    assert (failure.code, failure.kind, failure.retryable) == ("config.invalid", "input", False)
    assert all(word in failure.message for word in ("echo", *words))


async def test_missing_reference_names_the_path() -> None:
    failure = await failure_of(node(echo), {"text": "{{fetch.body}}"}, inputs={"fetch": {"a": 1}})

    assert failure.code == "reference.missing"
    assert failure.details["missing"] == "fetch.body"


async def test_failing_nodes() -> None:
    told = NodeFailed("busy", code="x.busy", kind="server", retryable=True, retry_after=3.0)
    assert await failure_of(failing(told), {"text": "a"}) == told.failure()

    bug = await failure_of(failing(KeyError("k")), {"text": "a"})
    assert (bug.code, bug.kind, bug.retryable) == ("internal", "internal", False)
    assert bug.message == "KeyError: 'k'"


async def test_timeout_is_ours_or_a_bug() -> None:
    async def hang(_ctx: NodeContext, _config: EchoConfig, _inputs: dict[str, Any]) -> Outcome:
        await asyncio.Event().wait()
        return Outcome()

    failure = await failure_of(node(hang), {"text": "a"}, timeout=0.01)
    assert (failure.code, failure.kind, failure.retryable) == ("node.timeout", "timeout", True)

    failure = await failure_of(failing(TimeoutError("theirs")), {"text": "a"}, timeout=60)
    assert (failure.code, failure.message) == ("internal", "TimeoutError: theirs")


async def test_deadline_is_told_to_the_node() -> None:
    async def run(ctx: NodeContext, _config: EchoConfig, _inputs: dict[str, Any]) -> Outcome:
        left = None if ctx.deadline is None else ctx.deadline - asyncio.get_running_loop().time()
        return Outcome({"left": left, "key": ctx.idempotency_key})

    result = await run_node(node(run), {"text": "a"}, timeout=60, attempt=2)
    assert 0 < result.outputs["left"] <= 60
    assert result.outputs["key"] == "conformance:echo:2"
    assert (await run_node(node(run), {"text": "a"})).outputs["left"] is None


@pytest.mark.parametrize(
    "given",
    [None, {"output": 1}, Outcome({"output": object()}), Outcome({"output": "\ud800"})],
)
async def test_what_is_no_outcome(given: Any) -> None:
    async def run(_ctx: NodeContext, _config: EchoConfig, _inputs: dict[str, Any]) -> Any:
        return given

    failure = await failure_of(node(run), {"text": "a"})
    assert (failure.code, failure.kind) == ("output.invalid", "output")


async def test_unknown_port_is_refused() -> None:
    async def run(_ctx: NodeContext, _config: EchoConfig, _inputs: dict[str, Any]) -> Outcome:
        return Outcome(port="left")

    assert (await failure_of(node(run), {"text": "a"})).code == "output.invalid"
    branching = node(run, ports=lambda _config: ("left", "right"))
    assert (await run_node(branching, {"text": "a"})).port == "left"


async def test_a_node_that_branches_has_to_say_where() -> None:
    async def run(_ctx: NodeContext, _config: EchoConfig, _inputs: dict[str, Any]) -> Outcome:
        return Outcome()

    branching = node(run, ports=lambda _config: ("left", "right"))
    failure = await failure_of(branching, {"text": "a"})
    assert failure.code == "output.invalid"
    assert "no port 'out'; it has left, right" in failure.message


async def test_sys_env_and_secrets(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("RUNFOLD_VAR_REGION", "eu")
    monkeypatch.setenv("RUNFOLD_SECRET_TOKEN", "tok-123456")
    (tmp_path / "PASSWORD").write_text("pass-98765\n")

    async def run(ctx: NodeContext, config: EchoConfig, _inputs: dict[str, Any]) -> Outcome:
        right = config.text == "conformance eu tok-123456 pass-98765"
        return Outcome({"right": right, "same": ctx.secret("TOKEN") == "tok-123456"})

    text = "{{sys.run_id}} {{env.REGION}} {{secrets.TOKEN}} {{secrets.PASSWORD}}"
    result = await run_node(node(run), {"text": text}, settings=Settings(secrets_dir=tmp_path))
    assert result.outputs == {"right": True, "same": True}


async def test_secrets_do_not_come_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNFOLD_SECRET_TOKEN", 'tok"123/456')

    async def run(ctx: NodeContext, config: EchoConfig, _inputs: dict[str, Any]) -> Outcome:
        for piece in ("a ", *config.text, " z"):
            await ctx.stream(piece)
        if config.times == 2:
            message = f"bad {config.text}"
            raise NodeFailed(message, details={"url": "?t=tok%22123%2F456"})
        if config.times == 3:
            raise RuntimeError(config.text)
        return Outcome({"output": config.text, "seen": [{config.text: 'tok\\"123/456'}]})

    config = {"text": "{{secrets.TOKEN}}"}
    good = await run_node(node(run), config)
    assert good.outputs == {"output": "***", "seen": [{"***": "***"}]}
    assert good.text() == "a *** z"
    told = await failure_of(node(run), {**config, "times": 2})
    assert (told.message, told.details) == ("bad ***", {"url": "?t=***"})
    bug = await failure_of(node(run), {**config, "times": 3})
    assert bug.message == "RuntimeError: ***"


async def test_secrets_that_are_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNFOLD_SECRET_TOKEN", "tok-123456")

    async def run(ctx: NodeContext, _config: EchoConfig, _inputs: dict[str, Any]) -> Outcome:
        return Outcome({"output": ctx.secret("NONE")})

    assert (await failure_of(node(run), {"text": "a"})).code == "secret.missing"
    assert (await failure_of(node(echo), {"text": "{{secrets.NONE}}"})).code == "reference.missing"
    assert (await failure_of(node(echo), {"text": "a", "value": "{{secrets}}"})).code == (
        "reference.missing"
    )


async def test_conformance_of_the_text_nodes() -> None:
    assert {executor.kind.type: check_node(executor) for executor in NODES} == {
        executor.kind.type: [] for executor in NODES
    }


def test_conformance_says_what_is_wrong(tmp_path: Any) -> None:
    class Loose(msgspec.Struct):
        pass

    odd = node(echo, config=Loose, raw=("code",), summary="", ports=lambda _config: ("out", "b"))
    assert len(check_node(odd, tmp_path)) == 6
