"""The kinds that read what a model says: as they are described, and their pages' workflows run."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from runfold.bus.uploads import store_file
from runfold.cli.main import app
from runfold.graph.catalog.documents import kind_document
from runfold.graph.kinds import kind_of
from runfold.model_servers.demo.server import DemoModel
from runfold.values.json_schema import mismatches
from runfold.values.types import matches
from tests.support.gateway import gateway
from tests.support.stack import CORE, running

SERVICES = (*CORE, "executor-llm")
PNG = b"\x89PNG\r\n\x1a\n"
PAGES = Path(__file__).parents[2] / "docs" / "reference" / "nodes"
OUTPUTS: dict[str, dict[str, Any]] = {
    "structured": {"title": "The Book of Tea", "pages": 94},
    "embed": {"second_is_nearer": True, "dimensions": 64},
    "rerank": {
        "first": "Tea",
        "order": [{"index": 1, "score": 0.52}, {"index": 2, "score": 0.15}],
    },
    "ocr": {
        "text": "[demo model] This is canned text. Pictures or files that were sent: 1; the demo "
        "model sees none. Set OPENAI_API_KEY and OPENAI_BASE_URL to ask a model that does.",
        "name": "scan.png",
    },
    "extract": {"name": "Ann", "size": 38, "missing": ["colour"]},
    "intent": {"class": "refund", "reply": "money back: I want my money back"},
}
"""What the workflow of each page comes to."""
PORTS = {"intent": ["refund", "投诉", "other"]}


def workflow_of(kind: str) -> dict[str, Any]:
    """The workflow on a kind's page."""
    page = (PAGES / f"{kind}.md").read_text()
    (block,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    workflow: dict[str, Any] = yaml.safe_load(block)
    return workflow


async def test_kinds_are_described_over_http_and_at_the_command_line() -> None:
    async with gateway() as api:
        for kind in OUTPUTS:
            told = (await api.ask("GET", f"/api/kinds/{kind}")).json
            shown = CliRunner().invoke(app, ["kinds", "show", kind, "--json"])
            assert json.loads(shown.stdout) == told
            about = (told["type"], told["executor_group"], told["category"])
            assert about == (kind, "llm", "models")
            assert told["streams"] is (kind == "ocr")
        classifier = (await api.ask("GET", "/api/kinds/question_classifier")).json
    assert (classifier["type"], classifier["aliases"]) == ("intent", ["question_classifier"])


@pytest.mark.parametrize("kind", sorted(OUTPUTS))
def test_a_kinds_schema_and_ports_are_those_of_its_page(kind: str) -> None:
    document = kind_document(kind)
    found = kind_of(kind)
    assert found is not None
    nodes = workflow_of(kind)["nodes"]
    (config,) = [node["config"] for node in nodes if node["type"] == kind]
    fixed = {name: value for name, value in config.items() if "{{" not in str(value)}
    schema = {**document.config_schema, "required": []}
    assert not mismatches(fixed, schema)
    assert mismatches({**fixed, "no_such_setting": 1}, schema)
    assert list(found.ports(config)) == PORTS.get(kind, ["out"])
    assert document.ports.follow_from == (["classes"] if kind == "intent" else [])


async def pieces() -> AsyncIterator[bytes]:
    yield PNG


async def test_the_pages_workflows_come_to_what_they_say() -> None:
    async with DemoModel(interval=0) as demo, running(SERVICES, model_url=demo.base_url) as stack:
        scan = await store_file(stack.bus.files, pieces(), name="scan.png", limit=100)
        for kind, outputs in OUTPUTS.items():
            workflow = workflow_of(kind)
            inputs = {"scan": scan.value()} if "scan" in workflow["inputs"] else {}
            view, _ = await stack.run(workflow, inputs)
            assert view.status == "succeeded", view.error
            assert view.outputs == outputs
            (node,) = [node for node in view.nodes if node.type == kind]
            assert node.usage is not None
            assert node.usage.total_tokens > 0
            types = {one.name: one.type for one in kind_document(kind).outputs.items}
            assert set(types) <= set(node.outputs)
            for name, value in node.outputs.items():
                assert matches(value, types.get(name, "any")), (kind, name)


async def test_a_model_that_is_away_has_a_backup_or_the_run_goes_on_at_other() -> None:
    edges = [{"source": "kind", "target": port, "port": port} for port in ("tea", "other")]
    nodes = [{"id": port, "type": "noop", "config": {"output": port}} for port in ("tea", "other")]
    about = {"text": "tea please", "classes": ["tea"], "model": "unavailable"}
    async with DemoModel(interval=0) as demo, running(SERVICES, model_url=demo.base_url) as stack:
        for more, status, port in (
            ({"config": {**about, "backup_model": "demo"}}, "succeeded", "tea"),
            ({"config": about, "on_error": {"strategy": "skip"}}, "partial_succeeded", "other"),
        ):
            kind = {"id": "kind", "type": "intent", **more}
            view, _ = await stack.run({"id": "away", "nodes": [kind, *nodes], "edges": edges})
            ran = {node.node_id for node in view.nodes if node.status == "succeeded"}
            assert (view.status, ran - {"kind"}) == (status, {port})
