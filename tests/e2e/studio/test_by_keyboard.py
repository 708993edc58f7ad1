"""The editor without a mouse, and where the focus goes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.support.studio_browser import page
from tests.support.studio_work import Gateway

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

DRAFT = """\
id: by_keyboard
nodes:
  - {id: start, type: start}
  - {id: step-1, type: template, config: {template: one}}   # the first
  - {id: step-2, type: template, config: {template: "{{step-1.output}}"}}
  - {id: end, type: end, config: {answer: "{{step-2.output}}"}}
"""
SAVED = re.compile(r"draft · saved \d")


async def focused(opened: Page) -> str:
    """The words on what has the focus."""
    return str(await opened.evaluate("document.activeElement.innerText.trim()"))


async def test_nodes_are_moved_connected_and_renamed(chromium: Browser, gateway: Gateway) -> None:
    await gateway.draft(DRAFT)
    async with page(chromium, gateway.url) as opened:
        await opened.goto("w/by_keyboard")
        box = opened.locator('.react-flow__node[data-id="step-1"]')
        await box.focus()
        await opened.keyboard.press("Enter")
        await opened.get_by_role("complementary", name="Settings").get_by_label("Id").wait_for()
        async with opened.expect_response(re.compile(r"/layout$")):
            for _ in range(4):
                await opened.keyboard.press("ArrowDown")
        places = (await gateway.read("workflows/by_keyboard/layout"))["nodes"]
        assert places["step-1"]["y"] - places["step-2"]["y"] == 20

        await opened.get_by_role("button", name="Add a node after start out").focus()
        await opened.keyboard.press("Enter")
        choice = opened.get_by_label("Connect to a node that is there")
        assert await choice.locator("option").all_inner_texts() == [
            "Connect to a node that is there…",
            "step-2",
            "end",
        ]
        await choice.select_option("step-2")
        await opened.get_by_role("button", name="Connect", exact=True).press("Enter")
        await opened.locator('[data-id="start out step-2"]').wait_for(state="attached")
        assert await focused(opened) == "+"

        await box.focus()
        await opened.keyboard.press("Enter")
        await opened.get_by_label("Id").and_(opened.locator("[value=step-1]")).fill("first-step")
        await opened.get_by_label("Id").press("Enter")
        await opened.locator('[data-address="first-step"]').wait_for()
        await opened.get_by_text(SAVED).wait_for()
    edges = "start step-2 | start first-step | first-step step-2 | step-2 end"
    source = await gateway.source("by_keyboard")
    assert "{id: first-step, type: template, config: {template: one}}   # the first" in source
    assert "{{first-step.output}}" in source
    written = {tuple(one) for one in re.findall(r"source: ([\w-]+), target: ([\w-]+)", source)}
    assert written == {tuple(one.split()) for one in edges.split(" | ")}


async def test_a_dialog_keeps_keys_and_gives_the_focus_back(
    chromium: Browser, gateway: Gateway
) -> None:
    await gateway.draft(DRAFT.replace("by_keyboard", "by_dialog"))
    async with page(chromium, gateway.url) as opened:
        await opened.goto("w/by_dialog")
        await opened.locator('[data-address="step-1"]').click()
        versions = opened.get_by_role("button", name="Versions")
        await versions.press("Enter")
        await opened.get_by_role("dialog").get_by_role("button", name="Close").press("Enter")
        await opened.get_by_role("dialog").wait_for(state="hidden")
        assert await focused(opened) == "Versions"

        publish = opened.get_by_role("button", name="Publish", exact=True)
        await publish.press("Enter")
        await opened.get_by_role("dialog").get_by_role("button", name="Publish").press("Enter")
        await opened.get_by_text("Version 1 is published.").wait_for()
        await opened.evaluate("document.activeElement.blur()")
        await opened.keyboard.press("Escape")
        await opened.get_by_role("dialog").wait_for(state="hidden")
        assert await opened.locator('[data-address="step-1"][data-selected]').count() == 1
