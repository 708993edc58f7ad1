"""Small documents of Dify, Coze and n8n, imported and run: what must come out of each.

Each folder of samples has an `expected.json` with its cases; `why` names the rule of the source
system that a case is about.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from runfold.importers.table import IMPORTERS
from tests.support.import_cases import CaseRunner, case_runner
from tests.support.stack import running

pytestmark = pytest.mark.asyncio(loop_scope="module")

FORMATS = {importer.format for importer in IMPORTERS}
SAMPLES = Path(__file__).parents[1] / "samples" / "import"


def cases() -> list[Any]:
    found = []
    for folder in sorted(SAMPLES.iterdir()):
        if folder.name not in FORMATS:
            continue
        for case in json.loads((folder / "expected.json").read_text())["cases"]:
            name = f"{folder.name}-{case['file']}-{case.get('name', '')}"
            found.append(pytest.param(folder, case, id=name.replace(" ", "_")))
    return found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def runner() -> AsyncIterator[CaseRunner]:
    async with AsyncExitStack() as stack:
        yield await case_runner(stack, running)


@pytest.mark.parametrize(("folder", "case"), cases())
async def test_a_sample_gives_what_it_gave(
    runner: CaseRunner, folder: Path, case: dict[str, Any]
) -> None:
    await runner.run(folder, case)
