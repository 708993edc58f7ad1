"""`runfold schedules` and `runfold kinds` as a person types them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import httpx
import pytest

from tests.e2e.test_cli import Dev, environment, runfold

pytestmark = pytest.mark.slow

__all__ = ["environment"]
TICKING = {
    "id": "ticking",
    "settings": {"schedules": [{"cron": "30 9 1 1 *", "timezone": "Asia/Kolkata"}]},
    "nodes": [{"id": "say", "type": "template", "config": {"template": "tick"}}],
}


async def test_schedules_are_listed_paused_and_run(environment: dict[str, str]) -> None:
    async with Dev(environment) as dev:
        async with httpx.AsyncClient() as client:
            stored = await client.post(f"{dev.url('gateway')}/api/workflows", json=TICKING)
        assert stored.status_code == 201, stored.text

        async def said(*arguments: str) -> str:
            code, out, err = await runfold(environment, "schedules", *arguments)
            assert code == 0, err
            return out

        listed = json.loads(await said("list", "--json"))
        (one,) = listed["items"]
        assert (one["workflow_id"], one["timezone"]) == ("ticking", "Asia/Kolkata")
        assert json.loads(await said("show", "ticking", "--json"))["items"][0]["id"] == one["id"]

        assert "paused" in await said("pause", "ticking", "--reason", "holidays")
        table = (await said("list")).splitlines()
        assert table[0].split() == ["WORKFLOW", "ID", "CRON", "STATE", "NEXT", "LAST", "RUN"]
        assert table[1].split() == [
            *("ticking", one["id"], "30", "9", "1", "1", "*", "Asia/Kolkata"),
            *("paused", "-", "-"),
        ]
        assert "'holidays'" in await said("show", "ticking")

        run_id = (await said("run-now", "ticking")).strip()
        code, out, err = await runfold(environment, "events", run_id, "--follow")
        assert code == 0, err
        begun = json.loads(out.splitlines()[0])
        assert begun["labels"] == {"schedule": one["id"]}

        assert "go on" in await said("resume", "ticking")
        while not json.loads(await said("list", "--json"))["items"][0]["active"]:
            pass  # each look is a process of its own: the scheduler has time
        times = json.loads(await said("next", "ticking", "--count", "2", "--json"))["times"]
        first, second = times[one["id"]]
        assert 364 * 86_400 < second - first < 367 * 86_400
        assert (await said("list")).splitlines()[1].count("T09:30:00+05:30") == 1
        years = re.findall(
            r"^  .{10}(\d+)-01-01T09:30:00\+05:30$", await said("show", "ticking"), re.MULTILINE
        )
        assert [int(year) - int(years[0]) for year in years] == [0, 1, 2, 3, 4]

        code, out, err = await runfold(environment, "schedules", "pause", "nope")
        assert (code, out) == (2, "")
        assert "no workflow 'nope'" in err


async def test_kinds_are_listed_and_shown(environment: dict[str, str], tmp_path: Path) -> None:
    code, out, err = await runfold(environment, "kinds", "list", "--json")
    assert code == 0, err
    kinds = {one["type"]: one for one in json.loads(out)["items"]}
    assert kinds["llm"]["config_schema"]["properties"]["prompt"]["description"]
    code, out, _ = await runfold(environment, "kinds", "show", "if_else")
    assert code == 0
    assert out.startswith("selector (also if_else): ")
    assert "branches (required): objects" in out
    code, out, err = await runfold(environment, "kinds", "show", "lllm", "--json")
    assert (code, out) == (2, "")
    assert "did you mean 'llm'" in err

    (tmp_path / "my_nodes.py").write_text(
        "import msgspec\n"
        "from runfold.executor.node import NodeExecutor, Outcome\n"
        "from runfold.graph.kinds import Kind, register\n"
        "class Shout(msgspec.Struct, frozen=True, forbid_unknown_fields=True):\n"
        "    text: str\n"
        "    '''What is said.'''\n"
        "async def run(ctx, config, inputs):\n"
        "    return Outcome({'output': config.text})\n"
        "KIND = register(Kind(type='shout', group='voice', config=Shout, summary='Say it'))\n"
        "NODE = NodeExecutor(KIND, run)\n"
    )
    own = {**environment, "RUNFOLD_NODE_MODULES": "my_nodes", "PYTHONPATH": str(tmp_path)}
    code, out, err = await runfold(own, "kinds", "show", "shout")
    assert code == 0, err
    assert "What is said." in out
