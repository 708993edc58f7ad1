"""Every screen by WCAG 2.2 AA, in light English and in dark Chinese; and on a telephone."""

from __future__ import annotations

import asyncio
import json
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
    *("protection", "limits", "storage", "knowledge", "connections", "files"),
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
LIMITED = [
    {
        "id": "call",
        "type": "template",
        "config": {"template": "x"},
        "rate_limit": {"rate": 1, "per": "1h", "wait": False},
    }
]
BY_THE_CLOCK = {"schedules": [{"cron": "30 2 * * *", "timezone": "Asia/Kathmandu"}]}
FAILS = [{"id": "fails", "type": "http_request", "config": {"url": "http://127.0.0.1:1/"}}]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def screens(gateway: Gateway) -> list[str]:
    """The address of every screen, with something on it."""
    run, other = [await gateway.run(chain("asks", NODES, name="Asks")) for _ in range(2)]
    failed = await gateway.run(chain("fails", FAILS), wait=30)
    await gateway.run(chain("talks", TALKS), wait=30, query="Hello")
    await gateway.run(chain("limited", LIMITED, settings=BY_THE_CLOCK), wait=30)
    await gateway.upload("note.txt", b"about tea")
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


async def test_an_inbox_says_whose_workflow_asks(
    chromium: Browser, gateway: Gateway, screens: list[str]
) -> None:
    async with page(chromium, gateway.url) as opened:
        await opened.goto("inbox?workflow_id=asks")
        entry = opened.get_by_role("link", name=re.compile("May this be published")).first
        await entry.get_by_text("asks · asked").wait_for()
        await entry.click()
        pane = opened.get_by_role("article")
        await pane.get_by_role("link", name="asks", exact=True).wait_for()
        # Found by its address alone, as a link in a message has it.
        (waiting, *_) = await gateway.until_waiting("asks", 1)
        await opened.goto(f"inbox?assignee=nobody&review={waiting['review_id']}")
        await pane.get_by_role("link", name="asks", exact=True).click()
        await opened.wait_for_url("**/studio/w/asks")


async def test_the_next_times_are_those_of_the_schedules_own_clock(
    chromium: Browser, gateway: Gateway, screens: list[str]
) -> None:
    (schedule,) = (await gateway.read("schedules", workflow_id="limited"))["items"]
    assert len(schedule["upcoming"]) == 5
    for zone in ("America/New_York", "Asia/Tokyo"):
        async with page(chromium, gateway.url, timezone_id=zone) as opened:
            await opened.goto("operations?tab=schedules")
            row = opened.get_by_role("row").filter(has_text="limited")
            await row.get_by_role("button", name="And then").click()
            times = row.locator("time")
            assert await times.count() == 5
            shown = await times.all_inner_texts()
            assert all(one.endswith(", 02:30:00 GMT+5:45") for one in shown), shown
            instants = await times.evaluate_all("all => all.map((one) => Date.parse(one.dateTime))")
            assert [one / 1000 for one in instants] == schedule["upcoming"]


async def test_how_much_of_a_limit_is_in_use(
    chromium: Browser, gateway: Gateway, screens: list[str]
) -> None:
    async with page(chromium, gateway.url) as opened:
        await opened.goto("operations?tab=limits")
        groups = opened.get_by_role("table", name="Tasks of executor groups")
        await groups.get_by_role("row").filter(has_text="llm").get_by_text("of 64").wait_for()
        calls = opened.get_by_role("table", name="Calls in a time")
        row = calls.get_by_role("row").filter(has_text="limited")
        await row.get_by_text("1 of 1").wait_for()
        await row.get_by_text("1 in 1 h").wait_for()
        await row.get_by_role("link", name="limited").click()
        await opened.wait_for_url("**/studio/w/limited")


async def test_files_are_listed_saved_and_found_in_runs(
    chromium: Browser, gateway: Gateway, screens: list[str]
) -> None:
    inputs = {"document": {"type": "file"}}
    nodes = [{"id": "about", "type": "template", "config": {"template": "{{document.name}}"}}]
    file = await gateway.upload("note.txt", b"about tea")
    run_id = await gateway.run(chain("reads", nodes, inputs=inputs), wait=30, document=file)
    async with page(chromium, gateway.url) as opened:
        await opened.goto("operations?tab=files")
        chosen = {"name": "leaf.txt", "mimeType": "text/plain", "buffer": b"green"}
        await opened.get_by_label("Upload files").set_input_files(chosen)
        first = opened.get_by_role("row").nth(1)
        await first.get_by_text("leaf.txt").wait_for()
        async with opened.expect_download() as saved:
            await first.get_by_role("button", name=re.compile(r"leaf\.txt")).click()
        download = await saved.value
        assert download.suggested_filename == "leaf.txt"
        assert (await download.path()).read_bytes() == b"green"
        row = opened.get_by_role("row").filter(has_text="note.txt").first
        await row.get_by_role("button", name="What stands for it").click()
        assert json.loads(await row.locator("pre").inner_text()) == file
        await row.get_by_role("link", name=re.compile("^Find runs")).click()
        await opened.locator(f'a[href$="/r/{run_id}"]').wait_for()
