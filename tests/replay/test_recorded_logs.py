"""Logs recorded by earlier versions fold to what they folded to then. Never edit them."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from runfold.contracts.codec import decode_event
from runfold.contracts.events import Recorded
from runfold.engine.history.fold import Folder, Plans
from runfold.engine.views.runs import RunView, run_view

LOGS = sorted(Path(__file__).parent.glob("*.jsonl"))


@pytest.mark.parametrize("log", LOGS, ids=lambda path: path.stem)
def test_an_old_log_folds_to_the_same_view(log: Path) -> None:
    records = []
    for line in log.read_bytes().splitlines():
        place = msgspec.json.decode(line)
        records.append(Recorded(place["seq"], place["time"], decode_event(line)))
    folder = Folder.fold(records, Plans())
    assert folder is not None
    then = msgspec.json.decode(log.with_suffix(".view.json").read_bytes(), type=RunView)
    assert run_view(folder.plan, folder.state) == then
