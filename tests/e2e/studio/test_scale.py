"""Large workflows, long logs, quick runs, endless lists. What they cost is printed alone."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.stack import running
from tests.support.studio_browser import WITHIN, log_of, page
from tests.support.studio_cost import Cost
from tests.support.studio_logs import RUN, log_lines, paced_stream, write_log
from tests.support.studio_work import Gateway

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page, Route

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

RATE = 1_000
SECONDS = int(os.environ.get("RUNFOLD_STUDIO_SECONDS", "10"))
LOG = 50_000
LIST, PAGE = 100_000, 2_000
"""Runs, and how many an answer has: more than the page asks for, so that there are fewer."""


def wide(size: int) -> dict[str, Any]:
    """A workflow of so many nodes: rows of twenty beside each other."""
    names = [f"n{place}" for place in range(size)]
    nodes = [{"id": name, "type": "template", "config": {"template": name}} for name in names]
    edges = [
        {"source": names[place - 20] if place >= 20 else "start", "target": name}
        for place, name in enumerate(names)
    ]
    start = {"id": "start", "type": "start"}
    return {"id": f"wide_{size}", "nodes": [start, *nodes], "edges": edges}


async def drawn(opened: Page, box: str = "start") -> None:
    """Wait for boxes that are drawn where they stand."""
    await opened.locator(f'.react-flow__node [data-address="{box}"]').wait_for()


@pytest.mark.parametrize("size", [500, 1_000, 5_000])
async def test_a_large_workflow_in_the_editor_and_as_a_run(
    chromium: Browser, gateway: Gateway, size: int
) -> None:
    definition = wide(size)
    await gateway.draft(definition)
    async with page(chromium, gateway.url) as opened:
        async with Cost(opened, f"editor, {size:,} nodes, opening"):
            await opened.goto(f"w/{definition['id']}")
            await drawn(opened)
        boxes = opened.locator(".react-flow__node")
        assert 0 < await boxes.count() < 250
        async with Cost(opened, f"editor, {size:,} nodes, 20 pans"):
            await pan(opened, 20)
        assert 0 < await boxes.count() < 250
        await opened.get_by_text("All nodes").click()
        await opened.locator(".outline li").last.wait_for()
        assert await opened.locator(".outline li").count() == size + 1
        if size == 5_000:
            return
        run_id = await gateway.run(definition, wait=50)
        async with Cost(opened, f"run, {size:,} nodes, opening"):
            await opened.goto(f"r/{run_id}")
            await drawn(opened)
        await opened.locator('[data-address="start"][data-status="succeeded"]').wait_for()
        async with Cost(opened, f"run, {size:,} nodes, 20 pans"):
            await pan(opened, 20)


async def pan(opened: Page, steps: int) -> None:
    """Drag the canvas to and fro."""
    pane = await opened.locator(".react-flow__pane").bounding_box()
    assert pane is not None
    x, y = pane["x"] + pane["width"] / 2, pane["y"] + 12
    await opened.mouse.move(x, y)
    await opened.mouse.down()
    for step in range(steps):
        await opened.mouse.move(x - 4 * (step % 25), y + 2 * (step % 25))
    await opened.mouse.up()


async def test_a_long_log_from_a_file(chromium: Browser, gateway: Gateway, tmp_path: Path) -> None:
    file = tmp_path / "long.jsonl"
    file.write_bytes(b"".join(line + b"\n" for line in log_lines(LOG)))
    async with page(chromium, gateway.url) as opened:
        await opened.goto("log")
        choose = opened.locator("input[type=file]")
        await choose.wait_for(state="attached")
        slider = opened.get_by_role("slider", name="Event")
        async with Cost(opened, f"log of {LOG:,} events, opening"):
            await choose.set_input_files(file)
            await slider.wait_for()
        await slider.focus()
        async with Cost(opened, f"log of {LOG:,} events, 50 steps of the slider"):
            for _ in range(50):
                await slider.press("ArrowLeft")
        await opened.get_by_text(f"{LOG - 50:,} / {LOG:,}").wait_for()
        await slider.press("Home")
        await opened.get_by_text(f"1 / {LOG:,}").wait_for()
        await opened.get_by_role("tab", name="Events").click()
        await opened.get_by_text(f"{LOG:,} of {LOG:,}").wait_for()
        assert await opened.locator(".log-rows li").count() < 100


async def test_a_long_log_from_a_gateway(chromium: Browser) -> None:
    async with running(("projection", "gateway")) as stack:
        await write_log(stack.bus, LOG)
        async with page(chromium, stack.gateway) as opened:
            await opened.goto("inbox")
            async with Cost(opened, f"run of {LOG:,} events from a gateway, opening"):
                began = time.monotonic()
                await opened.goto(f"r/{RUN}", wait_until="commit")
                await drawn(opened, "each")
                first = time.monotonic() - began
                await opened.get_by_text(f"{LOG:,} / {LOG:,}").wait_for()
                whole = time.monotonic() - began
            print(f"  drawn after {first * 1e3:,.0f} ms, whole after {whole * 1e3:,.0f} ms")
            slider = opened.get_by_role("slider", name="Event")
            await slider.focus()
            async with Cost(opened, f"run of {LOG:,} events from a gateway, 50 steps"):
                for _ in range(50):
                    await slider.press("ArrowLeft")
            # Events that the page has let go by now: it asks for them again.
            await slider.press("Home")
            await opened.get_by_text(f"1 / {LOG:,}").wait_for()
            await opened.locator('[data-address="each"]').get_by_text("pending").wait_for()
            await opened.goto(f"r/{RUN}?at=20000")
            await opened.get_by_text(f"20,000 / {LOG:,}").wait_for()
            await opened.locator(".pager").get_by_text("5,000 / 5,000").wait_for()


async def test_a_thousand_events_a_second(chromium: Browser, gateway: Gateway) -> None:
    lines = list(log_lines(RATE * SECONDS + 2))
    seqs = [json.loads(line)["seq"] for line in lines]
    first, later = lines[:2], lines[2:]
    async with paced_stream(later, RATE) as source, page(chromium, gateway.url) as opened:

        async def log(route: Route) -> None:
            query = parse_qs(urlsplit(route.request.url).query)
            asked = first
            if "after" in query:
                begin = next(
                    place for place, seq in enumerate(seqs) if seq > int(query["after"][0])
                )
                asked = lines[begin : begin + int(query["limit"][0])]
            await route.fulfill(
                body=b"\n".join(asked).decode(), content_type="application/x-ndjson"
            )

        await opened.route(f"**/api/runs/{RUN}/events*", log)
        await opened.route(f"**/api/runs/{RUN}/stream*", lambda route: route.continue_(url=source))
        await opened.goto("inbox")
        async with Cost(opened, f"{RATE:,} events/s for {SECONDS} s"):
            await opened.goto(f"r/{RUN}?tab=events")
            whole = opened.get_by_text(f"{len(lines):,} / {len(lines):,}")
            await whole.wait_for(timeout=WITHIN + SECONDS * 1_000)
        assert await log_of(opened) == [json.loads(line) for line in lines]


async def test_a_list_of_a_hundred_thousand_runs(chromium: Browser, gateway: Gateway) -> None:
    asked: list[int] = []

    async def runs(route: Route) -> None:
        query = dict(part.split("=") for part in route.request.url.partition("?")[2].split("&"))
        first = int(query.get("cursor") or 0)
        asked.append(first)
        items = [summary(row) for row in range(first, first + PAGE)]
        more = str(first + PAGE) if first + PAGE < LIST else None
        await route.fulfill(
            json={"items": items, "next_cursor": more, "counts": {"succeeded": LIST}}
        )

    async with page(chromium, gateway.url) as opened:
        await opened.route("**/api/runs?*", runs)
        await opened.goto("runs")
        rows = opened.locator(".run-table tbody tr[aria-rowindex]")
        await rows.first.wait_for()
        async with Cost(opened, f"list of {LIST:,} runs, to its end") as cost:
            scroller = await opened.locator(".runs .scroller").element_handle()
            await opened.evaluate(TO_THE_END, [scroller, f"run-{LIST - 1}"])
            await opened.get_by_text(f"run-{LIST - 1}", exact=True).wait_for()
        assert max(asked) == LIST - PAGE
        assert await rows.count() < 100
        assert cost.heap_grew < 30_000_000


TO_THE_END = """async ([scroller, last]) => {
  while (!scroller.textContent.includes(last)) {
    scroller.scrollTop = scroller.scrollHeight;
    await new Promise((done) => setTimeout(done, 10));
  }
}"""
"""Scrolls until the last row is there: how long an answer takes is the machine's affair."""


def summary(row: int) -> dict[str, Any]:
    """A run as the list has it."""
    return {
        "run_id": f"run-{row}",
        "workflow_id": "many",
        "version": "1",
        "status": "succeeded",
        "started_at": 1_790_000_000 - row,
        "finished_at": 1_790_000_001 - row,
        "usage": {"total_tokens": row},
        "labels": {},
        "error": None,
        "error_node": "",
        "pause_reason": "",
        "parked": False,
        "origin": None,
    }
