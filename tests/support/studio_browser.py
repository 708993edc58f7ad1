"""The studio in a real browser: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
REQUIRE = "RUNFOLD_REQUIRE_BROWSER"
AXE = Path(__file__).parents[2] / ("services/runfold_studio/web/node_modules/axe-core/axe.min.js")
WITHIN = 20_000
"""Milliseconds within which what is waited for is there, on a machine that does much else."""
PICTURES = "RUNFOLD_STUDIO_PICTURES"
"""A folder for pictures of the journeys, for people to look at; the docs have some of them."""
LOOK = "async (values) => (await axe.run({runOnly: {type: 'tag', values}})).violations"
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """A browser; without one the test is skipped, and fails where one is required."""
    try:
        from playwright.async_api import async_playwright
    except ImportError:
        _absent('pip install -e ".[studio]"')
    if not AXE.exists():
        _absent("`npm ci` in services/runfold_studio/web")
    if CHROMIUM is None:
        _absent("a chromium on the path")
    async with async_playwright() as playwright:
        made = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        try:
            yield made
        finally:
            await made.close()


def _absent(what: str) -> None:
    if os.environ.get(REQUIRE) == "1":
        pytest.fail(f"the studio's tests need {what}")
    pytest.skip(f"needs {what}")


@asynccontextmanager
async def page(
    made: Browser, url: str, *, but: str | None = None, **options: Any
) -> AsyncIterator[Page]:
    """A page of a browser profile of its own; what its console complains of fails the test.

    Args:
        made: The browser.
        url: The gateway's; addresses of the page count from its `/studio/`.
        but: What it may complain of, where something is to fail.
        options: Of the browser's context: `color_scheme`, `locale`, `viewport`.
    """
    given = {"locale": "en-GB", "viewport": {"width": 1280, "height": 800}, **options}
    context = await made.new_context(base_url=f"{url}/studio/", **given)
    context.set_default_timeout(WITHIN)
    complaints: list[str] = []
    opened = await context.new_page()
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on(
        "console",
        lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None,
    )
    try:
        yield opened
        unexpected = [said for said in complaints if not _expected(said)]
        assert [said for said in unexpected if but is None or but not in said] == []
    finally:
        await context.close()


def _expected(said: str) -> bool:
    """Browsers log each answer that is no success; the page shows those itself."""
    return said.startswith("Failed to load resource")


async def accessible(opened: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA on the page as it is now, as `rule: element`."""
    # Not by a script element: the page's policy lets none through.
    session = await opened.context.new_cdp_session(opened)
    await session.send("Runtime.evaluate", {"expression": AXE.read_text()})
    found = await opened.evaluate(LOOK, list(RULES))
    return [f"{one['id']}: {node['target']}" for one in found for node in one["nodes"]]


async def pictured(opened: Page, name: str) -> None:
    """Keep a picture of the page as it is now, where a folder for them is named."""
    if folder := os.environ.get(PICTURES):
        await opened.screenshot(path=Path(folder) / f"{name}.png")


async def log_of(opened: Page) -> list[dict[str, Any]]:
    """The events that the page of a run holds, as it saves them."""
    async with opened.expect_download() as saved:
        await opened.get_by_role("button", name="Save the log").click()
    path = await (await saved.value).path()
    return [json.loads(line) for line in path.read_text().splitlines()]
