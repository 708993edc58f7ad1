"""Editing beyond the outcome: outputs that are pinned, moves that are taken back."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.studio_browser import accessible, page, pictured
from tests.support.studio_work import Gateway, chain, writer

if TYPE_CHECKING:
    from playwright.async_api import Browser, Locator, Page

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

MISSPELT = """\
id: misspelt
nodes:  # two of them
  - {id: first, type: template, config: {tmplate: first}}
  - {id: second, type: template, config: {template: "{{first.otput}}"}}
"""
SAVED = re.compile(r"draft · saved \d")
PINNING: list[dict[str, Any]] = [
    {**writer("write", "Write about {{topic}}.", tokens=5, interval=0.001)},
    {"id": "loud", "type": "template", "config": {"template": "{{write.output | upper}}!"}},
    {"id": "end", "type": "end", "config": {"outputs": {"text": "{{loud.output}}"}}},
]


def box(opened: Page, address: str) -> Locator:
    return opened.locator(f'[data-address="{address}"]')


def settings_of(opened: Page) -> Locator:
    return opened.get_by_role("complementary", name="Settings")


async def test_an_output_is_pinned_and_tested_with(
    chromium: Browser, gateway: Gateway, tmp_path: Path
) -> None:
    inputs = {"topic": {"type": "string", "required": True}}
    run = await gateway.run(chain("pins", PINNING, inputs=inputs), wait=30, topic="tea")
    before = await gateway.source("pins")
    async with page(chromium, gateway.url) as opened:
        await opened.goto(f"r/{run}?node=write")
        await opened.get_by_role("button", name="Output").click()
        await opened.get_by_role("link", name="Pin output").click()
        dialog = opened.get_by_role("dialog", name="Pin the output of write")
        await dialog.get_by_role("button", name="Pin output").wait_for()
        assert await accessible(opened) == []
        await pictured(opened, "pin")
        await dialog.get_by_role("button", name="Pin output").click()
        await box(opened, "write").get_by_text("pinned").wait_for()
        await opened.get_by_text(SAVED).wait_for()
        assert "panel" not in opened.url

        pins = settings_of(opened).get_by_role("region", name="Pinned outputs")
        await pins.locator(".cm-content").fill('{"outputs": {"output": "green tea"}}')
        await try_with_the_pin(opened)
        await opened.get_by_text("No problems").wait_for()
        await opened.get_by_text(SAVED).wait_for()
        await holds(await gateway.source("pins"), tmp_path)

        await settings_of(opened).get_by_role("tab", name="Try").click()
        await pin_what_was_tried(opened)
        await opened.get_by_text(SAVED).wait_for()
        await holds(await gateway.source("pins"), tmp_path)

        undo = opened.get_by_role("button", name="↶ Undo")
        while await undo.is_enabled():
            await undo.click()
        await box(opened, "write").get_by_text("pinned").wait_for(state="detached")
        await opened.get_by_text(SAVED).wait_for()
        assert await gateway.source("pins") == before


async def test_moves_are_taken_back_in_their_order(chromium: Browser, gateway: Gateway) -> None:
    nodes = [{"id": name, "type": "template", "config": {"template": name}} for name in "ab"]
    await gateway.draft(chain("moves", nodes))
    before = await gateway.source("moves")
    async with page(chromium, gateway.url) as opened:
        await opened.goto("w/moves")
        await opened.get_by_text("No problems").wait_for()
        home = await box(opened, "b").bounding_box()
        async with saved(opened, "layout"):
            await drag(opened, "b", 60, 90)
        moved = (await gateway.read("workflows/moves/layout"))["nodes"]
        async with saved(opened, "moves?"):
            await settings_of(opened).get_by_label("template", exact=True).fill("other")
        async with saved(opened, "layout"):
            await drag(opened, "b", 0, 80)
        async with saved(opened, "layout"):
            await opened.keyboard.press("Control+z")
        assert (await gateway.read("workflows/moves/layout"))["nodes"] == moved
        assert "other" in await gateway.source("moves")
        async with saved(opened, "moves?"):
            await opened.keyboard.press("Control+z")
        assert await gateway.source("moves") == before
        async with saved(opened, "layout"):
            await opened.keyboard.press("Control+z")
        assert (await gateway.read("workflows/moves/layout"))["nodes"] == {}
        assert await box(opened, "b").bounding_box() == home
        async with saved(opened, "layout"):
            await opened.keyboard.press("Control+y")
        assert (await gateway.read("workflows/moves/layout"))["nodes"] == moved


@asynccontextmanager
async def saved(opened: Page, what: str) -> AsyncIterator[None]:
    """What is done meanwhile is saved when it ends."""
    async with opened.expect_response(
        lambda answer: answer.request.method == "PUT" and what in answer.url
    ):
        yield


async def drag(opened: Page, address: str, right: float, down: float) -> None:
    """Select a box and take it somewhere else."""
    place = await box(opened, address).bounding_box()
    assert place is not None
    x, y = place["x"] + 40, place["y"] + 20
    await opened.mouse.move(x, y)
    await opened.mouse.down()
    for step in range(1, 6):
        await opened.mouse.move(x + right * step / 5, y + down * step / 5)
    await opened.mouse.up()


async def test_a_name_that_was_meant_is_written_by_a_click(
    chromium: Browser, gateway: Gateway
) -> None:
    await gateway.draft(MISSPELT)
    async with page(chromium, gateway.url) as opened:
        await opened.goto("w/misspelt")
        await opened.get_by_text("Problems: 3").click()
        assert await accessible(opened) == []
        await opened.get_by_role("button", name="Use first.output").click()
        await opened.get_by_text("Problems: 2").wait_for()
        await opened.get_by_role("button", name="Use template", exact=True).click()
        await opened.get_by_text("No problems").wait_for()
        await opened.get_by_text(SAVED).wait_for()
        mended = MISSPELT.replace("otput", "output").replace("tmplate: first", "template: first")
        assert await gateway.source("misspelt") == mended
        async with saved(opened, "misspelt?"):
            await opened.get_by_role("button", name="↶ Undo").click()
        await opened.get_by_text("Problems: 2").wait_for()


async def try_with_the_pin(opened: Page) -> None:
    """What is pinned of one node is what a trial of another reads."""
    await box(opened, "loud").click()
    settings = settings_of(opened)
    await settings.get_by_role("tab", name="Try").click()
    await settings.get_by_text("Filled in from what is pinned: write").wait_for()
    await settings.get_by_role("button", name="Run this node").click()
    await settings.get_by_text("GREEN TEA!").wait_for()


async def pin_what_was_tried(opened: Page) -> None:
    settings = settings_of(opened)
    await settings.get_by_role("button", name="Pin output").click()
    dialog = opened.get_by_role("dialog", name="Pin the output of loud")
    await dialog.get_by_role("button", name="Pin output").click()
    await box(opened, "loud").get_by_text("pinned").wait_for()
    await settings.get_by_role("button", name="Pin output").click()
    await dialog.get_by_text("has a reply in this case already").wait_for()
    await dialog.get_by_role("button", name="Cancel").click()


async def holds(source: str, folder: Path) -> None:
    """`runfold test` holds for the draft as it is stored."""
    file = folder / "pins.yaml"
    file.write_text(source)
    command = (sys.executable, "-m", "runfold", "test", str(file))
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe)
    said, complained = await process.communicate()
    assert process.returncode == 0, (said, complained)
    assert b"passed" in said
