"""Every screen by WCAG 2.2 AA, in light English and in dark Chinese; and on a telephone."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from tests.support.studio_browser import accessible, page, pictured
from tests.support.studio_work import Gateway, chain, writer

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

TELEPHONE = {"width": 360, "height": 640}
WITH_CANVAS = ("w/", "diff/")
"""Where a canvas is what there is to see: from tablets on."""
OPERATIONS = (
    *("queues", "schedulers", "dead", "schedules", "triggers"),
    *("protection", "storage", "knowledge", "connections", "files"),
)
ASKS = {"message": "May this be published?", "review_content": "{{note.output}}"}
NODES = [
    writer("note", tokens=20, interval=0.001),
    {"id": "asked", "type": "human_review", "name": "Ask", "config": ASKS},
    {"id": "end", "type": "end", "config": {"answer": "{{note.output}}"}},
]
TALKS = [{"id": "say", "type": "answer", "config": {"answer": "You said: {{query}}"}}]
READY = """() => document.querySelector("h1, h2, form, .empty, .problem") !== null
  && [...document.querySelectorAll("[role=status]")].every((one) => !one.innerText.includes("…"))"""
"""What is being loaded says so, with dots at its end."""
FAILS = [{"id": "fails", "type": "http_request", "config": {"url": "http://127.0.0.1:1/"}}]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def screens(gateway: Gateway) -> list[str]:
    """The address of every screen, with something on it."""
    run, other = [await gateway.run(chain("asks", NODES, name="Asks")) for _ in range(2)]
    failed = await gateway.run(chain("fails", FAILS), wait=30)
    await gateway.run(chain("talks", TALKS), wait=30, query="Hello")
    waiting = await gateway.until_waiting("asks", 2)
    return [
        *("", "w/asks?node=asked", "runs", "runs?view=failures"),
        *(f"r/{run}?node=asked&tab={tab}" for tab in ("timeline", "events", "text", "family")),
        f"r/{run}?at=1",
        f"r/{failed}?node=fails",
        *(f"diff/{run}/{other}", "log", f"inbox?review={waiting[0]['review_id']}"),
        *("chat", "embed/talks", "no/such/screen"),
        *(f"operations?tab={tab}" for tab in OPERATIONS),
    ]


async def shown(opened: Page, screen: str) -> None:
    """Wait until nothing is being loaded any more, and boxes are drawn where there are some."""
    await opened.wait_for_function(READY)
    if screen.startswith(("w/", "r/", "diff/")):
        await opened.locator(".react-flow__node:visible").first.wait_for()


async def test_no_screen_is_in_anybody_s_way(
    chromium: Browser, gateway: Gateway, screens: list[str]
) -> None:
    light = problems(chromium, gateway, screens, locale="en-GB", color_scheme="light")
    dark = problems(chromium, gateway, screens, locale="zh-CN", color_scheme="dark")
    assert await asyncio.gather(light, dark) == [[], []]


async def problems(
    chromium: Browser, gateway: Gateway, screens: list[str], **options: Any
) -> list[str]:
    """What stands in somebody's way, and which screens are too wide for a telephone."""
    found = []
    async with page(chromium, gateway.url, **options) as opened:
        wide = opened.viewport_size
        assert wide is not None
        for screen in screens:
            await opened.set_viewport_size(wide)
            await opened.goto(screen)
            await shown(opened, screen)
            name = re.sub(r"\W+", "-", f"{options['color_scheme']}-{screen}")
            await pictured(opened, name)
            found += [f"{screen}: {problem}" for problem in await accessible(opened)]
            if not screen.startswith(WITH_CANVAS):
                await opened.set_viewport_size(TELEPHONE)
                width = await opened.evaluate("document.documentElement.scrollWidth")
                found += [f"{screen}: {width} pixels wide"] * (width > TELEPHONE["width"])
                await pictured(opened, f"{name}-narrow")
    return found


async def test_a_review_is_answered_on_a_telephone(
    chromium: Browser, gateway: Gateway, screens: list[str]
) -> None:
    async with page(chromium, gateway.url, viewport=TELEPHONE) as opened:
        await opened.goto("inbox")
        await opened.get_by_role("link", name=re.compile("May this be published")).first.click()
        await opened.get_by_label("Comment").fill("Fine.")
        await opened.get_by_role("button", name="Approve").click()
        await opened.get_by_text("It counts").wait_for()
