"""Hooks around an attempt: their order, what they may change, what becomes of their mistakes."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import msgspec
import pytest
from structlog.testing import capture_logs

from runfold.errors import ConfigurationError, Failure, NodeFailed
from runfold.executor import hooks as hooks_module
from runfold.executor.conformance import Result, run_node
from runfold.executor.hooks import Hook, load_hooks
from runfold.executor.node import NodeContext, NodeExecutor, Outcome
from runfold.graph.kinds import Kind
from runfold.settings import Settings

HERE = "tests.unit.test_executor_hooks"
CARD = "4111 1111 1111 1111"
TOKEN = "sk-abcdefghijklmnop1234"


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the node gives back, piece by piece."""

    value: Any = None
    pieces: list[str] = []
    fail: str = ""
    name: str = "output"


async def give(ctx: NodeContext, config: Config, _inputs: dict[str, Any]) -> Outcome:
    for piece in config.pieces:
        await ctx.stream(piece, name=config.name)
        await asyncio.sleep(0)
    if config.fail:
        raise NodeFailed(config.fail, code="x", kind="server", details={"said": config.fail})
    return Outcome({"output": config.value})


KIND = Kind(type="give", group="g", config=Config, summary="Give back", streams=True)
NODE = NodeExecutor(KIND, give)


class Notes(Hook):
    def __init__(self, name: str, noted: list[str]) -> None:
        self.name = name
        self.noted = noted

    async def before(self, ctx: Any, task: Any, config: Any) -> None:
        self.noted.append(f"{self.name} before {config.value}")

    async def after(self, ctx: Any, outcome: Outcome) -> Outcome:
        self.noted.append(f"{self.name} after {outcome.outputs['output']}")
        return Outcome({"output": f"{outcome.outputs['output']}{self.name}"})

    async def on_error(self, ctx: Any, failure: Failure) -> Failure:
        self.noted.append(f"{self.name} on_error {failure.code}")
        return msgspec.structs.replace(failure, code=f"{failure.code}{self.name}")


NOTED: list[str] = []
first = Notes("1", NOTED)
second = Notes("2", NOTED)


class Rescues:
    async def on_error(self, ctx: Any, failure: Failure) -> Outcome:
        return Outcome({"output": f"saved from {failure.code}"})


class Breaks:
    """A hook that fails in the stage it is told to."""

    def __init__(self, stage: str, error: BaseException | None = None, made: Any = None) -> None:
        async def fail(*_: Any) -> Any:
            if error is not None:
                raise error
            return made

        setattr(self, stage, fail)


before_breaks = Breaks("before", ValueError(f"no {TOKEN}"))
after_breaks = Breaks("after", ZeroDivisionError("oh"))
error_breaks = Breaks("on_error", ZeroDivisionError("oh"))
after_gives_nothing = Breaks("after")
after_gives_no_json = Breaks("after", made=Outcome({"output": object()}))
refuses = Breaks("before", NodeFailed("not on Sundays", code="policy.sunday", kind="input"))
nothing = object()


class Hangs:
    async def before(self, *_: Any) -> None:
        await asyncio.Event().wait()


async def run(hooks: str, **config: Any) -> Result:
    names = ",".join(
        name if name in hooks_module._SHIPPED else f"{HERE}:{name}" for name in hooks.split()
    )
    return await run_node(NODE, config, settings=Settings(hooks=names))


async def test_they_run_in_order_each_seeing_what_came_before() -> None:
    NOTED.clear()
    assert (await run("first second", value="a")).outputs == {"output": "a12"}
    assert NOTED == ["1 before a", "2 before a", "1 after a", "2 after a1"]
    NOTED.clear()
    failure = (await run("first second", value="a", fail="down")).failure
    assert failure is not None
    assert failure.code == "x12"
    assert NOTED[2:] == ["1 on_error x", "2 on_error x1"]


async def test_a_failure_may_become_an_outcome_for_those_that_follow() -> None:
    NOTED.clear()
    assert (await run("Rescues second", fail="down")).outputs == {"output": "saved from x2"}
    assert NOTED == ["2 before None", "2 after saved from x"]


@pytest.mark.parametrize(
    ("name", "stage", "word", "fail"),
    [
        ("before_breaks", "before", "ValueError", ""),
        ("after_breaks", "after", "ZeroDivisionError", ""),
        ("error_breaks", "on_error", "ZeroDivisionError", "down"),
        ("after_gives_nothing", "after", "NoneType", ""),
    ],
)
async def test_a_hook_that_breaks_fails_the_node(
    name: str, stage: str, word: str, fail: str
) -> None:
    failure = (await run(name, value=1, fail=fail)).failure
    assert failure is not None
    assert (failure.code, failure.retryable) == ("hook.failed", False)
    assert failure.details == {"hook": f"{HERE}:{name}", "stage": stage}
    assert word in failure.message


async def test_a_hook_that_hangs_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hooks_module, "LONGEST", 0.01)
    failure = (await run("Hangs")).failure
    assert failure is not None
    assert failure.code == "hook.failed"
    assert "longer than" in failure.message


async def test_a_hook_may_refuse_in_its_own_words() -> None:
    failure = (await run("refuses", value=1)).failure
    assert failure is not None
    assert failure.code == "policy.sunday"


async def test_what_a_hook_makes_is_checked_like_what_a_node_makes() -> None:
    failure = (await run("after_gives_no_json", value=1)).failure
    assert failure is not None
    assert failure.code == "output.invalid"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("nobody", "hooks.unknown"),
        ("no_such_module:Hook", "hooks.import"),
        (f"{HERE}:absent", "hooks.import"),
        (f"{HERE}:nothing", "hooks.empty"),
    ],
)
def test_a_setting_that_names_no_hook_is_refused(name: str, code: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_hooks(Settings(hooks=f"redaction, {name}"))
    assert caught.value.code == code
    assert name in str(caught.value)


# --- redaction ----------------------------------------------------------------------------------

PRIVATE = f"Ann <ann.lee@mail.example.org> paid with {CARD} and {TOKEN}."
SHOWN = "Ann <[email]> paid with [card] and [token]."


async def test_outputs_are_redacted_everywhere() -> None:
    value = {
        "text": PRIVATE,
        "list": [PRIVATE],
        "ann@example.org": 1,
        "Password": {"deep": "x"},
        "number": 4111111111111111,
        "order": 4111111111111112,
        "plain": [1, 2.5, True, None],
    }
    assert (await run("redaction", value=value)).outputs["output"] == {
        "text": SHOWN,
        "list": [SHOWN],
        "[email]": 1,
        "Password": "***",
        "number": "[card]",
        "order": 4111111111111112,
        "plain": [1, 2.5, True, None],
    }


async def test_failures_are_redacted_also_of_a_configuration_that_does_not_fit() -> None:
    failure = (await run("redaction", fail=PRIVATE)).failure
    assert failure is not None
    assert (failure.message, failure.details) == (SHOWN, {"said": SHOWN})
    failure = (await run("redaction", **{"ann@example.org": 1})).failure
    assert failure is not None
    assert failure.code == "config.invalid"
    assert "ann@" not in failure.message
    failure = (await run("redaction before_breaks")).failure
    assert failure is not None
    assert TOKEN not in failure.message


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 11, 17, 29])
async def test_pieces_are_redacted_however_they_are_cut(size: int) -> None:
    text = f"{PRIVATE} Write to bob@b.example! Bearer abcdefghijklmnop1234 或者 {TOKEN}"
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    result = await run("redaction", value=text, pieces=pieces)
    assert result.text() == result.outputs["output"]
    assert result.text() == f"{SHOWN} Write to [email]! Bearer [token] 或者 [token]"


async def test_words_without_spaces_are_not_held_back() -> None:
    result = await run("redaction", pieces=["一二三", "四五六"])
    assert result.chunks[0].text == "一二三"


async def test_pieces_of_a_hidden_field_are_masked() -> None:
    result = await run("redaction", pieces=["hun", "ter2"], name="password")
    assert "hun" not in result.text()
    assert "ter2" not in result.text()


@pytest.mark.timeout(30)
async def test_long_texts_do_not_hold_the_executor_up() -> None:
    for text in ("a" * 200_000, "1 " * 100_000, "a@" * 100_000, "x.y-" * 50_000):
        await run("redaction", value=text, pieces=[text[:20_000]])


# --- payload log --------------------------------------------------------------------------------


async def test_payloads_are_logged_without_secrets_and_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNFOLD_SECRET_KEY", "hunter2hunter2")
    config = {"value": ["{{secrets.KEY}}", "y" * 3000]}
    with capture_logs() as lines:
        await run("payload_log", **config)
        await run("payload_log", value="{{secrets.KEY}}")
        await run("payload_log", fail="went {{secrets.KEY}}")
        await run("redaction payload_log", value=PRIVATE)
    payloads = [line for line in lines if line["event"].startswith("attempt ")]
    assert [line["event"].split()[1] for line in payloads] == [
        *("begins", "succeeded") * 2,
        *("begins", "failed"),
        *("begins", "succeeded"),
    ]
    assert "hunter2" not in json.dumps(payloads)
    assert "yyyy" in payloads[0]["config"]
    assert "bytes)" in payloads[0]["config"]
    assert payloads[3]["outputs"] == {"output": "***"}
    assert payloads[5]["error"]["message"] == "went ***"
    assert payloads[7]["outputs"] == {"output": SHOWN}
    assert payloads[0]["node_type"] == "give"
