"""A list that takes too long is refused, and holds up nothing but lists."""

from __future__ import annotations

from pathlib import Path

import pytest

from runfold.contracts.events import Usage
from runfold.contracts.queries import ListRuns
from runfold.engine.views.runs import RunView
from runfold.errors import InvalidRequest
from runfold_projection import reader as reading
from runfold_projection.reader import Reader
from runfold_projection.store import ReadModel, RunRows


def run(number: int) -> RunRows:
    view = RunView(
        run_id=f"r{number}",
        workflow_id="w",
        version="1",
        status="succeeded",
        inputs={},
        outputs=None,
        error=None,
        error_node="",
        usage=Usage(),
        started_at=1.0,
        finished_at=2.0,
        last_seq=1,
        nodes=(),
    )
    return RunRows(view, number, (), f"r{number}")


async def test_a_list_has_its_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "STEPS", 1)
    model = await ReadModel(tmp_path / "m.sqlite").open()
    reader = Reader(tmp_path / "m.sqlite")
    try:
        await model.position("log", 0)
        await model.write(1, [run(number) for number in range(1, 50)])
        await reader.open()
        assert len(await reader.runs(ListRuns(text="R"), limit=100)) == 49
        monkeypatch.setattr(reading, "SECONDS", -1.0)
        for asking in (
            reader.runs(ListRuns(text="r"), limit=100),
            reader.counts(ListRuns(text="r")),
        ):
            with pytest.raises(InvalidRequest, match="ask for fewer") as raised:
                await asking
            assert raised.value.code == "filter.too_costly"
        assert (await reader.run("r7")) is not None
        monkeypatch.setattr(reading, "SECONDS", 60.0)
        assert await reader.counts(ListRuns()) == {"succeeded": 49}
    finally:
        await reader.close()
        await model.close()
