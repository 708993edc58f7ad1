"""Every screen by WCAG 2.2 AA, in light English and in dark Chinese; and on a telephone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.support.studio_browser import accessible, page, pictured
from tests.support.studio_work import Gateway, chain, writer

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

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


@pytest.mark.parametrize(("locale", "scheme"), [("en-GB", "light"), ("zh-CN", "dark")])
async def test_no_screen_is_in_anybody_s_way(
    chromium: Browser, gateway: Gateway, screens: list[str], locale: str, scheme: str
) -> None:
    found = {}
    async with page(chromium, gateway.url, locale=locale, color_scheme=scheme) as opened:
        for screen in screens:
            await opened.goto(screen)
            await shown(opened, screen)
            await pictured(opened, re.sub(r"\W+", "-", f"{scheme}-{screen}"))
            if problems := await accessible(opened):
                found[screen] = problems
    assert found == {}


async def test_on_a_telephone(chromium: Browser, gateway: Gateway, screens: list[str]) -> None:
    narrow = {"width": 360, "height": 640}
    async with page(chromium, gateway.url, viewport=narrow) as opened:
        for screen in screens:
            if screen.startswith(("w/", "diff/")):
                continue
            await opened.goto(screen)
            await opened.wait_for_function(READY)
            await pictured(opened, re.sub(r"\W+", "-", f"narrow-{screen}"))
            width = await opened.evaluate("document.documentElement.scrollWidth")
            assert width <= narrow["width"], screen
        await opened.goto("inbox")
        await opened.get_by_role("link", name=re.compile("May this be published")).first.click()
        await opened.get_by_label("Comment").fill("Fine.")
        await opened.get_by_role("button", name="Approve").click()
        await opened.get_by_text("It counts").wait_for()
