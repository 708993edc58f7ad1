"""With `--output json` standard output is one document, whatever else a command has to say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.test_cli import FAN_IN, environment, runfold

__all__ = ["environment"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", FAN_IN),
        ("kinds", "list"),
        ("templates",),
        ("doctor",),
        ("schedules", "list"),
        ("dead", "list"),
        ("runs", "list"),
    ],
    ids=" ".join,
)
async def test_nothing_but_the_document(
    environment: dict[str, str], arguments: tuple[str, ...]
) -> None:
    # airflow#66139, apify-cli#740, nano-brain#235: logs and progress in it break `| jq`.
    noisy = {**environment, "RUNFOLD_LOG_LEVEL": "debug"}
    code, out, err = await runfold(noisy, "--debug", *arguments, "--output", "json")
    assert code in (0, 1), err
    assert out.count("\n") >= 1
    json.loads(out)


async def test_the_document_of_a_run_is_alone(environment: dict[str, str]) -> None:
    code, out, err = await runfold(
        environment,
        *("--debug", "run", FAN_IN, "-i", "topic=tea", "--demo-model", "--output", "json"),
    )
    assert code == 0, err
    assert json.loads(out)["status"] == "succeeded"
    assert "demo model" in err


async def test_an_error_leaves_standard_output_empty(
    environment: dict[str, str], tmp_path: Path
) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text(json.dumps({"id": "w", "nodes": [{"id": "n", "type": "nope"}]}))
    for arguments, wanted, code in (
        (("run", str(broken)), 2, "workflow.invalid"),
        (("replay", "no-such-run"), 2, "run.not_found"),
        (("cancel", "r", "--server", "nats://127.0.0.1:1"), 3, "bus.unreachable"),
        (("dead", "show", "7"), 2, "dead.not_found"),
    ):
        ended, out, err = await runfold(environment, *arguments, "--output", "json")
        assert (ended, out) == (wanted, ""), err
        error = json.loads(err.splitlines()[-1])["error"]
        assert (error["code"], error["exit_code"]) == (code, wanted)
