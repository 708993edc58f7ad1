"""The programs in the guides, run as they are printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

GUIDES = Path(__file__).parents[2] / "docs" / "guides"


@pytest.mark.parametrize(
    ("guide", "module_name"), [("add-a-node-kind", "my_nodes"), ("add-a-hook", "my_hooks")]
)
def test_adding_one_of_your_own_works_as_told(guide: str, module_name: str, tmp_path: Path) -> None:
    text = (GUIDES / f"{guide}.md").read_text()
    module, trial = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    (tmp_path / f"{module_name}.py").write_text(module)
    done = subprocess.run(
        [sys.executable, "-c", trial],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
