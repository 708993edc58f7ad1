"""What the studio's tests share: one `runfold dev`, and one browser."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.support.dev_process import Dev, environment_of
from tests.support.studio_browser import browser
from tests.support.studio_work import Gateway, gateway_at

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Browser

GUIDE = "docs/guides/add-a-node-kind.md"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def studio(
    tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> AsyncIterator[Dev]:
    """`runfold dev` with a node kind of its user's own, the guide's first."""
    folder: Path = tmp_path_factory.mktemp("studio")
    blocks = re.findall(
        r"```python\n# (\w+\.py)\n(.*?)```", (pytestconfig.rootpath / GUIDE).read_text(), re.DOTALL
    )
    name, module = blocks[0]
    (folder / name).write_text(module)
    environment = environment_of(folder)
    environment["RUNFOLD_NODE_MODULES"] = name.removesuffix(".py")
    paths = (str(folder), environment.get("PYTHONPATH", ""))
    environment["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)
    async with Dev(environment, "--demo-model") as made:
        yield made


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def gateway(studio: Dev) -> AsyncIterator[Gateway]:
    """The gateway's API."""
    async with gateway_at(studio.url("gateway")) as made:
        yield made


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """A browser, whose pages have profiles of their own."""
    async with browser() as made:
        yield made
