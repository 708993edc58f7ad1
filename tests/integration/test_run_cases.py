"""Cases made of runs: they hold when they are run again, without what the run called."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx

from runfold.bus.memory.bus import MemoryBus
from runfold.cases.comparing import differences
from runfold.cases.document import cases_of
from runfold.cases.recording import with_cases
from runfold.cli.cases.running import case_runner
from runfold.graph.reading.yaml_text import yaml_value
from runfold.settings import Settings
from tests.integration.test_gateway_api import is_problem
from tests.integration.test_gateway_conflicts import review_of
from tests.support.gateway import gateway
from tests.support.openai_server import OpenAIServer

FLOW = """\
# Who changes this: the editors.
id: article
inputs: {topic: {type: string, required: true}, parts: {type: array, default: [one, two]}}
nodes:
  - id: outline
    type: llm
    retry: {max_attempts: 2, delay: 0}
    config: {model: m, prompt: "Outline {{topic}}"}
  - id: each
    type: iteration
    config: {items: "{{parts}}", concurrency: 2, model: m, prompt: "Write {{item}}"}
  - {id: shout, type: template, config: {template: "{{outline.output | upper}}"}}
  - {id: good, type: human_review, config: {message: "Good?"}}
  - id: end
    type: end
    config: {outputs: {all: "{{each.output}}", said: "{{shout.output}}", why: "{{good.feedback}}"}}
edges:
  - {source: outline, target: each}
  - {source: each, target: shout}
  - {source: shout, target: good}
  - {source: good, target: end, port: approved}
"""
SERVICES = ("scheduler", "executor-llm", "executor-text")


async def test_a_case_of_a_run_holds_without_the_model(tmp_path: Path) -> None:
    """n8n#37093: what left the system is given again, and all else really runs."""
    async with OpenAIServer() as model:
        model.fail(503, message="busy", times=1)
        model.reply("An outline", when="Outline tea")
        model.reply("First", when="Write one")
        model.reply("Second", when="Write two")
        made = {"openai_base_url": model.base_url, "openai_api_key": "test"}
        async with (
            gateway(*SERVICES, **made) as gate,
            httpx.AsyncClient(base_url=f"{gate.url}/api", timeout=20) as api,
        ):
            yaml = {"content-type": "application/yaml"}
            await api.post("/workflows", content=FLOW.encode(), headers=yaml)
            begun = await api.post("/workflows/article/run", json={"topic": "tea"})
            run_id = begun.json()["run_id"]
            review = await review_of(api)
            early = await api.post(f"/runs/{run_id}/case")
            is_problem(early, 409, "run.not_ended")
            await api.post(f"/reviews/{review}/approve", params={"feedback": "fine"})
            await api.get(f"/runs/{run_id}/stream")  # to its end
            got = await api.post(f"/runs/{run_id}/case", params={"name": "tea: yes"})
            assert got.status_code == 200, got.text
            for unknown in ("none", "a b"):
                is_problem(await api.post(f"/runs/{unknown}/case"), 404, "run.not_found")
    case = got.json()["case"]
    assert got.json()["left_out"] == []
    assert case["name"] == "tea: yes"
    assert case["inputs"] == {"topic": "tea", "parts": ["one", "two"]}
    assert case["replies"].keys() == {"outline", "each[0]/call", "each[1]/call"}
    failed, answered = case["replies"]["outline"]
    assert failed["error"]["kind"] == "server"
    assert answered["outputs"]["output"] == "An outline"
    assert case["answers"] == {"good": "approved:fine"}
    wanted: Any = {"all": ["First", "Second"], "said": "AN OUTLINE", "why": "fine"}
    assert case["expect"] == {"outputs": wanted}

    # Put into the author's file, whose comments stay, it holds where there is no model.
    assert yaml_value(got.json()["yaml"], max_depth=90, max_values=9999) == {"tests": [case]}
    cases = cases_of({"tests": [case]})
    document = yaml_value(with_cases(FLOW, cases), max_depth=90, max_values=9999)
    assert cases_of(document) == cases
    settings = Settings(data_dir=tmp_path)
    async with case_runner(MemoryBus(settings), settings, {"llm", "text"}) as runner:
        view = await runner.run(document, cases[0])
    assert differences(cases[0].expect, view) == []
    assert len(model.requests) == 4
