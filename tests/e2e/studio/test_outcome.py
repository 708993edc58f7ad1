"""What the studio is for: from an empty list to a published version, with a mouse."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.dev_process import Dev, environment_of
from tests.support.studio_browser import accessible, browser, page, pictured

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

pytestmark = pytest.mark.slow

SLOWLY = '{"tokens": 120, "interval": 0.04}'
"""How the demo model writes here, so that there is something to watch."""
A_RUN = re.compile(r"/studio/r/[0-9a-f-]+")


@pytest.fixture
async def dev(tmp_path: Path) -> AsyncIterator[Dev]:
    async with Dev(environment_of(tmp_path), "--demo-model") as made:
        yield made


def box(opened: Page, address: str) -> Locator:
    return opened.locator(f'[data-address="{address}"]')


def status(opened: Page, address: str, value: str) -> Locator:
    return opened.locator(f'[data-address="{address}"][data-status="{value}"]')


async def drag_onto_line(opened: Page, kind: str, source: str, target: str) -> None:
    """Take a kind from the palette, and let it go in the middle between two boxes."""
    palette = opened.locator(".editor-palette")
    await palette.get_by_label("Search kinds").fill(kind)
    await opened.get_by_role("button", name="Fit all").click()
    line = opened.get_by_test_id(f"rf__edge-{source} out {target}")
    await line.wait_for(state="attached")
    first, second = await _middle(box(opened, source)), await _middle(box(opened, target))
    pane = opened.locator(".react-flow__pane")
    corner = await pane.bounding_box()
    assert corner is not None
    at = {
        "x": (first[0] + second[0]) / 2 - corner["x"],
        "y": (first[1] + second[1]) / 2 - corner["y"],
    }
    choice = palette.get_by_role("button", name=re.compile(f"^{kind}")).first
    await choice.drag_to(pane, target_position=at, force=True)
    await box(opened, kind).wait_for()


async def _middle(one: Locator) -> tuple[float, float]:
    found = await one.bounding_box()
    assert found is not None
    return found["x"] + found["width"] / 2, found["y"] + found["height"] / 2


async def test_from_an_empty_list_to_a_published_version(dev: Dev) -> None:
    async with browser() as chromium, page(chromium, dev.url("gateway")) as opened:
        await opened.goto(dev.url("studio"))
        await opened.get_by_role("button", name="New workflow").click()
        await opened.get_by_label("Name").fill("Tea note")
        await opened.get_by_role("button", name="Make it").click()
        await opened.wait_for_url("**/studio/w/tea_note")
        await build(opened)
        await pictured(opened, "editor")
        assert await accessible(opened) == []

        await opened.get_by_role("button", name=re.compile("Run$")).click()
        dialog = opened.get_by_role("dialog")
        await dialog.get_by_role("textbox", name="topic").fill("green tea")
        await dialog.get_by_role("button", name="Start").click()
        await opened.wait_for_url(A_RUN)
        await watch(opened)
        first = opened.url
        await answer_the_review(opened)
        await opened.goto(first)
        await status(opened, "end", "succeeded").wait_for()
        await keep_as_a_case(opened)
        await go_back_and_fork(opened, first)
        await publish(opened)


async def build(opened: Page) -> None:
    settings = opened.get_by_role("complementary", name="Settings")
    await drag_onto_line(opened, "llm", "start", "end")
    await box(opened, "llm").click()
    await settings.get_by_label("prompt", exact=True).fill("Write a note about {{topic}}.")
    await settings.get_by_text("More", exact=True).click()
    extra = settings.locator(".field").filter(has_text=re.compile("^extra"))
    await extra.get_by_placeholder("Name").fill("runfold_demo")
    await extra.get_by_role("button", name=re.compile("^Add")).click()
    await extra.get_by_label("runfold_demo: Kind of value").select_option("object")
    await extra.locator(".cm-content").fill(SLOWLY)
    await drag_onto_line(opened, "human_review", "llm", "end")
    await box(opened, "human_review").click()
    await settings.get_by_label("message", exact=True).fill("May this note go out?")
    await settings.get_by_label("review_content", exact=True).fill("{{llm.output}}")
    await opened.get_by_role("button", name="Fit all").click()
    await box(opened, "end").click()
    await settings.get_by_label("answer", exact=True).fill("{{llm.output}}")
    await opened.get_by_text("No problems").wait_for()


async def watch(opened: Page) -> None:
    """Text comes while the model writes; a click shows what went in and came out."""
    await status(opened, "llm", "streaming").wait_for()
    await pictured(opened, "live")
    await status(opened, "human_review", "waiting").wait_for()
    await box(opened, "llm").click()
    inspector = opened.get_by_role("complementary")
    await inspector.get_by_role("button", name="Inputs").click()
    await inspector.get_by_text("Write a note about green tea.").first.wait_for()
    await inspector.get_by_role("button", name="Output").click()
    await inspector.get_by_text("[demo model]").first.wait_for()
    await pictured(opened, "node")
    assert await accessible(opened) == []


async def answer_the_review(opened: Page) -> None:
    await opened.get_by_role("link", name=re.compile("^Inbox")).click()
    await opened.get_by_role("link", name=re.compile("May this note go out")).first.click()
    await opened.get_by_label("Comment").fill("Fine.")
    await pictured(opened, "inbox")
    assert await accessible(opened) == []
    await opened.get_by_role("button", name="Approve").click()
    await opened.get_by_text("It counts").wait_for()


async def keep_as_a_case(opened: Page) -> None:
    await opened.get_by_role("button", name="Test case…").click()
    dialog = opened.get_by_role("dialog")
    await dialog.get_by_label("Name of the case").fill("green")
    await dialog.get_by_role("button", name="Make it").click()
    await dialog.get_by_text("topic: green tea").wait_for()
    await dialog.get_by_role("button", name="Leave it").click()


async def go_back_and_fork(opened: Page, first: str) -> None:
    """The slider shows the run as it was; a fork from there runs with another input."""
    slider = opened.get_by_role("slider", name="Event")
    await slider.focus()
    await slider.press("Home")
    await opened.wait_for_url(re.compile(r"[?&]at=\d+"))
    assert await status(opened, "llm", "succeeded").count() == 0
    await pictured(opened, "past")
    await opened.get_by_role("button", name="Fork here").click()
    dialog = opened.get_by_role("dialog")
    await pictured(opened, "fork")
    await dialog.get_by_role("textbox", name="topic").fill("black tea")
    await pictured(opened, "fork")
    await dialog.get_by_role("button", name="Fork", exact=True).click()
    await opened.wait_for_url(lambda url: A_RUN.search(url) is not None and url != first)
    await status(opened, "human_review", "waiting").wait_for()
    await box(opened, "llm").click()
    inspector = opened.get_by_role("complementary")
    await inspector.get_by_role("button", name="Inputs").click()
    await inspector.get_by_text("Write a note about black tea.").first.wait_for()


async def publish(opened: Page) -> None:
    await opened.get_by_role("link", name="Open in editor").click()
    await opened.get_by_role("button", name="Publish").click()
    await opened.get_by_label("What is new").fill("The first one")
    dialog = opened.get_by_role("dialog")
    await dialog.get_by_role("button", name="Publish").click()
    await opened.get_by_text("Version 1 is published.").wait_for()
