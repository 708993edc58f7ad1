"""The code in the guide to models runs as it is printed."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from pathlib import Path

import pytest

GUIDE = Path("docs/guides/models.md").read_text("utf-8")
SAMPLES = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
LOCAL = pytest.mark.skipif(
    not os.environ.get("RUNFOLD_LOCAL_MODEL"), reason="set RUNFOLD_LOCAL_MODEL=1 to run it"
)


async def printed(code: str) -> str:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    return out.decode()


async def test_the_demo_model() -> None:
    assert (await printed(SAMPLES[0])).startswith("[demo model] ")


@LOCAL
async def test_the_local_model() -> None:
    assert len((await printed(SAMPLES[1])).split()) > 3
