"""A page that loses its run, and has all of it again: reload, a lost connection, a restart."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.support.dev_process import Dev, environment_of
from tests.support.proxy import Proxy
from tests.support.studio_browser import log_of, page
from tests.support.studio_work import Gateway, chain, gateway_at, writer

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

END = {"id": "end", "type": "end"}


async def streaming(opened: Page, node: str) -> None:
    await opened.locator(f'[data-address="{node}"][data-status="streaming"]').wait_for()


async def whole(opened: Page, gateway: Gateway, run_id: str, *nodes: str) -> None:
    """Hold the page's log and text against the gateway's."""
    await opened.locator('[data-address="end"][data-status="succeeded"]').wait_for()
    assert await log_of(opened) == await gateway.log(run_id)
    for node in nodes:
        output = (await gateway.read(f"runs/{run_id}/nodes/{node}"))["outputs"]["output"]
        section = opened.locator(".written section").filter(has_text=node).last
        assert await section.locator("pre").text_content() == output


async def test_reload_and_a_lost_connection(chromium: Browser, gateway: Gateway) -> None:
    run_id = await gateway.run(chain("comes_back", [writer("first"), writer("second"), END]))
    async with (
        Proxy(urlsplit(gateway.url).port or 0) as way,
        page(chromium, way.url.replace("nats:", "http:")) as opened,
    ):
        await opened.goto(f"r/{run_id}?tab=text")
        await streaming(opened, "first")
        await opened.reload()
        await streaming(opened, "first")
        # Being offline ends no connection that is open.
        await opened.context.set_offline(True)
        way.cut()
        await opened.get_by_text("connection lost, coming back").wait_for()
        way.heal()
        await opened.context.set_offline(False)
        await opened.get_by_text("live", exact=True).wait_for()
        await whole(opened, gateway, run_id, "first", "second")


async def test_a_restart_of_all_services(tmp_path: Path, chromium: Browser) -> None:
    # Too little for the node that writes to come to its end.
    environment = {**environment_of(tmp_path), "RUNFOLD_GRACE": "0.5"}
    async with AsyncExitStack() as before:
        dev = await before.enter_async_context(Dev(environment, "--demo-model"))
        url = dev.url("gateway")
        same = ("--port", port_of(dev, "NATS"), "--gateway-port", port_of(dev, "gateway"))
        async with gateway_at(url) as gateway, page(chromium, url) as opened:
            run_id = await gateway.run(chain("goes_on", [writer("first"), END]))
            await opened.goto(f"r/{run_id}?tab=text")
            await streaming(opened, "first")
            await before.aclose()
            await opened.get_by_text("connection lost, coming back").wait_for()
            async with Dev(environment, "--demo-model", *same):
                # The run may end before the page tries again: that it is live is not always seen.
                await whole(opened, gateway, run_id, "first")


def port_of(dev: Dev, what: str) -> str:
    return str(urlsplit(dev.url(what)).port)
