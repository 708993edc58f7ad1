"""What a page does when its key is refused, its gateway is away, or its workflow is gone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.support.dev_process import Dev, environment_of
from tests.support.studio_browser import page
from tests.support.studio_work import Gateway, chain

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

KEY = "studio-" + "k" * 30
SAVED = re.compile(r"draft · saved \d")
SAID = {"id": "said", "type": "template", "config": {"template": "before"}}
DROP = """() => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File(["id: x"], "x.yaml"));
  return ["dragover", "drop"].map((name) => {
    const event = new DragEvent(name, { bubbles: true, cancelable: true, dataTransfer });
    document.querySelector("main").dispatchEvent(event);
    return event.defaultPrevented;
  });
}"""


async def write(opened: Page, text: str) -> None:
    await opened.locator('[data-address="said"]').click()
    settings = opened.get_by_role("complementary", name="Settings")
    await settings.get_by_label("template", exact=True).fill(text)


async def enter(opened: Page, key: str) -> None:
    await opened.get_by_label("Key", exact=True).fill(key)
    await opened.get_by_role("button", name="Enter").click()


async def test_what_is_written_outlives_a_refused_key(tmp_path: Path, chromium: Browser) -> None:
    environment = {**environment_of(tmp_path), "RUNFOLD_API_KEY": KEY}
    async with Dev(environment) as dev:
        url = dev.url("gateway")
        headers = {"Authorization": f"Bearer {KEY}"}
        async with (
            httpx.AsyncClient(base_url=url, headers=headers) as http,
            page(chromium, url) as opened,
        ):
            gateway = Gateway(http)
            await gateway.draft(chain("guarded", [SAID]))
            await opened.goto("w/guarded")
            await enter(opened, KEY)
            await opened.get_by_text("No problems").wait_for()
            await opened.evaluate("sessionStorage.setItem('runfold.key', 'no longer known')")
            await write(opened, "after")
            await opened.get_by_text("The gateway does not know this key.").wait_for()
            await opened.keyboard.press("Escape")
            await enter(opened, KEY)
            await opened.get_by_text(SAVED).wait_for()
            assert "after" in await gateway.source("guarded")


async def test_a_screen_that_cannot_be_loaded_leaves_the_others(
    chromium: Browser, gateway: Gateway
) -> None:
    async with page(chromium, gateway.url, but="could not be loaded") as opened:
        await opened.goto("operations")
        await opened.get_by_role("heading", name="Operations").wait_for()
        # A screen's files are asked for when its link is pointed at.
        await opened.route("**/assets/**", lambda route: route.abort())
        await opened.get_by_role("link", name="Chat").click()
        await opened.get_by_text("could not be loaded").wait_for()
        assert await opened.get_by_role("link", name="Runs").count() == 1
        await opened.unroute("**/assets/**")
        await opened.get_by_role("button", name="Reload the page").click()
        await opened.get_by_text("could not be loaded").wait_for(state="hidden")
        await (
            opened.get_by_role("link", name="Chat")
            .and_(opened.locator("[aria-current]"))
            .wait_for()
        )


async def test_a_workflow_that_was_deleted_is_stored_anew(
    chromium: Browser, gateway: Gateway
) -> None:
    await gateway.draft(chain("deleted", [SAID]))
    async with page(chromium, gateway.url) as opened:
        await opened.goto("w/deleted")
        await opened.get_by_text("No problems").wait_for()
        async with httpx.AsyncClient(base_url=gateway.url) as http:
            assert (await http.delete("/api/workflows/deleted")).is_success
        await write(opened, "after")
        await opened.get_by_role("button", name="Store it anew").click()
        await opened.get_by_role("button", name="Store it anew").wait_for(state="hidden")
        await write(opened, "once more")
        await opened.get_by_text(SAVED).wait_for()
    assert "once more" in await gateway.source("deleted")


async def test_a_file_takes_no_page_s_place(chromium: Browser, gateway: Gateway) -> None:
    async with page(chromium, gateway.url) as opened:
        await opened.goto("runs")
        await opened.get_by_role("heading", name="Runs").wait_for()
        assert await opened.evaluate(DROP) == [True, True]
