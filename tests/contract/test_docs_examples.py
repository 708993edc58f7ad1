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
    module, trial = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    (tmp_path / "my_nodes.py").write_text(module)
    done = subprocess.run(
        [sys.executable, "-c", trial],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
