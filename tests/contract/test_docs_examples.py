"""The programs in the guides, run as they are printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

GUIDES = Path(__file__).parents[2] / "docs" / "guides"


def test_adding_a_node_kind_works_as_told(tmp_path: Path) -> None:
    text = (GUIDES / "add-a-node-kind.md").read_text()
    trials = []
    for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        name = re.match(r"# (\w+\.py)\n", block)
        if name is None:
            trials.append(block)
        else:
            (tmp_path / name[1]).write_text(block)
    assert len(trials) == 2
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(trials)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
