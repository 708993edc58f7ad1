"""Each template, run as it is over one nats-server with the demo model: what it comes to."""

from __future__ import annotations

import asyncio
import json
import re
import shlex
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from runfold.cli.answering import parse_answers
from runfold.cli.machine_events import parse_events
from runfold.cli.source import parse_inputs
from runfold.errors import InvalidWorkflow, NotFound
from runfold.graph.inputs import bind_inputs
from runfold.graph.loader import load_workflow, prepare
from runfold.model_servers.demo.server import DemoModel
from runfold.templates import Template, customised, get_template, list_templates
from tests.e2e.test_cli import environment, runfold
from tests.support.stack import EVERYTHING, Stack, running
from tests.support.template_cases import CASES, Case, came_to
from tests.support.template_runs import ended, start

__all__ = ["environment"]
GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "templates.md"

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stack() -> AsyncIterator[Stack]:
    async with (
        DemoModel(interval=0) as model,
        running(EVERYTHING, model_url=model.base_url) as made,
    ):
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def api(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{stack.gateway}/api", timeout=30) as client:
        yield client


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_what_it_comes_to(stack: Stack, case: Case) -> None:
    view = await ended(stack.bus, await start(stack.bus, case), case)
    assert came_to(view) == case.expected, view.error


async def test_every_template_has_a_case_with_its_defaults_and_no_findings() -> None:
    plain = {case.template for case in CASES if not case.inputs}
    for template in list_templates():
        assert template.id in plain
        assert get_template(template.id) is template
        assert template.name
        assert template.description
        findings = load_workflow(template.source).findings
        assert not [found for found in findings if found.level != "info"]
        assert not any(declared.required for declared in template.inputs.values())
        assert f"runfold run template:{template.id}" in template.source


async def test_the_api_lists_them_and_makes_workflows_of_them(api: httpx.AsyncClient) -> None:
    listed = (await api.get("/templates")).json()["items"]
    assert [one["id"] for one in listed] == [one.id for one in list_templates()]
    assert listed[0].keys() == {"id", "name", "description", "inputs"}

    one = (await api.get("/templates/intent_routing")).json()
    assert one["definition"]["id"] == "intent_routing"
    assert one["source"] == get_template("intent_routing").source

    plain = await api.post("/workflows/from-template/intent_routing")
    assert plain.status_code == 201, plain.text
    assert (plain.json()["id"], plain.json()["version"]) == ("intent_routing", "1")
    kept = await api.get("/workflows/intent_routing", params={"form": "source"})
    assert kept.text == get_template("intent_routing").source

    changes = {"id": "my_desk", "name": "My desk", "inputs": {"message": {"default": "hello"}}}
    made = await api.post("/workflows/from-template/intent_routing", json=changes)
    assert made.json()["id"] == "my_desk"
    stored = (await api.get("/workflows/my_desk")).json()["definition"]
    assert stored["name"] == "My desk"
    assert stored["inputs"]["message"] == {"type": "string", "default": "hello"}
    ended = (await api.post("/workflows/my_desk/run?wait=30")).json()
    assert ended["outputs"]["route"] == "else"

    draft = await api.post("/workflows/from-template/data_report?draft=true", json={"id": "draft"})
    assert draft.json()["version"] == "draft"


async def test_the_guide_names_them_all() -> None:
    listed = re.findall(r"^\| `(\w+)` \|", GUIDE.read_text(), re.MULTILINE)
    assert sorted(listed) == [one.id for one in list_templates()]


@pytest.mark.parametrize("template", list_templates(), ids=lambda template: template.id)
async def test_the_commands_a_template_begins_with_fit_it(template: Template) -> None:
    lines = [line.lstrip("# ") for line in template.source.splitlines() if line.startswith("#")]
    told = "\n".join(lines).replace("\\\n", " ")
    runs = [shlex.split(line) for line in told.splitlines() if line.startswith("runfold run ")]
    workflow, _ = prepare(template.source)
    assert runs
    for words in runs:
        assert words[2] == f"template:{template.id}"
        asks = "type: llm" in template.source
        assert ("--demo-model" in words) == asks
        given = [word for option, word in pairwise(words) if option == "--input"]
        bind_inputs(workflow, parse_inputs(workflow, given, ""))
        parse_answers([word for option, word in pairwise(words) if option == "--answer"])
        parse_events([word for option, word in pairwise(words) if option == "--event"])


async def test_what_the_api_refuses(api: httpx.AsyncClient) -> None:
    for method, path in (("GET", "/templates/none"), ("POST", "/workflows/from-template/none")):
        unknown = await api.request(method, path)
        assert (unknown.status_code, unknown.json()["code"]) == (404, "template.not_found")
        assert "parallel_llm" in unknown.json()["detail"]
    path = "/workflows/from-template/parallel_llm"
    odd = await api.post(path, json=[1])
    assert (odd.status_code, odd.json()["code"]) == (422, "template.changes_invalid")
    broken = await api.post(path, json={"nodes": [{"id": "x", "type": "nonsense"}]})
    assert (broken.status_code, broken.json()["code"]) == (422, "workflow.invalid")
    assert broken.json()["errors"]


async def test_changes_are_a_merge_patch() -> None:
    template = get_template("content_generation")
    changed = customised(template, {"inputs": {"pass_mark": None, "topic": {"default": "jam"}}})
    assert list(changed["inputs"]) == ["topic", "review_within"]
    assert changed["inputs"]["topic"]["default"] == "jam"
    assert changed["inputs"]["topic"]["type"] == "string"
    assert customised(template, {}) == customised(template, {"settings": None})
    with pytest.raises(InvalidWorkflow, match="pass_mark"):
        prepare(changed)
    with pytest.raises(NotFound, match="no template 'tea'"):
        get_template("tea")


@pytest.mark.slow
async def test_the_command_line(environment: dict[str, str]) -> None:
    (listed, shown, checked, refused, unknown, run) = await asyncio.gather(
        *(
            runfold(environment, *words)
            for words in (
                ("templates", "--json"),
                ("templates", "show", "order_saga"),
                ("check", "template:order_saga"),
                ("templates", "show", "tea"),
                ("run", "template:tea"),
                ("run", "template:intent_routing", "--demo-model", "--json"),
            )
        )
    )
    assert [one["id"] for one in json.loads(listed[1])] == [one.id for one in list_templates()]
    assert shown[1] == get_template("order_saga").source
    assert checked[0] == 0
    for code, _, said in (refused, unknown):
        assert code == 2
        assert "no template 'tea'" in said
    assert run[0] == 0, run[2]
    assert json.loads(run[1])["outputs"]["route"] == "complaint"
