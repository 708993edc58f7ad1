"""The workflows of the guide on control flow, and those of the pages of its nodes, run for real."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tests.support.stack import Stack, running

DOCS = Path(__file__).parents[2] / "docs"
GUIDE = DOCS / "guides" / "control-the-flow.md"
NODES = ("aggregate", "assign", "batch", "break", "continue", "iteration", "join", "loop")
NODES += ("parallel", "sub_workflow")

EXPECTED: dict[str, Any] = {
    "until_good": {
        "text": "First words about tea." + " More about tea." * 3,
        "rounds": 3,
    },
    "sources": {
        "found": {"web": "from the web", "archive": "from the archive"},
        "missing": {},
    },
    "fastest": {"winner": ["quick"]},
    "parts": {"texts": ["Hello, Ada.", "Hello, Grace."]},
}
OF_PAGES: dict[str, Any] = {
    "aggregate": {"output": "long tea"},
    "assign": {"seen": ["tea"], "total": 1},
    "batch": ["page 1 of batch 0", "page 2 of batch 0", "page 3 of batch 1"],
    "break": ("break", 4),
    "continue": ["1", None, "3"],
    "iteration": ["0: tea", "1: milk", "2: jam"],
    "join": 1,
    "loop": ("limit", 5),
    "parallel": {"web": "web results", "news": "news results"},
    "sub_workflow": {"receipt": "paid 12"},
}


def documents(path: Path) -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", path.read_text(), re.DOTALL)


async def test_the_guides_workflows_come_to_what_it_says() -> None:
    found = {}
    async with running() as here:
        for source in documents(GUIDE):
            view, _ = await here.run(source)
            assert view.status == "succeeded", view.error
            found[view.workflow_id] = view.outputs
    assert found == EXPECTED


async def test_the_pages_examples_run() -> None:
    async with running() as here:
        for name in NODES:
            outputs = await _of_page(here, name)
            expected = OF_PAGES[name]
            match name:
                case "batch":
                    assert outputs["results"][:3] == expected
                    assert (outputs["batches"], outputs["success_rate"]) == (3, 1.0)
                case "break" | "loop":
                    assert (outputs["reason"], outputs["count"]) == expected
                case "iteration" | "continue":
                    assert outputs["output"] == expected
                case "join":
                    assert len(outputs["arrived"]) >= expected
                case "parallel":
                    assert outputs["successful"] == expected
                case "aggregate":
                    assert outputs == expected
                case _:
                    assert {key: outputs[key] for key in expected} == expected


async def _of_page(here: Stack, name: str) -> dict[str, Any]:
    """Runs a page's example; the outputs of the node that the page is about."""
    (source,) = documents(DOCS / "reference" / "nodes" / f"{name}.md")
    if not source.startswith("id:"):
        indented = "\n".join(f"  {line}" for line in source.splitlines())
        source = f"id: {name}_page\ninputs: {{}}\nnodes:\n{indented}\n"
    inputs = {"x": "tea"} if name == "aggregate" else {}
    view, _ = await here.run(source, inputs)
    assert view.status == "succeeded", view.error
    kind = "loop" if name == "break" else "iteration" if name == "continue" else name
    return next(node.outputs for node in view.nodes if node.type == kind and not node.scope)
