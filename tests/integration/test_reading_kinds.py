"""The workflows on the pages of the kinds that read what a model says, run on the demo model."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from runfold.graph.catalog.documents import kind_document
from runfold.model_servers.demo.server import DemoModel
from runfold.values.types import matches
from tests.support.stack import EVERYTHING, running

PAGES = Path(__file__).parents[2] / "docs" / "reference" / "nodes"
OUTPUTS: dict[str, dict[str, Any]] = {
    "structured": {"title": "The Book of Tea", "pages": 94},
    "embed": {"second_is_nearer": True, "dimensions": 64},
    "rerank": {
        "first": "Tea",
        "order": [{"index": 1, "score": 0.52}, {"index": 2, "score": 0.15}],
    },
    "intent": {"class": "refund", "reply": "money back: I want my money back"},
}
"""What the workflow of each page comes to."""


async def test_the_pages_workflows_come_to_what_they_say() -> None:
    async with DemoModel(interval=0) as demo, running(EVERYTHING, model_url=demo.base_url) as stack:
        for kind, outputs in OUTPUTS.items():
            (block,) = re.findall(
                r"```yaml\n(.*?)```", (PAGES / f"{kind}.md").read_text(), re.DOTALL
            )
            view, _ = await stack.run(yaml.safe_load(block))
            assert view.status == "succeeded", view.error
            assert view.outputs == outputs
            (node,) = [node for node in view.nodes if node.type == kind]
            assert node.usage is not None
            assert node.usage.total_tokens > 0
            types = {one.name: one.type for one in kind_document(kind).outputs.items}
            for name, value in node.outputs.items():
                assert matches(value, types[name]), (kind, name)
