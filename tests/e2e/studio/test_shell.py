"""The studio as somebody finds it who opens it for the first time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.dev_process import Dev, environment_of
from tests.support.studio_browser import accessible, browser, page

pytestmark = pytest.mark.slow

KEY = "studio-" + "k" * 30


@pytest.fixture
async def dev(tmp_path: Path) -> AsyncIterator[Dev]:
    async with Dev(environment_of(tmp_path), "--demo-model") as made:
        yield made


async def test_the_address_that_dev_prints_shows_ready_workflows(dev: Dev) -> None:
    async with browser() as chromium, page(chromium, dev.url("gateway")) as opened:
        await opened.goto(dev.url("studio"))
        await opened.get_by_role("heading", name="Content pipeline").wait_for()
        await opened.get_by_role("button", name="Use Content pipeline").click()
        await opened.wait_for_url("**/studio/w/content_generation")
        await opened.get_by_role("link", name="Workflows").click()
        await opened.get_by_role("link", name="Content pipeline").wait_for()


async def test_in_both_languages_and_both_themes_nothing_is_in_anybody_s_way(dev: Dev) -> None:
    async with browser() as chromium:
        for locale, scheme, title in (("en-GB", "light", "Workflows"), ("zh-CN", "dark", "工作流")):
            options = {"locale": locale, "color_scheme": scheme}
            async with page(chromium, dev.url("gateway"), **options) as opened:
                await opened.goto("")
                await opened.get_by_role("heading", name=title, exact=True).wait_for()
                assert await accessible(opened) == []


async def test_a_gateway_with_a_key_asks_for_it_and_the_tab_keeps_it(tmp_path: Path) -> None:
    environment = {**environment_of(tmp_path), "RUNFOLD_API_KEY": KEY}
    async with (
        Dev(environment) as dev,
        browser() as chromium,
        page(chromium, dev.url("gateway")) as opened,
    ):
        await opened.goto("")
        await opened.get_by_label("Key", exact=True).fill("wrong-" + KEY)
        await opened.get_by_role("button", name="Enter").click()
        await opened.get_by_text("The gateway does not know this key.").wait_for()
        await opened.get_by_label("Key", exact=True).fill(KEY)
        await opened.get_by_role("button", name="Enter").click()
        await opened.get_by_role("heading", name="Content pipeline").wait_for()
        await opened.reload()
        await opened.get_by_role("heading", name="Content pipeline").wait_for()
        assert KEY not in await opened.evaluate("JSON.stringify([localStorage, document.cookie])")
