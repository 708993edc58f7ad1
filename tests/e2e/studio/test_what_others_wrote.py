"""What is wrong, unknown, endless or hostile: it is shown, kept as it is, and does nothing."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from tests.support.studio_browser import page
from tests.support.studio_work import Gateway, chain

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, Page

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

SCRIPT = "<script>document.title = 'taken'</script><img src=x onerror=\"alert('taken')\">"
LINKS = (
    "[press](javascript:alert('taken')) [page](data:text/html,taken) [fine](https://example.com/)"
)
TURNED = "invoice\u202egpj.exe"
HOSTILE = f"{SCRIPT} {LINKS} {TURNED}"
WORD = "w" * 1_000_000
TELL = """addEventListener("securitypolicyviolation", (one) =>
  told(`${one.violatedDirective} ${one.sourceFile}:${one.lineNumber} ${one.sample}`));
"""
LARGE = 10_000_000
NEW_KIND = """\
# What comes from elsewhere.
id: from_elsewhere
name:   'Kept'      # as it is
nodes:
  - {id: start, type: start}
  - id: reads
    type: telepathy
    config: {whose:   [ann,bob],  depth: 0x10}   # nobody here knows it
  - id: said
    type: template
    config: {template: "before"}
"""
SHARED = """\
id: shared
nodes:
  - {id: start, type: start}
  - {id: a, type: template, config: {template: a}}

  # Bob's
  - {id: b, type: template, config: {template: b}}
"""
BROKEN = """\
id: broken
name: Broken
nodes:
  - {id: said, type: template, config: {template: "{{said.output}}"}"""


@asynccontextmanager
async def guarded(chromium: Browser, gateway: Gateway) -> AsyncIterator[Page]:
    """A page on which no dialog opens, and whose policy meets nothing to refuse."""
    told: list[str] = []

    def tell(what: str) -> None:
        told.append(what)

    async with page(chromium, gateway.url) as opened:
        await opened.context.expose_function("told", tell)
        await opened.context.add_init_script(TELL)
        opened.on("dialog", lambda dialog: told.append(dialog.message))
        yield opened
        assert told == []


async def harmless(opened: Page) -> None:
    """Nothing of a text became an element, an address or a turn of the line."""
    assert await opened.title() != "taken"
    assert await opened.locator("script:not([src]), img[src=x]").count() == 0
    addresses = await opened.locator("[href], [src]").evaluate_all(
        "all => all.map((one) => one.href ?? one.src)"
    )
    assert [one for one in addresses if re.match(r"(?i)\s*(javascript|data:text)", one)] == []
    assert "\u202e" not in await opened.locator("body").inner_text()


async def test_hostile_texts_do_nothing(chromium: Browser, gateway: Gateway) -> None:
    review = {"message": HOSTILE, "review_content": "{{given}}"}
    nodes = [
        {"id": "said", "name": HOSTILE, "type": "template", "config": {"template": "{{given}}"}},
        {
            "id": "word",
            "name": WORD[:10_000],
            "type": "template",
            "config": {"template": "{{long}}"},
        },
        {"id": "asked", "name": HOSTILE, "type": "human_review", "config": review},
    ]
    definition = chain("hostile", nodes, name=HOSTILE, description=HOSTILE)
    run_id = await gateway.run(definition, given=f"{LINKS}\n\n{HOSTILE}", long=WORD)
    failing = {
        "id": "failing",
        "type": "http_request",
        "config": {"url": f"http://{TURNED}.invalid/"},
    }
    failed = await gateway.run(chain("failing", [failing]), wait=30)
    async with guarded(chromium, gateway) as opened:
        await opened.goto("")
        await opened.get_by_role("link", name=re.compile("taken")).first.wait_for()
        await harmless(opened)
        await opened.goto("w/hostile?node=said")
        await opened.locator('[data-address="said"]').click()
        await opened.get_by_text("All nodes").click()
        await harmless(opened)
        await opened.goto(f"r/{run_id}?node=said")
        await opened.get_by_role("button", name="Output").click()
        await opened.get_by_text("Markdown").click()
        await opened.get_by_role("link", name="fine").first.wait_for()
        await harmless(opened)
        await opened.goto(f"r/{run_id}?node=word&tab=events")
        await opened.get_by_role("button", name="Output").click()
        await opened.get_by_role("button", name=re.compile("976.6 KiB")).wait_for()
        await harmless(opened)
        await opened.goto(f"r/{failed}?node=failing&tab=timeline")
        await opened.locator('[data-status="failed"]').wait_for()
        await harmless(opened)
        await opened.goto("runs")
        await opened.get_by_role("link", name=re.compile("failing")).first.wait_for()
        await harmless(opened)
        await opened.goto("inbox")
        await opened.get_by_role("link", name=re.compile("taken")).first.click()
        await opened.get_by_text("Markdown").click()
        await opened.get_by_role("link", name="fine").first.wait_for()
        await harmless(opened)
        await opened.get_by_role("button", name="Approve").click()
        await opened.get_by_text("It counts").wait_for()


async def test_hostile_names_of_files_and_keys_do_nothing(
    chromium: Browser, gateway: Gateway
) -> None:
    for number, name in enumerate((f"{SCRIPT}.txt", f"{TURNED}.txt", f"{WORD[:10_000]}.txt")):
        await gateway.upload(name, b"bytes %d" % number)
    settings = {"concurrency": {"key": HOSTILE, "limit": 1}}
    limit = {"rate": 1, "per": "1h", "key": HOSTILE}
    nodes = [
        {"id": "call", "type": "template", "config": {"template": "x"}, "rate_limit": limit},
        {"id": "asked", "type": "human_review", "config": {"message": "Well?"}},
    ]
    await gateway.run(chain("hostile_keys", nodes, settings=settings))
    await gateway.until_waiting("hostile_keys", 1)
    async with guarded(chromium, gateway) as opened:
        await opened.goto("operations?tab=limits")
        for table in ("Runs with one concurrency key", "Calls in a time"):
            rows = opened.get_by_role("table", name=table).get_by_role("row")
            await rows.filter(has_text="hostile_keys").get_by_text("taken").wait_for()
        await harmless(opened)
        await opened.goto("operations?tab=files")
        await opened.get_by_text("invoicegpj.exe.txt").wait_for()
        for fold in await opened.get_by_role("button", name="What stands for it").all():
            await fold.click()
        await harmless(opened)
        width = await opened.evaluate("document.documentElement.scrollWidth")
        assert width <= 1280, "a long name is cut"
        await opened.goto("inbox?workflow_id=hostile_keys")
        await opened.get_by_text("hostile_keys · asked").wait_for()
        await harmless(opened)


async def test_a_large_output_is_cut_and_saved_whole(chromium: Browser, gateway: Gateway) -> None:
    nodes = [{"id": "said", "type": "template", "config": {"template": "{{given}}"}}]
    text = "0123456789" * (LARGE // 10)
    run_id = await gateway.run(chain("large", nodes), wait=60, given=text)
    async with guarded(chromium, gateway) as opened:
        await opened.goto(f"r/{run_id}?node=said")
        await opened.get_by_role("button", name="Output").click()
        shown = opened.get_by_role("complementary").locator("pre").first
        assert len(await shown.inner_text()) < 25_000
        async with opened.expect_download() as saved:
            await opened.get_by_role("button", name=re.compile("9.5 MiB")).click()
        assert (await (await saved.value).path()).read_text() == text


async def test_a_broken_draft_is_mended_in_its_source(chromium: Browser, gateway: Gateway) -> None:
    await gateway.draft({"id": "broken", "nodes": []})
    await gateway.draft(BROKEN, of="broken")
    async with guarded(chromium, gateway) as opened:
        await opened.goto("w/broken")
        await opened.get_by_text("The text cannot be read").wait_for()
        source = opened.locator(".editor-source .cm-content")
        await source.click()
        await opened.keyboard.press("Control+End")
        await opened.keyboard.press("}")
        await opened.get_by_text("The text cannot be read").wait_for(state="hidden")
        await opened.get_by_text("Problems: 1").click()
        await opened.get_by_role("button", name=re.compile("before it can have a value")).click()
        settings = opened.get_by_role("complementary", name="Settings")
        await settings.get_by_label("template", exact=True).fill("hello")
        await opened.get_by_text("No problems").wait_for()
        await opened.get_by_text(re.compile(r"draft · saved \d")).wait_for()
    mended = BROKEN.replace('"{{said.output}}"', "hello") + "}"
    assert await gateway.source("broken") == mended


async def test_an_unknown_kind_is_shown_and_kept(chromium: Browser, gateway: Gateway) -> None:
    await gateway.draft(NEW_KIND)
    async with guarded(chromium, gateway) as opened:
        await opened.goto("w/from_elsewhere")
        await opened.locator('[data-address="reads"]').get_by_text("telepathy").wait_for()
        await opened.locator('[data-address="said"]').click()
        settings = opened.get_by_role("complementary", name="Settings")
        await settings.get_by_label("template", exact=True).fill("after")
        await opened.get_by_text(re.compile(r"draft · saved \d")).wait_for()
    assert await gateway.source("from_elsewhere") == NEW_KIND.replace('"before"', "after")


async def test_a_kind_of_one_s_own_has_its_form(chromium: Browser, gateway: Gateway) -> None:
    await gateway.draft({"id": "loud", "nodes": [{"id": "start", "type": "start"}]})
    async with guarded(chromium, gateway) as opened:
        await opened.goto("w/loud")
        await opened.locator('[data-address="start"]').click()
        palette = opened.locator(".editor-palette")
        await palette.get_by_label("Search kinds").fill("shout")
        await palette.get_by_role("button", name=re.compile("^shout")).click()
        await opened.locator('[data-address="shout"]').click()
        settings = opened.get_by_role("complementary", name="Settings")
        await settings.get_by_label("text", exact=True).fill("tea")
        await settings.get_by_label("times", exact=True).fill("2")
        await opened.get_by_text("No problems").wait_for()
        await opened.get_by_text(re.compile(r"draft · saved \d")).wait_for()
    (_, shout) = (await gateway.read("workflows/loud/versions/draft"))["definition"]["nodes"]
    assert (shout["type"], shout["config"]) == ("shout", {"text": "tea", "times": 2})


async def test_two_pages_with_one_draft(chromium: Browser, gateway: Gateway) -> None:
    await gateway.draft(SHARED)
    async with guarded(chromium, gateway) as ann, guarded(chromium, gateway) as bob:
        for opened in (ann, bob):
            await opened.goto("w/shared")
            await opened.get_by_text("No problems").wait_for()
        await write(ann, "a", "by Ann")
        await ann.get_by_text(re.compile(r"draft · saved \d")).wait_for()
        await write(bob, "b", "by Bob")
        await bob.get_by_text("changed elsewhere").wait_for()
        assert "by Bob" not in await gateway.source("shared")
        await bob.get_by_role("button", name="Solve").click()
        await bob.get_by_text("Both changes fit together").wait_for()
        await bob.get_by_role("button", name="Use the right side").click()
        await bob.get_by_text(re.compile(r"draft · saved \d")).wait_for()
        source = await gateway.source("shared")
        assert "by Ann" in source
        assert "by Bob" in source


async def write(opened: Page, node: str, text: str) -> None:
    await opened.locator(f'[data-address="{node}"]').click()
    settings = opened.get_by_role("complementary", name="Settings")
    await settings.get_by_label("template", exact=True).fill(text)
