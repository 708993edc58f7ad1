"""Files of other systems in the studio: told apart, and drawn as their authors drew them."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.support import n8n_documents as n
from tests.support.studio_browser import accessible, page

if TYPE_CHECKING:
    from playwright.async_api import Browser, FloatRect, Page

    from tests.support.studio_work import Gateway

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

FLOW = n.flow(
    n.node("Go", "manualTrigger", position=[0, 0]),
    n.node("Batches", "splitInBatches", 3, position=[220, 0]),
    n.node("Each", "noOp", position=[440, 120]),
    n.node("Done", "noOp", position=[440, -200]),
    n.node(
        "Note",
        "stickyNote",
        position=[400, -240],
        parameters={"content": "Tell the customer", "width": 200, "height": 180, "color": 4},
    ),
    links="Go > Batches\nBatches > Done\nBatches.1 > Each\nEach > Batches",
    name="Drawn there",
)


async def box(opened: Page, selector: str) -> FloatRect:
    found = await opened.locator(selector).first.bounding_box()
    assert found is not None, selector
    return found


async def test_a_zip_is_told_file_by_file_and_drawn_as_it_was(
    chromium: Browser, gateway: Gateway
) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("flow.json", json.dumps(FLOW))
        archive.writestr("broken.json", "[")
        archive.writestr("README.md", "# Read")
    file = {"name": "all.zip", "mimeType": "application/zip", "buffer": made.getvalue()}
    async with page(chromium, gateway.url) as opened:
        await opened.goto("")
        await opened.locator('input[type="file"]').set_input_files(file)  # type: ignore[arg-type]
        dialog = opened.get_by_role("dialog", name="Import")
        await dialog.get_by_text("all/broken.json could not be read:").wait_for()
        await dialog.get_by_text("1 file of the zip is no workflow").click()
        await dialog.get_by_text("README.md").wait_for()
        assert await accessible(opened) == []
        await dialog.get_by_role("button", name="Store as a draft and open it").click()
        await opened.wait_for_url("**/w/Drawn_there")
        note = opened.locator(".note")
        await note.wait_for()
        assert await note.get_by_label("Note", exact=True).input_value() == "Tell the customer"
        first, done = (
            await box(opened, '[data-address="Go"]'),
            await box(opened, '[data-address="Done"]'),
        )
        each, around = await box(opened, '[data-address$="/Each"]'), await box(opened, ".note")
    assert first["x"] + first["width"] < each["x"]
    assert done["y"] + done["height"] < each["y"]
    assert around["x"] < done["x"]
    assert around["y"] < done["y"] < around["y"] + around["height"]
