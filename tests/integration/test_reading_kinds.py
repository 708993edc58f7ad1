"""The workflows on the pages of the kinds that read what a model says, run on the demo model."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import yaml

from runfold.bus.uploads import store_file
from runfold.graph.catalog.documents import kind_document
from runfold.model_servers.demo.server import DemoModel
from runfold.values.types import matches
from tests.support.stack import EVERYTHING, running

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
        "text": "[demo model] This is canned text: the demo model sees no image_url, and there "
        "were 1. Set OPENAI_API_KEY and OPENAI_BASE_URL to ask a model that does.",
        "name": "scan.png",
    },
    "extract": {"name": "Ann", "size": 38, "missing": ["colour"]},
    "intent": {"class": "refund", "reply": "money back: I want my money back"},
}
"""What the workflow of each page comes to."""


async def pieces() -> AsyncIterator[bytes]:
    yield PNG


async def test_the_pages_workflows_come_to_what_they_say() -> None:
    async with DemoModel(interval=0) as demo, running(EVERYTHING, model_url=demo.base_url) as stack:
        scan = await store_file(stack.bus.files, pieces(), name="scan.png", limit=100)
        for kind, outputs in OUTPUTS.items():
            (block,) = re.findall(
                r"```yaml\n(.*?)```", (PAGES / f"{kind}.md").read_text(), re.DOTALL
            )
            workflow = yaml.safe_load(block)
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
