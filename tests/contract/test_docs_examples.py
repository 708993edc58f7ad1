"""The programs in the guides, run as they are printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

GUIDES = Path(__file__).parents[2] / "docs" / "guides"


@pytest.mark.parametrize(("guide", "trials"), [("add-a-node-kind", 4), ("add-a-hook", 1)])
def test_adding_one_of_your_own_works_as_told(guide: str, trials: int, tmp_path: Path) -> None:
    text = (GUIDES / f"{guide}.md").read_text()
    found = []
    for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        name = re.match(r"# (\w+\.py)\n", block)
        if name is None:
            found.append(block)
        else:
            (tmp_path / name[1]).write_text(block)
    assert len(found) == trials
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(found)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
