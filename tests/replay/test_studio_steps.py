"""The logs that the studio's display fold is held to say what the engine says of them.

Each file has a log as events and, for each event, what the engine makes of it; the studio's own
tests fold the events and have to come to the same. After a change on purpose:
`python -m tests.replay.test_studio_steps` writes anew what the engine says.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from runfold.contracts.codec import decode_event
from runfold.contracts.events import AnyEvent, Recorded
from runfold.graph.kinds.registry import INLINE, all_kinds
from tests.replay.studio_steps import steps_of

HERE = Path(__file__).parent
FIXTURES = HERE.parents[1] / "services" / "runfold_studio" / "web" / "tests" / "fixtures"
LOGS = sorted((FIXTURES / "logs").glob("*.json"))
KNOWN = FIXTURES / "known.json"
MOST = 500 * 1024
"""Bytes of all fixtures together."""


def _records(events: list[dict[str, Any]]) -> list[Recorded]:
    return [
        Recorded(one["seq"], one["time"], decode_event(msgspec.json.encode(one))) for one in events
    ]


def _known() -> dict[str, list[str]]:
    """What the studio has to know by name: types of events, and kinds without an executor."""
    kinds = all_kinds()
    types = [str(kind.__struct_config__.tag) for kind in get_args(AnyEvent)]
    return {"events": types, "inline": sorted(k.type for k in kinds if k.group == INLINE)}


@pytest.mark.parametrize("log", LOGS, ids=lambda path: path.stem)
def test_a_log_has_what_the_engine_says_of_it(log: Path) -> None:
    document = json.loads(log.read_bytes())
    assert document["steps"] == steps_of(_records(document["events"]))


@pytest.mark.parametrize("recorded", sorted(HERE.glob("*.jsonl")), ids=lambda path: path.stem)
def test_the_logs_of_earlier_versions_are_among_them(recorded: Path) -> None:
    lines = [json.loads(line) for line in recorded.read_bytes().splitlines()]
    assert json.loads((FIXTURES / "logs" / f"{recorded.stem}.json").read_bytes())["events"] == lines


def test_they_have_every_type_of_event_and_are_small() -> None:
    found = {one["type"] for log in LOGS for one in json.loads(log.read_bytes())["events"]}
    assert found == set(_known()["events"])
    assert sum(path.stat().st_size for path in FIXTURES.rglob("*.json")) <= MOST


def test_what_the_studio_knows_by_name_is_what_there_is() -> None:
    assert json.loads(KNOWN.read_bytes()) == _known()


def write(log: Path, events: list[dict[str, Any]]) -> None:
    """Write a log with what the engine says of it, one event and one step a line."""
    steps = steps_of(_records(events))
    parts = {"events": events, "steps": steps}
    body = ",\n".join(
        f'"{name}":[\n' + ",\n".join(_compact(one) for one in part) + "\n]"
        for name, part in parts.items()
    )
    log.write_text("{" + body + "}\n", encoding="utf-8")


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


if __name__ == "__main__":
    for path in LOGS:
        write(path, json.loads(path.read_bytes())["events"])
    KNOWN.write_text(json.dumps(_known(), indent=1) + "\n", encoding="utf-8")
