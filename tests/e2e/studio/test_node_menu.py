"""What is done from a node of a run by its menu, and from the slider; and two runs compared."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
import pytest_asyncio

from tests.support.studio_browser import accessible, page, pictured
from tests.support.studio_work import Gateway

if TYPE_CHECKING:
    from playwright.async_api import Browser, Locator, Page

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

ENDED = re.compile("succeeded|failed")


def template(name: str, text: str) -> dict[str, Any]:
    return {"id": name, "type": "template", "config": {"template": text}}


LOUD = {
    "inputs": {"text": "string"},
    "nodes": [template("shout", "{{text}}!"), {"id": "end", "type": "end"}],
}
NODES = [
    template("first", "about {{topic}}"),
    {
        "id": "each",
        "type": "iteration",
        "config": {"items": ["a", "b"], "nodes": [template("say", "{{item}} {{topic}}")]},
    },
    {
        "id": "pick",
        "type": "condition",
        "config": {"condition": {"left": "{{topic}}", "operator": "equals", "right": "tea"}},
    },
    template("yes", "yes"),
    template("no", "no"),
    {
        "id": "loud",
        "type": "sub_workflow",
        "config": {"workflow": "loud", "inputs": {"text": "{{first.output}}"}},
    },
    {"id": "end", "type": "end", "config": {"outputs": {"all": "{{each.output}}"}}},
]
EDGES = [
    {"source": "first", "target": "each"},
    {"source": "each", "target": "pick"},
    {"source": "pick", "target": "yes", "port": "true"},
    {"source": "pick", "target": "no", "port": "false"},
    {"source": "yes", "target": "loud"},
    {"source": "no", "target": "loud"},
    {"source": "loud", "target": "end"},
]
FLOW = {
    "id": "menus",
    "inputs": {"topic": "string"},
    "workflows": {"loud": LOUD},
    "nodes": NODES,
    "edges": EDGES,
}
MOODY = {
    **FLOW,
    "inputs": {"topic": "string", "mood": {"type": "string", "required": True}},
    "nodes": [*NODES[:4], template("no", "no, {{mood}}"), *NODES[5:], template("more", "{{mood}}")],
    "edges": [*EDGES, {"source": "first", "target": "more"}],
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def run(gateway: Gateway) -> str:
    """A run that has ended, of the first version of a workflow that has two."""
    run_id = await gateway.run(FLOW, wait=30, topic="tea")
    await gateway.run(MOODY, wait=30, topic="coffee", mood="calm")
    return run_id


def box(opened: Page, address: str) -> Locator:
    return opened.locator(f'.react-flow__node[data-id="{address}"]')


async def items(opened: Page) -> list[str]:
    await opened.get_by_role("menu").wait_for()
    return await opened.get_by_role("menuitem").all_inner_texts()


async def focused(opened: Page, attribute: str) -> str | None:
    found: str | None = await opened.evaluate(
        "(name) => document.activeElement.getAttribute(name)", attribute
    )
    return found


async def successor(opened: Page, gateway: Gateway, of: str) -> dict[str, Any]:
    """The run that a dialog began, once it has ended."""
    await opened.wait_for_url(lambda url: "/r/" in url and of not in url)
    await opened.locator(".run-head").get_by_role("status").filter(has_text=ENDED).wait_for()
    found: dict[str, Any] = await gateway.read(f"runs/{urlsplit(opened.url).path.split('/')[-1]}")
    return found


@pytest.mark.parametrize(
    ("locale", "name", "refusal"),
    [
        ("en-GB", "Menu of no", "It was never ready to run."),
        ("zh-CN", "no 的菜单", "它从未就绪。"),
    ],
)
async def test_a_menu_is_opened_and_left_by_keyboard(
    chromium: Browser, gateway: Gateway, run: str, locale: str, name: str, refusal: str
) -> None:
    async with page(chromium, gateway.url, locale=locale) as opened:
        await opened.goto(f"r/{run}")
        button = opened.get_by_role("button", name=name, exact=True)
        await button.focus()
        await opened.keyboard.press("Enter")
        menu = opened.get_by_role("menu", name=name)
        await menu.wait_for()
        assert await button.get_attribute("aria-expanded") == "true"
        assert refusal in (await items(opened))[2]
        assert await accessible(opened) == []
        await pictured(opened, f"menu-{locale}")
        await opened.keyboard.press("ArrowUp")
        await opened.keyboard.press("Escape")
        await menu.wait_for(state="detached")
        assert await focused(opened, "aria-label") == name
        # The box itself has it as well.
        for key in ("Shift+F10", "ContextMenu"):
            await box(opened, "first").focus()
            await opened.keyboard.press(key)
            await opened.get_by_role("menu").wait_for()
            await opened.keyboard.press("Escape")
            await opened.get_by_role("menu").wait_for(state="detached")
            assert await focused(opened, "data-id") == "first"


async def test_a_link_is_to_a_node_at_an_event(
    chromium: Browser, gateway: Gateway, run: str
) -> None:
    log = await gateway.log(run)
    seq = log[len(log) // 2]["seq"]
    async with page(chromium, gateway.url) as opened:
        await opened.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await opened.goto(f"r/{run}?at={seq}")
        await box(opened, "each/say").click(button="right")
        await opened.get_by_role("menuitem", name="Copy a link").click()
        await opened.get_by_role("status").filter(has_text="copied").wait_for()
        link = await opened.evaluate("navigator.clipboard.readText()")
        asked = parse_qs(urlsplit(link).query)
        assert asked == {"at": [str(seq)], "node": ["each[1]/say"]}
        await opened.goto(link)
        panel = opened.get_by_role("complementary", name="Node")
        await panel.get_by_text("each[1]/say").first.wait_for()
        # In a run that goes on, or at an event before it, a node says what it cannot do.
        await opened.goto(f"r/{run}?at={log[0]['seq']}")
        await box(opened, "loud").click(button="right")
        assert "At this event the run had not come to it." in (await items(opened))[2]
        await opened.get_by_role("menuitem", name="Inspect").click()
        await opened.get_by_role("complementary", name="Node").wait_for()
        assert await focused(opened, "id") == "run-inspector"


async def test_where_a_page_may_not_copy_the_link_is_shown(
    chromium: Browser, gateway: Gateway, run: str
) -> None:
    async with page(chromium, gateway.url) as opened:
        refuse = "navigator.clipboard.writeText = () => Promise.reject(new Error('not here'))"
        await opened.context.add_init_script(refuse)
        await opened.goto(f"r/{run}")
        await box(opened, "first").click(button="right")
        await opened.get_by_role("menuitem", name="Copy a link").click()
        link = await opened.get_by_role("dialog").get_by_role("textbox").input_value()
        assert link.endswith("&node=first")


async def test_a_run_goes_on_from_a_node_of_an_item(
    chromium: Browser, gateway: Gateway, run: str
) -> None:
    async with page(chromium, gateway.url) as opened:
        await opened.goto(f"r/{run}")
        await box(opened, "each/say").click(button="right")
        await opened.get_by_role("menuitem", name="Run again").click()
        dialog = opened.get_by_role("dialog")
        assert await dialog.get_by_label("From").input_value() == "each[1]/say"
        await dialog.get_by_role("button", name="Run again").click()
        again = await successor(opened, gateway, run)
        assert (again["origin"]["kind"], again["origin"]["from_node"]) == ("retry", "each[1]/say")
        # A fork from there keeps the items before it, and nothing of this one.
        await opened.goto(f"r/{run}")
        await box(opened, "each/say").click(button="right")
        await opened.get_by_role("menuitem", name="Fork from").click()
        await dialog.get_by_label("topic").fill("coffee")
        await dialog.get_by_role("button", name="Fork", exact=True).click()
        forked = await successor(opened, gateway, run)
        assert forked["outputs"] == {"all": ["a tea", "b coffee"]}


async def test_the_slider_forks_at_the_event_it_shows(
    chromium: Browser, gateway: Gateway, run: str
) -> None:
    log = await gateway.log(run)
    at = next(one["seq"] for one in log if one["type"] == "loop_succeeded")
    async with page(chromium, gateway.url) as opened:
        await opened.goto(f"r/{run}?at={at}")
        fork = opened.get_by_role("button", name="Fork here")
        dialog = opened.get_by_role("dialog")
        for step, seq in (("One event back", at - 1), ("One event on", at)):
            await opened.get_by_role("button", name=step).click()
            await opened.locator(".playbar").get_by_text(f"seq {seq}").wait_for()
            await fork.click()
            await dialog.get_by_text(f"up to sequence {seq}.").wait_for()
            await dialog.get_by_role("button", name="Leave it").click()
        await fork.click()
        version = dialog.get_by_label("Version")
        await version.select_option("2")
        # The newer version asks for what the run was never given.
        await dialog.get_by_label("mood").fill("wild")
        await dialog.get_by_label("topic").fill("")
        assert await accessible(opened) == []
        await pictured(opened, "fork-newer")
        await dialog.get_by_role("button", name="Fork", exact=True).click()
        forked = await successor(opened, gateway, run)
        assert (forked["version"], forked["origin"]["at"]) == ("2", at)
        assert forked["inputs"] == {"topic": "", "mood": "wild"}
        assert forked["outputs"] == {"all": ["a tea", "b tea"]}
        # What the API refuses is said as it says it.
        await opened.goto(f"r/{run}")
        await opened.get_by_role("button", name="Retry…").click()
        await dialog.get_by_label("Version").select_option("newest")
        assert await dialog.get_by_role("button", name="Run again").is_disabled()
        await dialog.get_by_role("button", name="Leave it").click()
        await box(opened, "first").click(button="right")
        await opened.get_by_role("menuitem", name="Run again").click()
        await dialog.get_by_label("Version").select_option("newest")
        await dialog.get_by_role("button", name="Run again").click()
        alert = dialog.get_by_role("alert")
        await alert.get_by_text("run.inputs_invalid").wait_for()
        await alert.get_by_text("missing: mood").wait_for()


async def test_a_node_is_tried_with_what_a_run_had(
    chromium: Browser, gateway: Gateway, run: str
) -> None:
    async with page(chromium, gateway.url) as opened:
        await opened.goto(f"r/{run}")
        await box(opened, "each/say").click(button="right")
        await opened.get_by_role("menuitem", name="Try it alone").click()
        await opened.wait_for_url("**/w/menus?**")
        settings = opened.get_by_role("complementary", name="Settings")
        assert await settings.get_by_label("Where it is in that run").input_value() == "each[1]/say"
        await settings.get_by_role("button", name="Run this node").click()
        await settings.get_by_text("b tea").wait_for()
        assert await accessible(opened) == []
        # In a workflow that a node calls; and the node that calls it, without a run.
        await opened.goto(f"w/menus?panel=try&node=loud[0]/shout&run={run}")
        await box(opened, "shout").and_(opened.locator(".selected")).wait_for()
        await settings.get_by_role("button", name="Run this node").click()
        await settings.get_by_text("about tea!").wait_for()
        await opened.goto("w/menus?panel=try&node=loud")
        await settings.locator(".cm-content").click()
        await opened.keyboard.press("Control+a")
        await opened.keyboard.press("Delete")
        await opened.keyboard.insert_text('{"first": {"output": "hi"}}')
        await settings.get_by_role("button", name="Run this node").click()
        await settings.get_by_text("hi!").wait_for()


async def test_two_runs_of_different_versions(
    chromium: Browser, gateway: Gateway, run: str
) -> None:
    runs = (await gateway.read("runs", workflow_id="menus", version="2"))["items"]
    newer = runs[-1]["run_id"]
    async with page(chromium, gateway.url) as opened:
        await opened.goto(f"diff/{run}/{newer}?node=no")
        await opened.get_by_text("They ran different definitions.").wait_for()
        await opened.locator('[data-address="no"][data-mark="changed"]').wait_for()
        await opened.locator('[data-address="more"][data-mark="added"]').wait_for()
        panel = opened.get_by_role("complementary", name="Node")
        written = panel.get_by_role("region", name="In the definitions")
        await written.get_by_text("no, {{mood}}").wait_for()
        await panel.get_by_text("skipped").wait_for()
        assert await accessible(opened) == []
        await pictured(opened, "diff-versions")
        await opened.get_by_role("link", name="Swap").click()
        await opened.locator('[data-address="more"][data-mark="removed"]').wait_for()
        assert opened.url.endswith("node=no")
        await panel.get_by_role("link", name="Left").click()
        await opened.wait_for_url(f"**/r/{newer}?node=no")


async def test_a_log_from_a_file_can_only_be_looked_at(
    chromium: Browser, gateway: Gateway, run: str
) -> None:
    lines = "\n".join(json.dumps(one) for one in await gateway.log(run))
    async with page(chromium, gateway.url) as opened:
        await opened.goto("log")
        log = {"name": "a.jsonl", "mimeType": "application/x-ndjson", "buffer": lines.encode()}
        await opened.locator("input[type=file]").set_input_files(files=[log])
        await box(opened, "first").click(button="right")
        await opened.get_by_role("menu").wait_for()
        refused = opened.get_by_role("menuitem", disabled=True)
        assert await refused.count() == 4
        assert all("A log from a file" in text for text in await refused.all_inner_texts())
