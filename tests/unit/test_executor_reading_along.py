"""Attempts that read along: pieces as they come, and the source's result as the truth."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfold.bus.memory.files import MemoryFiles
from runfold.contracts import events as e
from runfold.contracts.tasks import StreamSource, Task
from runfold.errors import Failure
from runfold.executor import incoming
from runfold.executor.attempt import run_attempt
from runfold.executor.conformance import CollectedChunks, check_node, run_node
from runfold.executor.incoming import Source, SourceGone, SourceSilent
from runfold.executor.node import NodeContext, NodeExecutor, Outcome
from runfold.graph.kinds import Kind
from runfold.settings import Settings


class EarConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is heard."""

    text: str = ""
    thought: str = ""
    pieces: int = 0


async def hear(ctx: NodeContext, config: EarConfig, _inputs: dict[str, Any]) -> Outcome:
    heard: list[str] = []
    async for piece in ctx.incoming("text"):
        heard.append(piece)
        await ctx.stream(piece)
        if len(heard) == config.pieces:
            break
    thought = [piece async for piece in ctx.incoming("thought")] if not config.pieces else []
    return Outcome({"output": "".join(heard), "pieces": heard, "thought": "".join(thought)})


KIND = Kind(
    type="ear",
    group="ears",
    config=EarConfig,
    summary="Hear",
    streams=True,
    takes_stream=("text", "thought"),
)
EAR = NodeExecutor(KIND, hear)
ABOUT: dict[str, Any] = {"run_id": "r", "workflow_id": "w", "node_id": "mouth"}


class Reading:
    """An attempt that reads along, and what it is told."""

    def __init__(self, timeout: float | None = None, **config: Any) -> None:
        fields = {"text": "output"}
        task = Task(
            run_id="r",
            workflow_id="w",
            node_id="ear",
            node_type="ear",
            config={"text": "{{mouth.output}}", **config},
            timeout=timeout,
            source=StreamSource(node_id="mouth", attempt=2, after=7, fields=fields),
        )
        self.source = Source(task)
        self.sent = CollectedChunks()
        self.seq = 0
        self.running = asyncio.ensure_future(
            run_attempt(EAR, task, Settings(), self.sent, MemoryFiles(), self.source)
        )

    async def says(self, index: int, text: str, **more: Any) -> None:
        chunk = e.StreamChunk(**{**ABOUT, "attempt": 2, "index": index, "text": text, **more})
        self.seq += 1
        self.source.feed(e.RecordedChunk(self.seq, 0.0, chunk))
        await self.settle()

    async def ends(self, event: type = e.NodeRunSucceeded, **more: Any) -> None:
        ended = event(**{"id": "end", **ABOUT, "attempt": 2, **more})
        self.seq += 1
        self.source.feed(e.Recorded(self.seq, 0.0, ended))
        await self.settle()

    async def settle(self) -> None:
        for _ in range(8):
            await asyncio.sleep(0)

    async def outputs(self) -> dict[str, Any]:
        came = await asyncio.wait_for(self.running, 5)
        assert isinstance(came, Outcome), came
        return came.outputs

    @property
    def said(self) -> list[tuple[int, str]]:
        return [(chunk.index, chunk.text) for chunk in self.sent.sent]


async def test_pieces_are_passed_on_as_they_come() -> None:
    reading = Reading()
    await reading.says(0, "one ")
    assert reading.said == [(0, "one ")]
    await reading.says(1, "two")
    assert reading.said == [(0, "one "), (1, "two")]
    await reading.says(2, "", final=True)
    assert not reading.running.done()
    await reading.ends(outputs={"output": "one two"})
    assert await reading.outputs() == {
        "output": "one two",
        "pieces": ["one ", "two"],
        "thought": "",
    }


async def test_pieces_of_others_are_nothing_to_it() -> None:
    reading = Reading()
    await reading.says(0, "old", attempt=1)
    await reading.says(0, "other", node_id="nose")
    await reading.says(0, "deeper", scope="each[0]")
    await reading.says(0, "thinking", kind="reasoning", name="reasoning")
    await reading.says(1, "right")
    await reading.ends(attempt=1, event=e.NodeRunFailed, error=Failure(code="c", message="m"))
    await reading.ends(outputs={"output": "right"})
    assert (await reading.outputs())["pieces"] == ["right"]


async def test_a_source_taken_up_anew_is_read_anew() -> None:
    reading = Reading()
    await reading.says(0, "from the one that ")
    await reading.says(0, "from its ")
    await reading.says(1, "successor")
    await reading.ends(outputs={"output": "from its successor"})
    assert (await reading.outputs())["output"] == "from its successor"
    assert reading.said == [
        (0, "from the one that "),
        (0, "from its "),
        (1, "successor"),
        (2, ""),
    ]


async def test_what_was_lost_is_taken_from_the_result() -> None:
    reading = Reading()
    await reading.says(0, "one ")
    await reading.says(2, "three ")
    await reading.says(3, "four")
    assert reading.said == [(0, "one ")]
    await reading.ends(outputs={"output": "one two three four"})
    assert (await reading.outputs())["pieces"] == ["one ", "two three four"]


async def test_a_result_that_is_another_text_is_read_instead() -> None:
    reading = Reading(pieces=1)
    await reading.says(0, "um ")
    await reading.ends(outputs={"output": {"said": "properly"}})
    assert (await reading.outputs())["output"] == '{"said":"properly"}'


@pytest.mark.parametrize(
    ("event", "more"),
    [
        (e.NodeRunFailed, {"error": Failure(code="c", message="m")}),
        (e.NodeRunCancelled, {}),
        (e.TimerFired, {"timer": "timeout"}),
    ],
)
async def test_half_a_text_is_no_result(event: type, more: dict[str, Any]) -> None:
    reading = Reading(pieces=1)
    await reading.says(0, "half")
    assert not reading.running.done()
    await reading.ends(event, **more)
    await reading.ends(outputs={"output": "half"})
    with pytest.raises(SourceGone):
        await asyncio.wait_for(reading.running, 5)


async def test_a_node_that_fails_by_itself_says_so_when_its_source_has_succeeded() -> None:
    reading = Reading(pieces="many")
    await reading.settle()
    assert not reading.running.done()
    await reading.ends(outputs={"output": "x"})
    came = await asyncio.wait_for(reading.running, 5)
    assert isinstance(came, Failure)
    assert came.code == "config.invalid"


async def test_the_timeout_begins_with_the_end_of_the_source() -> None:
    reading = Reading(timeout=0.01)
    await reading.says(0, "slow ")
    await asyncio.sleep(0.05)
    await reading.says(1, "indeed")
    await reading.ends(outputs={"output": "slow indeed"})
    assert (await reading.outputs())["output"] == "slow indeed"


async def test_who_hears_nothing_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming, "PATIENCE", 0.01)
    reading = Reading()
    with pytest.raises(SourceSilent):
        await asyncio.wait_for(reading.running, 5)


async def test_an_output_that_is_not_there_fails_the_node() -> None:
    reading = Reading()
    reading.source._of = msgspec.structs.replace(
        reading.source._of,
        fields={"text": "reasoning"},
    )
    await reading.ends(outputs={"output": "x"})
    came = await asyncio.wait_for(reading.running, 5)
    assert isinstance(came, Failure)
    assert came.code == "reference.missing"


async def test_a_value_is_one_piece() -> None:
    result = await run_node(EAR, {"text": "{{x}}"}, {"x": [1]})
    assert result.outputs == {"output": "[1]", "pieces": ["[1]"], "thought": ""}
    assert (await run_node(EAR, {})).outputs["pieces"] == []
    streamed = {"text": ["a", "b"], "thought": ["hm"]}
    result = await run_node(EAR, {}, streamed=streamed)
    assert result.outputs == {"output": "ab", "pieces": ["ab"], "thought": "hm"}


def test_fields_that_are_taken_as_streams_exist() -> None:
    wrong = NodeExecutor(msgspec.structs.replace(KIND, takes_stream=("txt",)), hear)
    assert check_node(wrong) == ["`takes_stream` names 'txt', which is not a field"]


WORDS = ("to ", "be ", "or ", "not ")


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=12), st.booleans())
def test_whatever_becomes_of_the_pieces_the_result_is_read(
    pieces: list[tuple[int, bool]], other: bool
) -> None:
    async def read() -> None:
        reading = Reading()
        for index, garbled in pieces:
            await reading.says(index, "?" if garbled else WORDS[index])
        whole = "another text" if other else "".join(WORDS)
        await reading.ends(outputs={"output": whole})
        assert (await reading.outputs())["output"] == whole
        last = max(at for at, (index, _) in enumerate(reading.said) if index == 0)
        assert "".join(text for _, text in reading.said[last:]) == whole

    asyncio.run(read())
