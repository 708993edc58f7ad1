"""What keeps the house easy to see: no circle among modules, and modules of a readable size."""

from __future__ import annotations

import re
import tomllib
from graphlib import TopologicalSorter
from pathlib import Path
from statistics import median

import grimp

ROOT = Path(__file__).parents[2]
MEDIAN, MOST = 120, 450
"""Lines of a module."""
UNPLAIN = re.compile(r"\b(?:whoever|whatever|nobody)\b", re.IGNORECASE)


def modules() -> dict[Path, str]:
    found = [path for top in ("shared", "services") for path in (ROOT / top).rglob("*.py")]
    return {path.relative_to(ROOT): path.read_text() for path in found}


def test_no_module_imports_itself_by_way_of_others() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    graph = grimp.build_graph(*settings["tool"]["importlinter"]["root_packages"])
    imports = {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}
    assert len(imports) > 400
    TopologicalSorter(imports).prepare()  # raises CycleError, which names the modules


def test_modules_are_of_a_readable_size() -> None:
    lines = {path: text.count("\n") for path, text in modules().items() if text}
    assert median(lines.values()) <= MEDIAN
    assert not {path: count for path, count in lines.items() if count > MOST}


def test_sentences_say_who_or_what_is_meant() -> None:
    assert not {path: found for path, text in modules().items() if (found := UNPLAIN.findall(text))}
