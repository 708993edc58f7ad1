"""What a model or its server may send without end is read in a moment, and for what it is."""

from __future__ import annotations

import time

import pytest

from runfold.errors import NodeFailed
from runfold_executor_llm.call_pieces import CallPiece
from runfold_executor_llm.classes import Classes
from runfold_executor_llm.json_in_prose import value_in
from runfold_executor_llm.sources import Sources
from runfold_executor_llm.tool_calls import CallAssembler

MOMENT = 2.0
"""Seconds of the processor: each of these took from five to fifty."""


def test_runaways_are_read_in_a_moment() -> None:
    begun = time.process_time()
    calls = CallAssembler({"f"})
    calls.take([CallPiece(index=0, arguments="{}"[at % 2]) for at in range(100_000)])
    assert calls.is_too_much
    classes = Classes([f"{number}x" for number in range(200)])
    assert "names no class" in classes.read("a," * 5000).problem
    assert "too long" in classes.read("a," * 100_000).problem
    cited = Sources(["a"] * 1000).cited("[1-999]" * 20_000 + "[1000]")
    assert len(cited) == 1000
    with pytest.raises(NodeFailed):
        value_in("{" * 200_000, "stop")
    assert time.process_time() - begun < MOMENT
